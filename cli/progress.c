/* progress.c: one line on a terminal that says how far the work is.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

#define FIRST_AFTER_NS (SECOND_NS / 2) /* what is done by then needs no line */
#define REDRAW_NS (SECOND_NS / 10)

static int64_t monotonic_ns(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

void progress_start(struct progress *progress)
{
    *progress = (struct progress){.on = isatty(STDERR_FILENO)};
    if (progress->on)
        progress->next_ns = monotonic_ns() + FIRST_AFTER_NS;
}

void progress_draw(struct progress *progress, const char *what, uint64_t done, uint64_t total,
                   uint64_t records)
{
    if (!progress->on)
        return;
    int64_t now_ns = monotonic_ns();

    if (now_ns < progress->next_ns)
        return;
    progress->next_ns = now_ns + REDRAW_NS;

    char clean[64], percent[16] = "";
    int width = style_width(STDERR_FILENO) - 1;
    int64_t count = records > INT64_MAX ? INT64_MAX : (int64_t)records;

    if (total)
        snprintf(percent, sizeof(percent), "%3d %%, ", (int)((double)done * 100 / (double)total));
    text_clean(clean, sizeof(clean), what, strlen(what), true);

    char line[160];

    snprintf(line, sizeof(line), "%s%s records  %s", percent, format_short(count, ROUND_DOWN).s, clean);
    fprintf(stderr, "\r\033[K%.*s", width, line);
    fflush(stderr);
    progress->drawn = true;
}

void progress_erase(struct progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}
