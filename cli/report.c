/* report.c: messages, questions, reading an input, and flushing the output.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "view/listener.h"
#include "view/response.h"

#define STEP_BYTES 65536

static const char *command_name;

void report_command(const char *name)
{
    command_name = name;
}

void report(const char *format, ...)
{
    char clean[2048];
    va_list list;

    va_start(list, format);
    text_vformat(clean, sizeof clean, isatty(STDERR_FILENO) && !text_locale_is_utf8(), format, list);
    va_end(list);
    fprintf(stderr, "tokenquota: %s%s%s\n", command_name ? command_name : "", command_name ? ": " : "",
            clean);
}

int report_why(const struct listener *listener)
{
    report("%s", listener->why);
    return -1;
}

static void on_trouble(struct progress *context, const char *line)
{
    (void)context;
    report("%s", line);
}

struct listener report_listener(void)
{
    return (struct listener){.trouble = on_trouble};
}

void no_memory(void)
{
    report("out of memory");
    exit(CLI_ERROR);
}

void *must_have(void *memory)
{
    if (!memory)
        no_memory();
    return memory;
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

int confirm(const struct request *request, bool needs_yes, const char *format, ...)
{
    char question[PATH_BYTES + 128], answer[16] = "";
    va_list list;

    if (request->yes)
        return CLI_YES;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        if (!needs_yes)
            return CLI_YES;
        report("there is no terminal to ask on: give --yes");
        return CLI_ERROR;
    }
    va_start(list, format);
    text_vformat(question, sizeof question, false, format, list);
    va_end(list);
    fprintf(stderr, "%s [y/N] ", question);
    if (fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
        return CLI_YES;
    report("nothing was changed");
    return CLI_NO;
}

static int fill(FILE *in, const char *shown, size_t most_bytes, char **bytes, size_t *len)
{
    size_t capacity = 0;

    for (*len = 0;;) {
        if (*len + STEP_BYTES + 1 > capacity) {
            size_t grown = capacity * 2 + STEP_BYTES + 1;
            char *more = realloc(*bytes, grown);

            if (!more) {
                report("out of memory");
                return -1;
            }
            *bytes = more;
            capacity = grown;
        }
        size_t got = fread(*bytes + *len, 1, capacity - *len - 1, in);

        *len += got;
        (*bytes)[*len] = '\0';
        if (*len > most_bytes) {
            report("%s: more than %zu bytes", shown, most_bytes);
            return -1;
        }
        if (got == 0)
            break;
    }
    if (!ferror(in))
        return 0;
    report("%s: %s", shown, strerror(errno));
    return -1;
}

int input_read(const char *path, size_t most_bytes, char **bytes, size_t *len)
{
    bool standard = !path || strcmp(path, "-") == 0;
    const char *shown = standard ? "standard input" : path;
    FILE *in = standard ? stdin : fopen(path, "rbe");
    int result;

    *bytes = NULL;
    *len = 0;
    if (!in) {
        report("%s: %s", shown, strerror(errno));
        return -1;
    }
    result = fill(in, shown, most_bytes, bytes, len);
    if (!standard)
        fclose(in);
    return result;
}

int response_read(struct response *response, const char *path)
{
    struct listener listener = {0};
    char *bytes;
    size_t len;
    int result = input_read(path, RESPONSE_BYTES_MOST, &bytes, &len);

    *response = (struct response){0};
    if (!bytes)
        return -1;
    return response_take(response, bytes, len, &listener) < 0 ? report_why(&listener) : result;
}
