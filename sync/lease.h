/* lease.h: how much of a window this node may spend: pure arithmetic over what was counted here and heard.
 *
 * SPDX-License-Identifier: MIT
 *
 * No server, no ledger, no clock: the simulator runs this code with a thousand nodes, and the exchange runs
 * it with real ones.
 *
 * A node's CLAIM is up to where it may spend, as an absolute count. A node *weighs* what it used or what it
 * claims, whichever is more. Its *lead* is what its claim has beyond what it used and holds.
 *
 * FREE. Far from the amount a node spends freely: what the others used is withheld, no more. Its claim is
 * then what it would spend while cut off (the policy share): what it used and holds, and its part of what is
 * left. How far the nodes together can go beyond the amount is the sum of their rates x (interval + round
 * trip + time to notice a cut) (overshoot.h).
 *
 * LEASED. A strict limit always, a refill always, and any other when what is left is less than all nodes
 * might spend until they hear of each other again, or when a node is silent: a node then spends only up to
 * its claim. What a silent node claims is kept for it until the claim's end.
 *
 *   L1  STRICT: a node never spends beyond the claim that it was granted, and the grants together are never
 *       more than the amount. A claim is RAISED so: it is published; the same step of the server reads all
 *       entries; when all weigh no more than the amount, it is granted, else it is taken back to what fits,
 *       though never below what was granted before and has not ended. The server runs one script after the
 *       other, so of two claims the later one sees both: the argument of src/hold.h, H2. It is LOWERED the
 *       other way round: first the ledger withholds more, then counts and holds are read, and what covers
 *       them is told. So what the server keeps for a node is at every instant at least what that node may
 *       spend, whatever is lost, late, doubled or overtaken: an older entry does not replace a newer one, and
 *       a flush that was not answered grants nothing.
 *
 *       The END of a claim. A node whose claim has ended spends nothing more until it is heard again. The
 *       others count a strict claim beyond its end, until its node lowers it or the window turns: a node that
 *       died may have spent all of it since its last flush, and nobody can know. This is what a death costs:
 *       its lead, so leads are small (a few flushes' demand). An end serves what else is lost: after a server
 *       came back empty, all nodes LEARN for as long as a claim lasts (nobody raises one), while each node
 *       that lives tells its own entry again. A claim that nobody told until then has ended.
 *
 *       The ledger ends it by itself, TQ_SHARE_LEASE_NS after it was cut off, which is before the claim's
 *       end: so also a process that was stopped or killed leaves no lease behind that others were granted
 *       since.
 *
 *       What is held may be a hold that is being refused: it is claimed, and raises no grant.
 *
 *       ASKING. A node whose callers were refused (wish) and that finds no room for it publishes a claim that
 *       does not fit, again and again: by that the others see that all weigh more than the amount. Those that
 *       spend nothing give back their leads for a while; of those that ask, too, each asks in some flushes
 *       only and gives back what is of no use to it, so that one of them finds room.
 *
 *   L2  NOT STRICT: a claim that ended is free again. Until then, SYNC_KEEP_MS at most, a node that is cut
 *       off has its share for itself; what it still spends of it later is in the stated bound (overshoot.h).
 *
 * LEVELS. The count of a rolling limit and of a refill falls by itself, so their claims stand in a hash of
 * their own (key_s 0, added and corrected 0), and a node weighs what it claims. Of a rolling limit the caller
 * puts the sums over its buckets into heard.others_added and others_corrected, behind sync_others_hear. A
 * refill's claim is the size of its part of the bucket.
 *
 * THE RESERVE of a limit is kept back out of each claim: of a leased limit by each machine that is busy.
 *
 * PUT BACK. What the stored entry has above the ledger's totals is the *base*: this machine spent it, but its
 * ledger was put back. It is told with the own totals, and withheld here as if others had used it. Of a
 * strict limit it is all that was claimed. A run tells it to the next one (view.base_added), because the
 * ledger counts on while nobody exchanges it, and then has as much as is stored. For the same reason `ledger
 * restore` notes what the ledger then had (view.had_added). Where nobody noted it, what was counted since is
 * taken for a part of what is stored. (What was counted before and not told is lost with the ledger that had
 * it, at most an interval's.)
 *
 * ROUNDS of the node's loop, for each window. `lease = next` only when tq_provider_set_share took
 * next.others, next.withheld and next.withheld_cut: else the lease of before holds on.
 *
 *     first      asks with item.writes false and item.asks_all true; sync_others_hear (others.h),
 *                sync_lease_learn, tq_provider_set_share
 *     each       sync_lease_own fills item.own; item.asks_all = lease.asks_all; sync_exchange
 *     heard      sync_others_hear, sync_lease_hear, tq_provider_set_share, then tq_ledger_set_shared_until
 *     unheard    sync_lease_alone: when it says so, tq_provider_set_share
 */
#ifndef TOKENQUOTA_SYNC_LEASE_H
#define TOKENQUOTA_SYNC_LEASE_H

#include "exchange.h"

#define SYNC_KEEP_MS (10 * 60 * 1000)

