/* lease.pml: two nodes claim parts of one amount at a server, with lost and late messages and death: nothing exceeds.
 *
 * SPDX-License-Identifier: MIT
 *
 * The steps of sync/lease.c under a strict limit (L1 of sync/lease.h). A node publishes a claim; the server merges it and
 * reads all entries in one step; the node is granted what fits. It lowers its grant whenever it wants to, and tells afterwards.
 * Each flush may be lost, and so may its answer; two flushes of a node may be under way, the older of which may come last.
 * With DEATH the first node may die at any step and begin again with what its ledger has. Checked at each step: what
 * both nodes may spend together is never more than the amount.
 *
 * With ASK a node whose callers were refused may claim all, whether it fits or not, again and again; who hears by that that both
 * weigh more than the amount may give back what it did not use. -DREACHED must fail: it says that nobody who asks is ever
 * granted what another gave back.
 *
 * Twins, each of which must fail: -DTWIN_GRANT spends a claim when it is published; -DTWIN_LOWER tells a lower
 * claim before the ledger has it; -DTWIN_EXPIRED uses the claim of a dead node again; -DTWIN_ORDER lets the
 * server keep what came last; -DASK -DTWIN_ASK takes what has become free when it hears of it, unpublished.
 */
#ifndef AMOUNT
#define AMOUNT 2
#endif
#ifndef FLUSHES
#define FLUSHES 3 /* of each node */
#endif
#define WAYS 2 /* flushes of a node that are under way at once */

#define MOST(a, b) ((a) > (b) -> (a) : (b))
#define LEAST(a, b) ((a) < (b) -> (a) : (b))

/* A node: its ledger outlives it, its loop does not. */
byte used[2], granted[2];
byte claim[2], seq[2];
bool dead[2];
#ifdef ASK
bool gave[2]; /* what it did not use, because the other asked */
#endif
/* The server's entries. */
byte stored_seq[2], stored_used[2], stored_claim[2];
/* Flushes under way; seq 0: none. */
byte way_seq[4], way_used[4], way_claim[4];
/* The newest answer to each node; seq 0: none. */
byte answer_seq[2], answer_claim[2], answer_others[2];

#define WEIGHT(i) MOST(stored_used[i], stored_claim[i])

inline check()
{
    assert(MOST(used[0], granted[0]) + MOST(used[1], granted[1]) <= AMOUNT)
}

/* Puts a flush on its way; when both ways are taken the older one was lost. */
inline send(me)
{
    d_step {
        seq[me] = seq[me] + 1;
        slot = (way_seq[2 * me] == 0 || (way_seq[2 * me + 1] != 0 && way_seq[2 * me] < way_seq[2 * me + 1]) -> 2 * me
                                                                                                             : 2 * me + 1);
        way_seq[slot] = seq[me];
        way_used[slot] = used[me];
        way_claim[slot] = claim[me];
        slot = 0
    }
}

/* One step of the server, whichever flush comes; its answer may be lost at once. */
inline arrive(w, is_answered)
{
    d_step {
        who = w / WAYS;
#ifdef TWIN_ORDER
        if
        :: true ->
#else
        if
        :: way_seq[w] > stored_seq[who] ->
#endif
            stored_seq[who] = way_seq[w];
            stored_claim[who] = way_claim[w]
        :: else
        fi;
        stored_used[who] = MOST(stored_used[who], way_used[w]);
        if
        :: is_answered ->
            answer_seq[who] = way_seq[w];
            answer_claim[who] = stored_claim[who];
#ifdef TWIN_EXPIRED
            answer_others[who] = (dead[1 - who] -> stored_used[1 - who] : WEIGHT(1 - who))
#else
            answer_others[who] = WEIGHT(1 - who)
#endif
        :: else
        fi;
        way_seq[w] = 0;
        way_used[w] = 0;
        way_claim[w] = 0;
        who = 0
    }
}

