/* style.c: colour, width and bars, as much of each as the screen can show.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/number.h"
#include "cli/cli.h"

#define WIDTH_DEFAULT 80
#define WIDTH_LEAST 40
#define WIDTH_MOST 1000
#define BAR_STEPS 8 /* parts of a column that the block characters can show */

int style_width(int fd)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    long width = columns ? strtol(columns, NULL, 10) : 0;

    if (width <= 0 && isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    if (width <= 0)
        return WIDTH_DEFAULT;
    if (width < WIDTH_LEAST)
        return WIDTH_LEAST;
    return width > WIDTH_MOST ? WIDTH_MOST : (int)width;
}

void style_init(struct style *style, const char *colour)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    bool terminal = isatty(STDOUT_FILENO), utf8 = text_locale_is_utf8();

    *style = (struct style){
        .out = stdout,
        .terminal = terminal,
        .unicode = terminal && utf8,
        .ascii_names = terminal && !utf8,
        .width = style_width(STDOUT_FILENO),
    };
    if (!colour || strcmp(colour, "auto") == 0)
        style->colour = terminal && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
    else
        style->colour = strcmp(colour, "always") == 0;
}

void paint(const struct style *style, const char *how)
{
    if (style->colour)
        fprintf(style->out, "\033[%sm", how);
}

void unpaint(const struct style *style)
{
    if (style->colour)
        fputs("\033[0m", style->out);
}

const char *paint_of_usage(int64_t used, int64_t budget, bool exhausted)
{
    if (exhausted || (budget > 0 && used >= budget))
        return PAINT_RED;
    return budget > 0 && used >= budget - budget / 5 ? PAINT_YELLOW : PAINT_GREEN;
}

void level_put(const struct style *style, int level)
{
    static const char weights[] = ":-=+ox%#"; /* digits would be read as a number */

    if (style->unicode)
        fprintf(style->out, "\xe2\x96%c", 0x81 + level); /* U+2581 is the lowest block */
    else
        putc(weights[level], style->out);
}

void bar_put(const struct style *style, int64_t used, int64_t budget, int width)
{
    int64_t part = used < budget ? used : budget;
    int64_t steps = tq__multiply_divide(part, (int64_t)width * BAR_STEPS, budget, ROUND_DOWN);
    int full = (int)(steps / BAR_STEPS), eighths = style->unicode ? (int)(steps % BAR_STEPS) : 0;

    for (int i = 0; i < full; i++)
        fputs(style->unicode ? "\xe2\x96\x88" : "#", style->out);
    if (eighths)
        fprintf(style->out, "\xe2\x96%c", 0x90 - eighths); /* U+258F is the narrowest block */
    for (int i = full + (eighths > 0); i < width; i++)
        fputs(style->unicode ? "\xe2\x96\x91" : "-", style->out);
}
