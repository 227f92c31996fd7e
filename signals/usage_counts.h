/* usage_counts.h: counts as vendors write them -> a struct tq_usage.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_USAGE_COUNTS_H
#define TQ_USAGE_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "tokenquota_signals.h"
#include "usage_keys.h"
#include "value.h"

/* The counts of one document, or of one stream so far. */
struct tq__counts {
    uint32_t known; /* 1 << enum tq__count */
    int64_t count[TQ__COUNTS];
};

/* Notes a number as it is written. One that is no whole number from 0 to INT64_MAX is unknown. */
void tq__counts_note(struct tq__counts *counts, enum tq__count which, struct tq__span number);

/* Does it say anything of usage? */
bool tq__counts_any(const struct tq__counts *counts);

/* Takes from `newer` what it has. */
void tq__counts_grow(struct tq__counts *counts, const struct tq__counts *newer);

/* Fills all of usage but size, flags and sent_at_ns. 0; 1: there is none, and usage is zeroed. */
int tq__counts_usage(const struct tq__counts *counts, const struct tq_profile *profile,
                     struct tq_usage *usage);

#endif
