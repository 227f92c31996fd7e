/* input.c: the whole of a file or of standard input, as far as a limit.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define STEP_BYTES 65536

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
        if (*len > most_bytes) {
            report("%s: more than %zu bytes", shown, most_bytes);
            return -1;
        }
        if (got == 0)
            break;
    }
    (*bytes)[*len] = '\0';
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
