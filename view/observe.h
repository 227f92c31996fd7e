/* observe.h: a record before it is counted: its provider, what it cost, and why it was refused.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_OBSERVE_H
#define TOKENQUOTA_VIEW_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include <tokenquota.h>

#include "base/text.h"

#define CLOCK_MIN_NS                                                                                         \
    INT64_C(1577836800000000000) /* 2020-01-01: every door opens the ledger with this limit */

/* Looks up the provider of a record. A name that would be new enters only with a record of at_ns that is not
 * refused: here with one of no tokens. 0; negative from the library, with nothing changed. */
int observe_provider(struct tq_ledger *ledger, const char *name, int64_t at_ns, struct tq_provider **provider,
                     bool *is_new);

#define REFUSED_BYTES 256

/* Writes why the library refused the record of an instant with this code. word: what the caller calls the
 * instant that it gave, such as "--at"; NULL: it gave none. */
void observe_refused(struct tq_ledger *ledger, int64_t at_ns, int code, const char *word,
                     char out[REFUSED_BYTES]);

/* Reads dollars, "0.0123" or "$0.0123", exactly. False: that is no such number. */
bool cost_parse(struct tq__span text, int64_t *nano_usd);

/* What vendors count by default, of the classes of a usage. */
int64_t classes_counted(const struct tq_usage *usage);

#endif
