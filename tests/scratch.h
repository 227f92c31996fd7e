/* scratch.h: a folder of its own for each test of a ledger in a file, and processes that share it.
 *
 * SPDX-License-Identifier: MIT
 *
 * scratch_setup and scratch_teardown are a cmocka test's: its state is the folder, below $TMPDIR or /tmp.
 * cmocka's assertions jump back to cmocka, so a child must not use them: it has MUST, and its parent asserts
 * that child_end answered 0.
 */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tokenquota.h"

#define scratch_test(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int scratch_setup(void **state);
int scratch_teardown(void **state);

/* "folder/name", valid until the eighth call after this one. */
const char *scratch_path(void **state, const char *name);

/* Entries of the folder. */
unsigned scratch_entries(void **state);

/* Opens the ledger at path, made with 8 days and the rule off when it is not there. */
struct tq_ledger *open_file(const char *path);

/* The same with options; they must be good. */
struct tq_ledger *open_file_with(const char *path, uint32_t history_days, uint32_t rule, uint32_t flags);

/* The handle of a name, inserted when it is not there. Aborts when there is none. */
struct tq_provider *handle(struct tq_ledger *ledger, const char *name);

/* In a child: says what does not hold, and ends it. */
#define MUST(condition) ((condition) ? (void)0 : child_fail(__FILE__, __LINE__, #condition))
_Noreturn void child_fail(const char *file, int line, const char *condition);

/* Starts a process that runs `run` and ends with what it returns. */
pid_t child_start(int (*run)(void *), void *argument);

/* Waits for its end: its exit status, or 1000 + the signal that ended it. */
int child_end(pid_t child);

/* Memory that processes started later share, zeroed. */
void *shared_memory(size_t bytes);

/* Waits until all `count` of them have come here, for the `round`th time, counted from 1. */
void meet(_Atomic unsigned *came, unsigned count, unsigned round);

/* Lets others run; ends the program when it has been waiting, since the last `patience_reset`, for two
 * minutes. */
void patience_reset(void);
void patience_yield(void);

/* Reads and writes whole files; the bytes are the caller's to free. */
uint8_t *file_read(const char *path, size_t *size);
void file_write(const char *path, const void *bytes, size_t size);

#endif
