/* screen.c: what is redrawn in place on a terminal: the whole screen, or one line that shows progress.
 *
 * SPDX-License-Identifier: MIT
 *
 * The terminal's other screen is given back whatever ends the program. The sequences are those of xterm,
 * which every terminal of today knows: 1049 the other screen, 25 the cursor, H to the corner, K clear to the
 * end of the line, J below. A line is written over the one before, so nothing flickers.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/screen.h"
#include "view/steady.h"

#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"
#define HEIGHT_DEFAULT 24

static volatile sig_atomic_t changed;
static bool entered, atexit_is_set;

/* write(2), for signal handlers: what stdio holds may be half a frame. */
static void say(const char *text, size_t len)
{
    ssize_t ignored = write(STDOUT_FILENO, text, len);

    (void)ignored; /* a terminal that is gone cannot be told */
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};

    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

/* The signal comes once more, and does what it does to any program, when this returns. */
static void on_end(int number)
{
    say(LEAVE, sizeof(LEAVE) - 1);
    handle(number, SIG_DFL);
    raise(number);
}

static void on_change(int number)
{
    if (number == SIGCONT) {
        handle(SIGTSTP, on_end);
        say(ENTER, sizeof(ENTER) - 1);
    }
    changed = 1;
}

static void handle_all(void (*end)(int), void (*change)(int))
{
    static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        handle(ends[i], end);
    handle(SIGWINCH, change);
    handle(SIGCONT, change);
}

int screen_enter(void)
{
    if (!isatty(STDOUT_FILENO)) {
        report("--watch needs a terminal; for programs there is --watch --json");
        return -1;
    }
    if (!atexit_is_set)
        atexit_is_set = atexit(screen_leave) == 0;
    handle_all(on_end, on_change);
    say(ENTER, sizeof(ENTER) - 1);
    entered = true;
    return 0;
}

void screen_leave(void)
{
    if (!entered)
        return;
    entered = false;
    say(LEAVE, sizeof(LEAVE) - 1);
    handle_all(SIG_DFL, SIG_DFL);
}

bool screen_changed(void)
{
    bool was = changed != 0;

    changed = 0;
    return was;
}

static size_t height(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 ? size.ws_row : HEIGHT_DEFAULT;
}

static size_t count_lines(const char *frame, size_t len)
{
    size_t lines = 0;

    for (size_t i = 0; i < len; i++)
        lines += frame[i] == '\n';
    return lines;
}

void screen_draw(const char *frame, size_t len)
{
    size_t lines = count_lines(frame, len), room = height(), shown = lines <= room ? lines : room - 1;
    const char *end = frame + len;

    fputs("\033[H", stdout);
    for (size_t i = 0; i < shown; i++) {
        const char *line_end = memchr(frame, '\n', (size_t)(end - frame));

        fwrite(frame, 1, (size_t)(line_end - frame), stdout);
        fputs(i + 1 < room ? "\033[K\n" : "\033[K", stdout); /* behind the last line it would scroll */
        frame = line_end + 1;
    }
    if (shown < lines)
        fprintf(stdout, "%zu lines more: make the window taller\033[K", lines - shown);
    fputs("\033[J", stdout);
    fflush(stdout);
}

/* ---- one line that is drawn over itself ------------------------------------------------------ */

#define FIRST_AFTER_NS (SECOND_NS / 2) /* what is done by then needs no line */
#define REDRAW_NS (SECOND_NS / 10)

void progress_start(struct progress *progress)
{
    *progress = (struct progress){.on = isatty(STDERR_FILENO)};
    if (progress->on)
        progress->next_ns = steady_ns() + FIRST_AFTER_NS;
}

void progress_draw(struct progress *progress, const char *what, uint64_t done, uint64_t total,
                   uint64_t records)
{
    int64_t now_ns = progress->on ? steady_ns() : 0,
            count = records > INT64_MAX ? INT64_MAX : (int64_t)records;
    char line[192], clean[64], percent[16] = "";

    if (!progress->on || now_ns < progress->next_ns)
        return;
    progress->next_ns = now_ns + REDRAW_NS;
    if (total)
        snprintf(percent, sizeof(percent), "%3d %%, ", (int)((double)done * 100 / (double)total));
    tq__text_make_safe(clean, sizeof clean, tq__span_of(what), SIZE_MAX, TQ__SAFE_ASCII);
    snprintf(line, sizeof(line), "%s%s records  %s", percent, format_short(count, ROUND_DOWN).s, clean);
    fprintf(stderr, "\r\033[K%.*s", style_width(STDERR_FILENO) - 1, line);
    fflush(stderr);
    progress->drawn = true;
}

void progress_erase(struct progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}

static void on_trouble(struct progress *progress, const char *line)
{
    progress_erase(progress);
    report("%s", line);
}

struct listener progress_listener(struct progress *progress)
{
    progress_start(progress);
    return (struct listener){progress_draw, on_trouble, progress, ""};
}
