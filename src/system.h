/* system.h: what the library asks the operating system, in one place that tests can replace.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SYSTEM_H
#define TQ_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

/* Is the file on a file system whose mappings this machine's processes share, and nobody else? `name` is then
 * NULL, else what it is called. */
bool tq__system_is_local(int fd, const char **name);

/* The clock that people set, which may step either way: nanoseconds since the epoch, 0 when there is none. */
int64_t tq__system_now_ns(void);

/* One that only goes forward, from no instant in particular: for lengths of time. */
int64_t tq__system_steady_ns(void);

/* The boot that the machine is in: 16 bytes, zeros when it does not say. */
void tq__system_boot_id(uint8_t boot_id[16]);

/* Allocates the pages from `at` on and makes the file as long. 0, TQ_ENOSPC, TQ_ENOTSUP, TQ_ESYS. Never
 * raises SIGXFSZ. Leaves errno alone. */
int tq__system_allocate(int fd, uint64_t at, uint64_t bytes);

#endif
