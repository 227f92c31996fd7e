/* window.h: what a limit counts and over which window, in one word; and the window that holds an instant.
 *
 * SPDX-License-Identifier: MIT
 *
 * Words, in quarter hours since 1970-01-01T00:00Z where nothing else is said:
 *
 *     spec     [version, 8 | unit, 4 | window, 4 | zone, 8 | a, 20 | b, 20]     0 = free
 *              week, month, quarter, year: a = first
 *              fixed: a = length, b = anchor, less than a length
 *              first-use: a = length
 *              rolling: a = length in minutes
 *              stated: a = length in minutes, b = hash of the name
 *              refill: b and a are the upper and the lower bits of the length in seconds
 *              all else is 0
 *     bound    [version, 8 | number, 16 | start, 24 | length, 16]               0 = none
 *
 * All bits of a spec but the version are the limit's identity: two limits are the same when those are equal.
 * So each limit has one spec, and a word that is no limit's spec is taken for a free one.
 *
 * A window has an index. Index 0 is the day 1970-01-01, the week that begins from 1969-12-29 to 1970-01-04,
 * the month that begins in January 1970, the quarter or year that begins in month `first` of 1970, and the
 * fixed window that begins with the anchor. The number is the index modulo 2^16: those of neighbours differ
 * by 1, whatever a zone does to its clocks.
 */
#ifndef TQ_WINDOW_H
#define TQ_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "law.h"
#include "tokenquota.h"

/* ---- what a limit counts --------------------------------------------------------------------- */

struct tq__spec {
    uint32_t version; /* 8 bits, of the limit's line */
    uint32_t unit;    /* TQ_UNIT_... */
    uint32_t window;  /* TQ_WINDOW_... */
    uint32_t zone;    /* calendar: a place in the ledger's table of zones + 1, 0 = UTC */
    uint32_t first;   /* week, month, quarter, year: as in struct tq_limit, never 0 */
    uint32_t length;  /* fixed, first-use: quarter hours; rolling, stated: minutes; refill: seconds */
    uint32_t anchor;  /* fixed: quarter hours, less than length */
    uint32_t name;    /* stated: hash of the vendor's name of the window, 20 bits; 0: it has none */
};

/* The hash of the vendor's name of a window; 0 for the empty one alone. */
uint32_t tq__window_name_hash(const char *name);

/* Takes unit, window, first, length and anchor of a limit that tq__limit_check accepts; zone is the number of
 * its zone, 0 to TQ__ZONES. An anchor is kept modulo the length. The version is 0. */
void tq__spec_of_limit(struct tq__spec *spec, const struct tq_limit *limit, uint32_t zone);

/* Sets unit, window, first, length and anchor of a limit, and nothing else. */
void tq__spec_to_limit(const struct tq__spec *spec, struct tq_limit *limit);

/* How long its windows are; a day and a week as long as they mostly are. 0: that differs, or never ends. */
int64_t tq__spec_length_ns(const struct tq__spec *spec);

static inline uint64_t tq__spec_pack(const struct tq__spec *spec)
{
    uint64_t a = spec->length | spec->first, b = spec->anchor | spec->name; /* one of two is 0 */

    if (spec->window == TQ_WINDOW_REFILL) {
        b = a >> 20;
        a &= (1u << 20) - 1;
    }
    return (uint64_t)spec->version << 56 | (uint64_t)spec->unit << 52 | (uint64_t)spec->window << 48 |
           (uint64_t)spec->zone << 40 | a << 20 | b;
}

/* Reads a spec. False: the word is free, of the version 0, or none that tq__spec_pack gives. */
bool tq__spec_unpack(uint64_t word, struct tq__spec *spec);

static inline bool tq__specs_match(uint64_t a, uint64_t b)
{
    return (a ^ b) << 8 == 0;
}

/* ---- windows --------------------------------------------------------------------------------- */

/* A window of a calendar or a fixed limit. */
struct tq__period {
    int32_t index;
    uint32_t start;
    uint32_t length; /* 0: the zone left the days out */
};

/* Finds the window that holds an instant. law is the one of the spec's zone; a fixed window needs none. A
 * window that began before 1970 begins in 1970. False: there is no such window. The instant is before 1970 or
 * not accepted, or the limit is neither of a calendar nor fixed, or the law is damaged. */
bool tq__period_at(const struct tq__spec *spec, const struct tq__law *law, int64_t now_ns,
                   struct tq__period *period);

/* Finds the window of an index: that of a neighbour is one more or one less. False as above. */
bool tq__period_of(const struct tq__spec *spec, const struct tq__law *law, int32_t index,
                   struct tq__period *period);

/* ---- the bound ------------------------------------------------------------------------------- */

struct tq__bound {
    uint32_t version, number;
    uint32_t start, length;
};

static inline struct tq__bound tq__bound_of(uint32_t version, const struct tq__period *period)
{
    return (struct tq__bound){version, (uint16_t)period->index, period->start, period->length};
}

static inline uint64_t tq__bound_pack(const struct tq__bound *bound)
{
    return (uint64_t)bound->version << 56 | (uint64_t)bound->number << 40 | (uint64_t)bound->start << 16 |
           bound->length;
}

/* Any word gives fields that fit their widths. */
static inline struct tq__bound tq__bound_unpack(uint64_t word)
{
    return (struct tq__bound){(uint32_t)(word >> 56), (uint32_t)(word >> 40) & 0xffff,
                              (uint32_t)(word >> 16) & 0xffffff, (uint32_t)word & 0xffff};
}

/* The first instant of a quarter hour; INT64_MAX when that is later. */
static inline int64_t tq__quarter_begin(uint32_t quarter)
{
    int64_t at_ns;

    return __builtin_mul_overflow((int64_t)quarter, TQ__QUARTER_NS, &at_ns) ? INT64_MAX : at_ns;
}

#endif
