/* signal.c: what a log says of a provider's limits: news of the present are taken, what is over is
 * not.
 *
 * SPDX-License-Identifier: MIT
 */
#include "import.h"

/* The latest instant that the signal speaks of. */
static int64_t end_of(const struct tq_quota_signal *signal)
{
    int64_t end_ns = signal->retry_at_ns;

    for (uint32_t i = 0; i < signal->axis_count && i < TQ_AXES_MAX; i++)
        if (signal->axis[i].known & TQ_AXIS_RESET && signal->axis[i].reset_at_ns > end_ns)
            end_ns = signal->axis[i].reset_at_ns;
    return end_ns;
}

/* A log may be weeks old and is read again after a kill: only what was said behind the last one that was
 * taken counts, and only while the windows that it speaks of last. */
static bool is_news(const struct import *import, const struct imports_row *row,
                    const struct tq_quota_signal *signal)
{
    return signal->said_at_ns > row->signal_at_ns && end_of(signal) > import->request.at_ns &&
           signal->said_at_ns <= import->request.at_ns + TQ_MAX_AHEAD_NS;
}

int import_signal(struct import *import, struct import_feed *feed, const struct tq_quota_signal *signal)
{
    struct imports_row *row = &import->imports.rows[feed->row];
    int answer = 0;

    if (!is_news(import, row, signal))
        return 0;
    if (!import->request.dry_run)
        answer = tq_provider_apply(feed->handle, signal);
    if (answer == TQ_EGONE || answer == TQ_EREADONLY)
        return answer;
    row->signal_at_ns = signal->said_at_ns;
    if (answer >= 0) /* else its instant is none for the ledger's clock: nothing of the account is lost */
        import->totals.signals++;
    return 0;
}
