/* classes.h: tokens by what they were: the columns of what import and usage show.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_CLASSES_H
#define TOKENQUOTA_CLASSES_H

#include <tokenquota.h>

#include "cli/cli.h"

#define COUNT_COUNTED 0 /* what counts against a limit by the vendor's rule */
#define COUNT_TOTAL 1   /* all of it, what came from a cache too */

struct classes {
    int64_t responses;
    int64_t input;
    int64_t cache_write;
    int64_t cache_read;
    int64_t output;
    int64_t other; /* of sources that know a total alone */
};

/* What a response used. */
struct classes classes_of(const struct tq_usage *usage);

/* The tokens of it that are counted: COUNT_... */
int64_t classes_amount(const struct tq_usage *usage, int count);

int64_t classes_total(const struct classes *classes);

/* Adds, or takes back: times is 1 or -1. Saturates. */
void classes_add(struct classes *sum, const struct classes *classes, int times);

/* "counted" or "total"; -1, reported, for another word. */
int classes_parse_count(const char *text, int *count);

#endif
