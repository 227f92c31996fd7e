/* report.c: messages on stderr, and the last word on stdout.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const char *command_name;

void report_command(const char *name)
{
    command_name = name;
}

void report(const char *format, ...)
{
    char raw[1024], clean[2048];
    va_list list;

    va_start(list, format);
    int len = vsnprintf(raw, sizeof(raw), format, list);
    va_end(list);
    if (len < 0)
        return;

    bool ascii = isatty(STDERR_FILENO) && !text_locale_is_utf8();

    text_clean(clean, sizeof(clean), raw, strlen(raw), ascii);
    if (command_name)
        fprintf(stderr, "tokenquota: %s: %s\n", command_name, clean);
    else
        fprintf(stderr, "tokenquota: %s\n", clean);
}

int report_flush_stdout(void)
{
    bool failed = ferror(stdout);

    errno = 0;
    if (fflush(stdout) == 0 && !failed)
        return 0;
    report("cannot write to standard output: %s", errno ? strerror(errno) : "an earlier write failed");
    return -1;
}
