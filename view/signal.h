/* signal.h: what a response says: understood, applied to a provider, and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_SIGNAL_H
#define TOKENQUOTA_VIEW_SIGNAL_H

#include <stdbool.h>

#include <tokenquota.h>

#include "response.h"

struct json_t;
struct listener;

struct signal_report {
    const struct tq_profile *asked; /* --profile; NULL: auto */
    const char *provider;           /* --provider; NULL: nothing is applied */
    int64_t at_ns;
    struct response response;
    struct tq_quota_signal signal;
    struct tq_usage usage;
    bool says;      /* the response says something about quota */
    bool has_usage; /* usage is known */
    bool applied;
    char kept_by[TQ_NAME_MAX + 1]; /* the provider that what is said was applied to */
    char pool[TQ_NAME_MAX + 1];    /* whose limits keep what is said of the account; "": the provider's own */
    bool counted;
    struct tq_verdict verdict; /* after the signal was applied, or could not be */
};

/* Reads what the response says, with this status when it is not 0, else with the response's own. With
 * for_model the provider is the request's model, not an account. 0, or -1 with listener->why. */
int signal_understand(struct signal_report *said, uint32_t status, int64_t sent_at_ns, bool for_model,
                      struct listener *listener);

/* Applies it to a provider, after having counted for `counts` what the response used, if `count` is set. The
 * two are the same but in a run, which counts, and whose state is asked. The state of `counts`, or negative
 * from the library. */
int signal_apply(struct signal_report *said, struct tq_provider *provider, struct tq_provider *counts,
                 bool count);

/* Why the signal was not applied. NULL: it was applied, or there is nothing to apply. */
const char *signal_unapplied(const struct signal_report *said);

/* The document. */
struct json_t *signal_json(const struct signal_report *said);

#endif
