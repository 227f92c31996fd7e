/* metrics_sync.c: how the exchange with other machines goes, as metrics.
 *
 * SPDX-License-Identifier: MIT
 *
 * The ledger says whether this machine is cut off; the rest is in the file beside it, which the exchange
 * writes every few seconds. Without an exchange there are no series.
 */
#include "metrics.h"

#include "sync/overshoot.h"
#include "sync/state.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void put(struct exposition *out, const struct family *family, struct exact value)
{
    exposition_put(out, family, NULL, NULL, 0, value);
}

static void put_state(struct exposition *out, const struct sync_state *state)
{
    static const struct family heard = {"tokenquota_sync_heard_timestamp_seconds", FAMILY_GAUGE, "seconds",
                                        "When the server last answered all that was asked."},
                               machines = {"tokenquota_sync_machines", FAMILY_GAUGE, NULL,
                                           "Machines that are heard, this one, too."},
                               trip = {"tokenquota_sync_round_trip_seconds", FAMILY_GAUGE, "seconds",
                                       "How long the last exchange took."},
                               offset = {"tokenquota_sync_clock_offset_seconds", FAMILY_GAUGE, "seconds",
                                         "The server's clock less that of this machine."},
                               flushes = {"tokenquota_sync_flushes", FAMILY_COUNTER, NULL,
                                          "Exchanges since the process that makes them began."},
                               failures = {"tokenquota_sync_failures", FAMILY_COUNTER, NULL,
                                           "Those that were not answered, or in part."},
                               lost = {"tokenquota_sync_epochs_lost", FAMILY_COUNTER, NULL,
                                       "How often a tag of the server had lost all that it knew."},
                               refused = {"tokenquota_sync_words_refused", FAMILY_COUNTER, NULL,
                                          "Words of other machines that the ledger did not take."},
                               blocked = {"tokenquota_sync_windows_blocked", FAMILY_GAUGE, NULL,
                                          "Windows that are not exchanged: their key is somebody else's."};

    if (state->heard_at_ns > 0)
        put(out, &heard, exact_instant(state->heard_at_ns));
    put(out, &machines, exact_count(state->machines));
    put(out, &trip, exact_instant(state->round_trip_ns));
    put(out, &offset, (struct exact){state->offset_ms, 3});
    put(out, &flushes, exact_count((int64_t)state->flushes));
    put(out, &failures, exact_count((int64_t)state->failures));
    put(out, &lost, exact_count((int64_t)state->epochs_lost));
    put(out, &refused, exact_count((int64_t)state->refused));
    put(out, &blocked, exact_count(state->blocked));
}

/* Of the first ones alone, as all series of providers. */
static void put_bounds(struct exposition *out, const struct sync_status *status)
{
    static const struct family family = {
        "tokenquota_sync_overshoot_bound", FAMILY_GAUGE, NULL,
        "How far all machines together can go beyond an amount, in its unit: the most of a provider."};

    for (size_t i = 0; i < status->bound_count && i < METRICS_PROVIDERS; i++)
        if (status->bounds[i].bound != SYNC_UNBOUNDED)
            exposition_put(out, &family, NULL, &(struct label){"provider", status->bounds[i].provider}, 1,
                           exact_count(status->bounds[i].bound));
}

void metrics_put_sync(struct exposition *out, const char *path, int64_t shared_until_ns, int64_t now_ns)
{
    static const struct family cut = {"tokenquota_sync_cut", FAMILY_GAUGE, NULL,
                                      "1 while this machine is cut off from the others, else 0."},
                               until = {"tokenquota_sync_shared_until_timestamp_seconds", FAMILY_GAUGE,
                                        "seconds", "Until when what other machines said may be trusted."};
    struct sync_status status;

    if (shared_until_ns <= 0)
        return;
    put(out, &cut, exact_count(shared_until_ns < now_ns));
    put(out, &until, exact_instant(shared_until_ns));
    if (path && sync_status_read(path, &status, NULL) == 0) {
        put_state(out, &status.state);
        put_bounds(out, &status);
    }
    if (path)
        sync_status_free(&status);
}
