/* probe.h: the one caller that asks whether a provider is back.
 *
 * SPDX-License-Identifier: MIT
 *
 * A probe helps when nothing but the vendor's word of a quota keeps a provider out. There are two kinds of
 * such words, and each has its own place for the probe:
 *
 *   - `reported` without an end says itself when its probe is due, and who has it (refusal.h).
 *   - `reported` with an end, and what blocks lines (stated.h), share one word of the slot:
 *
 *         probe     [last, s, 32 | attempts, 8 | bits, 8 | told, 16]
 *
 * `last` is when the last probe was taken (rounded down, bit TQ__PROBE_OUT) or failed. Such a probe is due an
 * hour after the last refusal or probe. When all lines that block are doubted, it is due at once. After a
 * probe that failed it is due 5 minutes later. Each further failure doubles that, up to an hour.
 *
 * `told` is of overage.c, and stays: what share of the day's budget users were warned of.
 *
 * Taking a probe is one swap. Of all who saw it due one wins, and the same step sets the lease. Nothing else
 * says who has it, so nothing is to be cleaned up when its owner dies: the lease ends, and the next swap wins
 * it again. The word is not the one that blocks: when the block is lifted or replaced between the look and
 * the swap, one probe was taken too many, and one request is sent.
 */
#ifndef TQ_PROBE_H
#define TQ_PROBE_H

#include "levels.h"

#define TQ__PROBE_OUT 1u /* bits */
#define TQ__PROBE_TOLD UINT64_C(0xffff)

/* When the probe of one level is due, in the past when it is due at once; while a caller holds it, when the
 * lease ends. 0: nothing of this level needs one. */
int64_t tq__probe_due(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns);

/* The same of the words with an end alone. *attempts and *out tell how many failed, and whether a caller
 * holds it; each may be NULL. */
int64_t tq__probe_due_timed(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns,
                            uint32_t *attempts, bool *out);

/* Takes the probe of a provider: that of each level which needs one. All must be due before any is taken.
 *     0   taken; *at_ns is when the lease ends
 *     1   not taken; *at_ns is when the probe is due, 0 when there is none */
int tq__probe_take(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, int64_t *at_ns);

/* Says that the probe of a level failed, when a caller has it. sent_at_ns is when the request was sent that
 * the vendor refused; INT64_MAX: the caller itself says so. */
void tq__probe_fail(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t now_s, int64_t sent_at_ns);

/* Forgets the probes of a level: its block was lifted. */
void tq__probe_forget(struct tq__slot *slot);

/* A block may begin at said_s: when no other one is in force then, probes that failed were of an earlier one.
 */
void tq__probe_begin(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t said_s);

/* Does nothing but the vendor's word of a quota keep the provider out? Only then a probe helps. */
bool tq__probe_helps(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, bool use_reserve);

#endif
