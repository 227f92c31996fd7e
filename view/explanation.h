/* explanation.h: why a provider is in routing or out of it, with the numbers, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_EXPLANATION_H
#define TOKENQUOTA_VIEW_EXPLANATION_H

#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

#include "view/lasts.h"
#include "view/limits.h"

struct json_t;

struct explanation {
    const char *name; /* belongs to the ledger */
    struct tq_verdict verdict;
    struct outlook outlook;
    struct limits limits;  /* its own */
    uint32_t cut;          /* TQ_CUT_...: what it does while other machines are not heard */
    int64_t cut_off_at_ns; /* cut_off_since of the ledger */
    const struct tq_provider *handle;
    const char *pool; /* the name of the pool whose limit or words it names, NULL for none */
};

/* Reads all of it; flags: 0 or TQ_USE_RESERVE. The state, or negative from the library. Free it whatever the
 * answer. */
int explanation_read(struct tq_ledger *ledger, const struct tq_provider *provider, int64_t at_ns,
                     uint32_t flags, struct explanation *explanation);
void explanation_free(struct explanation *explanation);

/* The document of explain: an instant, and an array of providers. */
struct json_t *explanations_json(const struct explanation *items, size_t count, int64_t at_ns);

#endif
