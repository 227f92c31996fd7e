/* classes.h: tokens by class: the columns that import and usage show; and parts of a usage.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_IMPORT_CLASSES_H
#define TQ_IMPORT_CLASSES_H

#include <tokenquota.h>

#define COUNT_COUNTED 0 /* what the vendor counts against a limit */
#define COUNT_TOTAL 1   /* all of it, what came from a cache too */

struct classes {
    int64_t responses;
    int64_t input;
    int64_t cache_write;
    int64_t cache_read;
    int64_t output;
    int64_t other; /* of sources that only know a total */
};

/* What a response used. */
struct classes classes_of(const struct tq_usage *usage);

/* The tokens of it that are counted: COUNT_... */
int64_t classes_amount(const struct tq_usage *usage, int count);

int64_t classes_total(const struct classes *classes);

/* Adds, or takes back: times is 1 or -1. Saturates. */
void classes_add(struct classes *sum, const struct classes *classes, int times);

/* Takes back tokens whose classes are not known: input before output, because most tokens of a response are.
 */
void classes_take(struct classes *sum, int64_t tokens);

/* Subtracts the counts, the requests and the cost of the usage before; none falls below 0. */
void usage_subtract(struct tq_usage *usage, const struct tq_usage *before);

/* Multiplies the counts, the requests and the cost by part / whole, rounded up. part <= whole, whole > 0. */
void usage_scale(struct tq_usage *usage, int64_t part, int64_t whole);

/* COUNT_... of "counted" or "total"; -1 for another word. */
int classes_count(const char *word);

#endif