#define SYNC_LEASE_STRICT 1u  /* L1 */
#define SYNC_LEASE_LEVEL 2u   /* rolling: the count falls by itself */
#define SYNC_LEASE_REFILL 4u  /* it falls by itself, and faster the larger the claim: always leased */
#define SYNC_LEASE_OPEN 8u    /* while cut off: as if others used nothing more (not for strict limits) */
#define SYNC_LEASE_CLOSED 16u /* while cut off: nothing (of a strict limit: what it claimed) */

/* One window as its node sees it, at one instant. */
struct sync_view {
    uint32_t flags;    /* SYNC_LEASE_... */
    uint32_t machines; /* that are heard, this one, too; at least 1 */
    bool has_silent; /* a node is known that was not heard for its notice (sync_notice_ms of its interval) */
    int64_t start_s; /* of the window; LEVEL, REFILL and once: 0 */
    int64_t amount, reserve;
    int64_t added,
        corrected;      /* the ledger's totals. LEVEL, REFILL: any totals that grow; for the rate alone */
    int64_t used, held; /* the ledger's */
    int64_t wish;       /* what a caller asked for in one piece and was refused; 0: nothing known */
    int64_t base_added, base_corrected; /* the base as the run before knew it: PUT BACK; 0: none */
    bool has_had; /* somebody noted what the ledger had when it was put back, which is: */
    int64_t had_added, had_corrected;
    int64_t told_others; /* the others that the ledger was told of; 0: none */
    int64_t told;        /* what the ledger withholds by what it was told, while cut off or not, the less; -1:
                            nothing told */
    int64_t length_ms;   /* of the window; how long a level needs to fall to nothing. 0: once */
    int64_t every_ms, round_trip_ms; /* the flush interval; the last round trip */
    int64_t now_ms;                  /* the server's clock */
    int64_t epoch_at_ms;             /* when the server's tag was made: now_ms - epoch_age_ms */
    uint64_t epoch;
};

/* What was heard of a window; sync_others_hear fills it. */
struct sync_heard {
    struct sync_entry stored;               /* the own entry; seq 0: none */
    int64_t others_added, others_corrected; /* of the others, as far as known */
    bool has_all;                           /* all entries were heard: the next two are known */
    int64_t weight;                         /* what the others weigh together */
    int64_t kept;                           /* of it what silent nodes claim beyond what they used */
    int64_t freed; /* beside it: what silent nodes claimed beyond that until it ended */
};

/* What a node remembers of a window from flush to flush. All zero: nothing. */
struct sync_lease {
    /* for the caller: */
    int64_t others, withheld, withheld_cut; /* for tq_provider_set_share */
    bool asks_all;                          /* the next flush asks for all entries */
    bool is_learned;                        /* the own entry is known: the next flush may write */
    bool is_leased;                         /* it spends claims only */
    bool is_learning;                       /* no claim is raised, because the server may have lost some */
    int64_t unheard; /* not strict: claims of silent nodes that ended unspent; part of the bound */
    /* of lease.c: */
    int64_t start_s;
    int64_t base_added, base_corrected;
    int64_t told_added, told_corrected; /* by the newest flush */
    uint64_t seq, seq_heard, epoch;
    int64_t granted;             /* up to where this node may spend, with its base */
    int64_t claim, claim_end_ms; /* as published last */
    int64_t end_ms;              /* of what was granted */
    int64_t heard_ms, learn_until_ms, settled_at_ms;
    uint32_t machines;
    int64_t seen_ms, seen_own, seen_others; /* for the rates */
    int64_t rate, others_rate;              /* tokens a second, falling slowly */
    int64_t spent_ms;                       /* when this node was last seen to spend */
    int64_t pressed_ms; /* when all claims together were last more than the amount: somebody asks */
};

/* The time to notice a cut: shared_until is the last answer's instant and this. max(3 x interval, interval +
 * 1 s). */
int64_t sync_notice_ms(int64_t every_ms);

/* How long a strict claim lasts, and how long is learned. */
int64_t sync_lease_ms(int64_t every_ms);

/* Begins a window with the own entry that is stored, before anything was written of it. */
void sync_lease_learn(const struct sync_view *view, const struct sync_heard *heard, struct sync_lease *next);

/* Fills the entry to publish but its node's name, from totals, used and held that were read after the last
 * share was set. */
void sync_lease_own(struct sync_lease *lease, const struct sync_view *view, struct sync_entry *own);

/* Decides after an answer to the newest entry of sync_lease_own; an answer to an older one is none. */
void sync_lease_hear(const struct sync_lease *lease, const struct sync_view *view,
                     const struct sync_heard *heard, struct sync_lease *next);

/* Decides while there is no answer. Returns whether something must be told to the ledger. */
bool sync_lease_alone(const struct sync_lease *lease, const struct sync_view *view, struct sync_lease *next);

/* The last word of a node that leaves (SIGTERM): its claim is what it used and holds. Tell it after the
 * ledger was closed to that (next->withheld). */
void sync_lease_leave(const struct sync_lease *lease, const struct sync_view *view, struct sync_lease *next);

#endif
