/* prose_time.h: lengths of time and instants as people write them.
 *
 * SPDX-License-Identifier: MIT
 *
 * base/time.h has the forms that programs write. These are looser: words for units, dates without a year or a
 * zone, times of day, names of zones.
 */
#ifndef TQ_SIGNALS_PROSE_TIME_H
#define TQ_SIGNALS_PROSE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* What a time is read against. */
struct tq__prose_now {
    int64_t at_ns;
    int zone_minutes; /* of times without a zone, east of UTC */
};

static inline void tq__prose_skip(struct tq__span *text, size_t bytes)
{
    *text = tq__span_behind(*text, bytes);
}

/* Takes a text in lower case from the front, in upper or lower case; false when it is not there. */
static inline bool tq__prose_take(struct tq__span *text, const char *word)
{
    if (!tq__span_begins(*text, word))
        return false;
    tq__prose_skip(text, strlen(word));
    return true;
}

static inline void tq__prose_skip_blanks(struct tq__span *text)
{
    while (tq__prose_take(text, " ") || tq__prose_take(text, "\t"))
        continue;
}

/* The letters at the begin of the text. */
static inline struct tq__span tq__prose_letters(struct tq__span text)
{
    struct tq__span word = {text.at, 0};

    while (word.len < text.len && tq__is_letter(text.at[word.len]))
        word.len++;
    return word;
}

/* They move the text behind what they read, and leave it alone when they answer false. */

/* Reads numbers with a unit each and adds them up: 5 days 10 hours; 1h26m; 1.5 seconds; an hour; 26 分钟. */
bool tq__prose_length(struct tq__span *text, int64_t *ns);

/* Reads a length that is written like a time of day, as .NET does: 03:23:11; 22.14:18:12 with days. */
bool tq__prose_timespan(struct tq__span *text, int64_t *ns);

/* Reads a date with or without year, time of day and zone; a time of day, which is the next one; or a number
 * of ten digits and more since 1970. */
bool tq__prose_instant(struct tq__span *text, const struct tq__prose_now *now, int64_t *at_ns);

#endif
