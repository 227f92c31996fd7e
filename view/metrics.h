/* metrics.h: how the providers of a ledger stand, as metrics.
 *
 * SPDX-License-Identifier: MIT
 *
 * A series is there while there is something to say, and absent otherwise: no budget, no reset, no word of
 * the vendor. Instants are instants, never countdowns, which would be wrong from the moment they are read.
 */
#ifndef TOKENQUOTA_VIEW_METRICS_H
#define TOKENQUOTA_VIEW_METRICS_H

#include <stddef.h>

#include "view/exposition.h"
#include "view/standings.h"

/* So many providers have series of their own, the most urgent ones. What the others used, and how many of
 * them are in which state, is added up in series with the label others="true" in place of a provider, which
 * no name can be. */
#define METRICS_PROVIDERS 200

/* Appends the version alone: all there is to say without a ledger. */
void metrics_put_build(struct exposition *out);

#define METRICS_CLASSES (TQ_CLASS_TOO_LARGE + 1) /* of refusals */

/* What several providers add up to. */
struct metrics_sum {
    int64_t providers;
    int64_t used;
    int64_t holds;
    int64_t held; /* tokens */
    int64_t in_state[TQ_QUOTA_EXHAUSTED + 1];
    int64_t refused[METRICS_CLASSES];
};

/* Is called before ledger_standings_make: the most urgent ones will be kept, and the others added up. */
void metrics_prepare(struct ledger_standings *all, struct metrics_sum *others);

/* Appends the version, the ledger's own numbers, and the standings. */
void metrics_put(struct exposition *out, const struct ledger_standings *all,
                 const struct metrics_sum *others);

/* ---- metrics_sync.c -------------------------------------------------------------------------- */

/* Appends how the exchange with other machines goes; nothing when shared_until_ns, of tq_ledger_shared_until,
 * is 0. path is the ledger's; NULL: it is in private memory. */
void metrics_put_sync(struct exposition *out, const char *path, int64_t shared_until_ns, int64_t now_ns);

/* ---- metrics_windows.c ----------------------------------------------------------------------- */

/* Appends the limits of those from first to before end. */
void metrics_put_windows(struct exposition *out, const struct standing *first, const struct standing *end,
                         int64_t at_ns);

/* The class of the vendor's refusal that keeps a provider out, below METRICS_CLASSES. */
uint32_t metrics_refusal(const struct standing *standing);

/* Is it neither "no time" nor an end that nobody knows? */
bool metrics_is_instant(int64_t at_ns);

#endif