/* Messages come, or are lost, in any order. */
active proctype network()
{
    byte who;

end:
    do
    :: way_seq[0] != 0 -> arrive(0, true)
    :: way_seq[0] != 0 -> arrive(0, false)
    :: way_seq[1] != 0 -> arrive(1, true)
    :: way_seq[1] != 0 -> arrive(1, false)
    :: way_seq[2] != 0 -> arrive(2, true)
    :: way_seq[2] != 0 -> arrive(2, false)
    :: way_seq[3] != 0 -> arrive(3, true)
    :: way_seq[3] != 0 -> arrive(3, false)
    :: way_seq[0] != 0 -> d_step { way_seq[0] = 0; way_used[0] = 0; way_claim[0] = 0 }
    :: way_seq[1] != 0 -> d_step { way_seq[1] = 0; way_used[1] = 0; way_claim[1] = 0 }
    :: way_seq[2] != 0 -> d_step { way_seq[2] = 0; way_used[2] = 0; way_claim[2] = 0 }
    :: way_seq[3] != 0 -> d_step { way_seq[3] = 0; way_used[3] = 0; way_claim[3] = 0 }
    od
}

/* What fits of the claim is granted, as far as the server has it. */
inline hear(me)
{
    atomic {
        fits = (answer_others[me] < AMOUNT -> AMOUNT - answer_others[me] : 0);
#ifdef ASK
        pressed = (fits < MOST(granted[me], used[me]));
#endif
#ifdef TWIN_ASK
        granted[me] = MOST(fits, granted[me]);
#else
        granted[me] = LEAST(LEAST(claim[me], answer_claim[me]), MOST(fits, granted[me]));
#endif
        granted[me] = MOST(granted[me], used[me]);
        answer_seq[me] = 0;
        answer_claim[me] = 0;
        answer_others[me] = 0;
        fits = 0;
        check();
#ifdef REACHED
        assert(!(gave[1 - me] && granted[me] == AMOUNT));
#endif
#ifdef ASK
        if
        :: pressed && granted[me] > used[me] -> granted[me] = used[me]; gave[me] = true /* told by a later flush */
        :: true
        fi;
        pressed = false;
#endif
        claim[me] = granted[me]
    }
}

proctype node(byte me)
{
    byte slot, fits, flushes;
#ifdef ASK
    bool pressed;
#endif

end:
    do
    /* Its callers spend. */
    :: atomic { used[me] < granted[me] -> used[me] = used[me] + 1 }; check()
    /* It wants one more, and publishes that. */
    :: flushes < FLUSHES && granted[me] < AMOUNT ->
        flushes++;
        claim[me] = granted[me] + 1;
        send(me);
#ifdef TWIN_GRANT
        granted[me] = claim[me];
        check()
#endif
#ifdef ASK
    /* Its callers were refused: it claims all. */
    :: flushes < FLUSHES && granted[me] < AMOUNT ->
        flushes++;
        claim[me] = AMOUNT;
        send(me)
    /* It only tells. */
    :: flushes < FLUSHES && claim[me] == granted[me] && gave[me] ->
        flushes++;
        send(me)
#endif
    /* It wants one less. */
    :: flushes < FLUSHES && granted[me] > used[me] ->
        flushes++;
#ifdef TWIN_LOWER
        claim[me] = granted[me] - 1;
        send(me);
        atomic { granted[me] = MOST(claim[me], used[me]) };
        check()
#else
        atomic { granted[me] > used[me] -> granted[me] = granted[me] - 1 };
        claim[me] = granted[me];
        send(me)
#endif
    :: answer_seq[me] != 0 && answer_seq[me] == seq[me] -> hear(me)
#ifdef DEATH
    :: me == 0 && !dead[0] -> dead[0] = true; break
#endif
    od
#ifdef DEATH
    ;
    /* It begins again: it asks, without writing, what is stored, and what its ledger allows is no more than that. */
    atomic {
        granted[me] = MOST(used[me], LEAST(granted[me], stored_claim[me]));
        claim[me] = granted[me];
        seq[me] = stored_seq[me] + WAYS + 1; /* behind what may still be under way */
        answer_seq[me] = 0;
        answer_claim[me] = 0;
        answer_others[me] = 0
    };
    check();
    goto end
#endif
}

init {
    atomic {
        run node(0);
        run node(1)
    }
}
