/* window_says.c: windows by the files of zones, for test_windows.py to compare.
 *
 * SPDX-License-Identifier: MIT
 *
 *     FILE NOW until                    the quarter hour up to which the law that is made at second NOW says
 *                                       what the file does
 *     FILE NOW WINDOW FIRST QUARTER     index, start and length of the window that holds the quarter hour
 *
 * One question a line, one answer a line; "no" when there is none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "src/window.h"

static struct tq__law law;
static uint32_t exact_until;
static char known[300]; /* file and second that the law was made from */

static int open_law(const char *path, int64_t now)
{
    static unsigned char bytes[TQ__ZONE_BYTES];
    struct tq__law_words words;
    struct tq__zone zone;
    char name[sizeof(known)];
    FILE *file;
    size_t len;

    snprintf(name, sizeof(name), "%s %" PRId64, path, now);
    if (strcmp(name, known) == 0)
        return 0;
    file = fopen(path, "rb");
    if (!file)
        return -1;
    len = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    if (tq__zone_read(&zone, bytes, len) != 0 || tq__law_write(&words, &zone, now * TQ__SECOND_NS) != 0 ||
        !tq__law_read(&law, &words))
        return -1;
    snprintf(known, sizeof(known), "%s", name);
    exact_until =
        law.exceptions < TQ__ZONE_CHANGES ? TQ__QUARTER_END : law.exception[TQ__ZONE_CHANGES - 1].until;
    return 0;
}

static void answer(const char *line)
{
    struct tq__spec spec = {.unit = TQ_UNIT_TOKENS};
    struct tq__period period;
    char path[200], word[16];
    int64_t now, quarter;

    if (sscanf(line, "%199s %" SCNd64 " %15s", path, &now, word) != 3 || open_law(path, now) != 0)
        puts("no");
    else if (strcmp(word, "until") == 0)
        printf("%" PRIu32 "\n", exact_until);
    else if (sscanf(line, "%*s %*s %" SCNu32 " %" SCNu32 " %" SCNd64, &spec.window, &spec.first, &quarter) ==
                 3 &&
             tq__period_at(&spec, &law, quarter * TQ__QUARTER_NS, &period))
        printf("%" PRId32 " %" PRIu32 " %" PRIu32 "\n", period.index, period.start, period.length);
    else
        puts("no");
}

int main(void)
{
    char line[512];

    while (fgets(line, sizeof(line), stdin))
        answer(line);
    return 0;
}
