/* limit_unasked.h: a broken twin of limits.h: a record that skipped the first look never makes up for it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TWIN_LIMIT_UNASKED_H
#define TWIN_LIMIT_UNASKED_H

#define tq__limits_admit exact_limits_admit
#include "src/limits.h"
#undef tq__limits_admit

static inline int tq__limits_admit(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                                   int64_t now_ns, bool *skipped)
{
    int answer = exact_limits_admit(ledger, slot, limits, now_ns, skipped);

    *skipped = false;
    return answer;
}

#endif
