/* zone_says.c: answers from the bytes of zones, for test_zones.py to compare.
 *
 * SPDX-License-Identifier: MIT
 *
 *     FILE at SECOND                 the seconds that local time is ahead
 *     FILE is Y M D h m s            the second at which clocks show that
 *
 * One question a line, one answer a line; "no" when the file is no zone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/zone.h"

static unsigned char bytes[TQ__ZONE_BYTES];
static struct tq__zone zone;
static char known[256]; /* the file that zone was read from */

static int open_zone(const char *path)
{
    FILE *file;
    size_t len;

    if (strcmp(path, known) == 0)
        return 0;
    known[0] = '\0';
    file = fopen(path, "rb");
    if (!file)
        return -1;
    len = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    if (tq__zone_read(&zone, bytes, len) != 0)
        return -1;
    snprintf(known, sizeof(known), "%s", path);
    return 0;
}

static void answer(const char *line)
{
    struct tq__civil civil = {0};
    char path[256];
    int64_t number;
    int at = 0;

    if (sscanf(line, "%255s at %" SCNd64, path, &number) == 2 && open_zone(path) == 0)
        printf("%d\n", (int)tq__zone_offset(&zone, number * TQ__SECOND_NS));
    else if (sscanf(line, "%255s is %n", path, &at) == 1 && at > 0 && open_zone(path) == 0 &&
             sscanf(line + at, "%" SCNd64 " %d %d %d %d %d", &civil.year, &civil.month, &civil.day,
                    &civil.hour, &civil.minute, &civil.second) == 6 &&
             tq__zone_instant(&zone, &civil, &number) == 0)
        printf("%" PRId64 "\n", tq__floor_divide(number, TQ__SECOND_NS));
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
