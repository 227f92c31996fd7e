/* prose_time.h: dates, times of day and zones as people write them.
 *
 * SPDX-License-Identifier: MIT
 *
 *     tq__prose_time(&text, &time)                      on Jul 23 at 6:30pm (Europe/Paris)
 *     tq__prose_instant(&time, &zone, now_ns, &at_ns)   the next such instant
 *
 * base/time.h has the forms that programs write. These are looser: dates without a year or a zone, weekdays,
 * times of day, names of zones. Files are not read here: a zone of the database is the caller's to find.
 */
#ifndef TQ_BASE_PROSE_TIME_H
#define TQ_BASE_PROSE_TIME_H

#include "base/zone.h"

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

/* Blanks, also those that break no line, of which some locales put a narrow one before am and pm. */
static inline void tq__prose_skip_blanks(struct tq__span *text)
{
    while (tq__prose_take(text, " ") || tq__prose_take(text, "\t") || tq__prose_take(text, "\xc2\xa0") ||
           tq__prose_take(text, "\xe2\x80\xaf"))
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

/* What is written of a time. */
struct tq__prose_time {
    struct tq__civil civil; /* year 0: none is written; month 0: no date */
    int weekday;            /* 0: Sunday; -1: none is written */
    bool has_zone;          /* one that is known here: UTC+8, PT */
    struct tq__zone zone;
    struct tq__span zone_name; /* else what may be the name of another: Europe/Paris */
};

/* These move the text behind what they read, and leave it alone when they answer false. */

/* Reads a date, a time of day, or both, and a zone. */
bool tq__prose_time(struct tq__span *text, struct tq__prose_time *time);

/* Reads a number of ten digits and more since 1970. */
bool tq__prose_epoch(struct tq__span *text, int64_t *at_ns);

/* The instant of a time, in `zone` when it has none that is known. Without a date it is the next one, without
 * a year the nearest. False: there is no such date. */
bool tq__prose_instant(const struct tq__prose_time *time, const struct tq__zone *zone, int64_t now_ns,
                       int64_t *at_ns);

#endif
