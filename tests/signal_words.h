/* signal_words.h: what the library answered for a response, in the lines of tests/vectors/signals/.
 *
 * SPDX-License-Identifier: MIT
 *
 * Answers are compared as text: there is one comparison and one message, and nothing that the library says
 * can be left out of it by accident.
 */
#ifndef TEST_SIGNAL_WORDS_H
#define TEST_SIGNAL_WORDS_H

#include <stdbool.h>

#include "signal_cases.h"

struct signal_lines {
    char line[SIGNAL_LINES_MAX][SIGNAL_LINE_BYTES];
    size_t count;
};

/* The lines of an answer of tq_signal_read, sorted; usage may be NULL. Aborts when there are too many. */
void signal_words(const struct tq_quota_signal *signal, bool says_nothing, const struct tq_usage *usage,
                  struct signal_lines *lines);

/* Writes a line of a file as signal_words would: lengths of time in seconds, instants as seconds from now. */
bool signal_words_line(const char *text, int64_t now_ns, char *line);

/* "2026-11-20T12:00:00Z" in nanoseconds. */
bool signal_words_instant(const char *text, int64_t *at_ns);

/* Sorts lines of one answer. */
void signal_words_sort(char (*lines)[SIGNAL_LINE_BYTES], size_t count);

#endif
