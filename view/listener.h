/* listener.h: a caller's functions for progress and trouble, and the reason why the work failed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_LISTENER_H
#define TOKENQUOTA_VIEW_LISTENER_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#define LISTENER_LINE 1024

struct progress; /* the caller's */

struct listener {
    /* How much of the work is done; total 0: not known. */
    void (*progress)(struct progress *context, const char *what, uint64_t done, uint64_t total,
                     uint64_t records);
    /* A file or a line cannot be read; the work goes on. */
    void (*trouble)(struct progress *context, const char *line);
    struct progress *context;
    char why[LISTENER_LINE]; /* after a failure, in words; empty when trouble() said it already */
};

__attribute__((format(printf, 2, 3))) static inline void listener_trouble(const struct listener *listener,
                                                                          const char *format, ...)
{
    char line[LISTENER_LINE];
    va_list list;

    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    listener->trouble(listener->context, line);
}

/* Says why the work failed; returns -1. */
__attribute__((format(printf, 2, 3))) static inline int listener_fail(struct listener *listener,
                                                                      const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(listener->why, sizeof listener->why, format, list);
    va_end(list);
    return -1;
}

#endif
