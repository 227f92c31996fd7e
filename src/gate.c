/* gate.c: the looks that a record of a new or an earlier day takes before it is counted.
 *
 * SPDX-License-Identifier: MIT
 */
#include "gate.h"

int tq__gate(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    int answer = tq__ledger_identity(ledger);

    if (answer < 0)
        return answer;
    if ((ledger->min_now_ns != 0 && now_ns < ledger->min_now_ns) ||
        (ledger->max_ahead_ns != 0 && now_ns > tq_now_ns() + ledger->max_ahead_ns)) {
        tq__note(&ledger->header->clock);
        return TQ_ECLOCK;
    }
    tq__unhide(slot);
    return 0;
}

int tq__too_old(struct tq_ledger *ledger)
{
    tq__note(&ledger->header->too_old);
    return TQ_EAGE;
}
