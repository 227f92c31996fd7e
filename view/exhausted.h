/* exhausted.h: the list of providers that are out, and of those whose probe is due, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_EXHAUSTED_H
#define TOKENQUOTA_VIEW_EXHAUSTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

struct json_t;

/* The first to be back first. */
struct exhausted {
    struct tq_exhausted *items;
    size_t count;
    int64_t at_ns;
    size_t most; /* in documents; 0: all */
};

/* Lists those that are out; all: also those that have a mark whose time has passed. 0, or negative from the
 * library. Free it whatever the answer. */
int exhausted_read(struct tq_ledger *ledger, int64_t at_ns, bool all, struct exhausted *list);

/* Lists those whose probe is due and free. The instants are since when. */
int exhausted_read_due(struct tq_ledger *ledger, int64_t at_ns, struct exhausted *list);

void exhausted_free(struct exhausted *list);

/* Reads why one of the list is out. The verdict is empty once it is back. */
void exhausted_why(struct tq_ledger *ledger, const struct exhausted *list, size_t i,
                   struct tq_verdict *verdict);

/* Is one of the list out? Else its time has passed. */
bool exhausted_is_out(const struct exhausted *list, size_t i);

/* The document of exhausted: an instant, and an array of those that are out. */
struct json_t *exhausted_json(struct tq_ledger *ledger, const struct exhausted *list);

/* The document of probe list. */
struct json_t *exhausted_due_json(const struct exhausted *list);

#endif
