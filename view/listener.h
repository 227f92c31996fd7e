/* listener.h: what work that lasts tells while it goes on: how far it is, and what could not be read.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_LISTENER_H
#define TOKENQUOTA_VIEW_LISTENER_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#define LISTENER_LINE 1024

struct listener {
    /* total 0: not known. */
    void (*progress)(void *context, const char *what, uint64_t done, uint64_t total, uint64_t records);
    /* A file or a line cannot be read; the work goes on. */
    void (*trouble)(void *context, const char *line);
    void *context;
};

static inline void listener_progress(const struct listener *listener, const char *what, uint64_t done,
                                     uint64_t total, uint64_t records)
{
    if (listener->progress)
        listener->progress(listener->context, what, done, total, records);
}

__attribute__((format(printf, 2, 3))) static inline void listener_trouble(const struct listener *listener,
                                                                          const char *format, ...)
{
    char line[LISTENER_LINE];
    va_list list;

    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (listener->trouble)
        listener->trouble(listener->context, line);
}

#endif
