/* hold.pml: calls hold, settle, stall and die at an edge: nothing exceeds, and no hold loses its place to another.
 *
 * SPDX-License-Identifier: MIT
 *
 * The steps of src/hold_place.c, hold_room.c and hold_take.c (H1 to H3). Each caller holds one amount of a limit that has
 * room for LIMIT, in a place that it finds free, and settles by as much; with DEATH the first may die at any step. There are two
 * places, so that one is used again. A reaper frees the hold, or the claim, of a caller that died; it also frees one
 * whose lease has ended while its caller, the first, stalls between claim and held (STALL). With EXTEND the lease of the first
 * ends at any step, and it extends it, in time or late: then its call runs on, unless the hold is gone. Checked at each step:
 *
 *   - what is counted, and what runs, is never more than the limit;
 *   - a hold that was taken is there until its caller settles, or dies;
 *   - a hold that is published has its own amount.
 *
 * Twins, each of which must fail: -DTWIN_COUNTS reads the count before the holds; -DTWIN_FREE frees before it
 * counts; -DTWIN_CLEAR frees whatever is in the place; -DTWIN_LOOK looks before it publishes; -DTWIN_AMOUNT loads
 * the amount after its claim; -DTWIN_EXTEND frees because of a lease from a word with another lease.
 */
#ifndef CALLERS
#define CALLERS 3
#endif
#define PLACES 2
#ifndef LIMIT
#define LIMIT 2 /* of the amounts 1, 1, 2, ... */
#endif
#define FREE 0
#define CLAIMED 1
#define HELD 2

/* A word: whose, state, generation. */
byte owner[PLACES], state[PLACES], generation[PLACES];
#ifdef EXTEND
byte lease[PLACES]; /* in the word, too: until time is so much. 2 never ends */
byte now;
bool extended; /* the lease of the first was extended */
bool covered;  /* its call is among those that run: its lease has not ended */
#endif
byte amount_of[PLACES], amount_generation[PLACES];
byte count;
byte running;           /* amounts of calls that were taken and neither counted nor dead */
bool dead[CALLERS + 1]; /* by the number of a caller, from 1 */
bool stalls[CALLERS + 1]; /* its lease may end */
byte ended;

#define AMOUNT(me) (me == 3 -> 2 : 1)

inline check()
{
    assert(count + running <= LIMIT)
}

/* Frees the hold, or the claim (st), with this owner and generation, if it is there. */
inline free_own(p, who, g, st, was)
{
    atomic {
#ifdef TWIN_CLEAR
        was = true;
        owner[p] = 0; state[p] = FREE
#else
        was = (owner[p] == who && generation[p] == g && state[p] == st);
        if
        :: was -> owner[p] = 0; state[p] = FREE
        :: else
        fi
#endif
    }
}

proctype caller(byte me)
{
    byte p, g, ag, ao, sum, used, i;
    bool ok;

    /* A place that looks free; then its amount, as it is before the claim. */
    d_step {
        p = (state[0] == FREE -> 0 : 1);
        g = generation[p];
        ok = (state[p] == FREE)
    };
    if
    :: !ok -> goto refused
    :: else
    fi;
#ifndef TWIN_AMOUNT
    d_step { ag = amount_generation[p]; ao = amount_of[p] };
#endif
    atomic {
        ok = (state[p] == FREE && generation[p] == g);
        if
        :: ok -> owner[p] = me; state[p] = CLAIMED; g = g + 1; generation[p] = g
#ifdef EXTEND
            ; lease[p] = (me == 1 -> 1 : 2)
#endif
        :: else
        fi
    };
    if
    :: !ok -> goto refused
    :: else
    fi;
    if
    :: true
#ifdef DEATH
    :: me == 1 -> dead[me] = true; goto gone
#endif
#ifdef STALL
    :: me == 1 -> stalls[me] = true
#endif
    fi;
#ifdef TWIN_AMOUNT
    d_step { ag = amount_generation[p]; ao = amount_of[p] };
#endif
    atomic {
        ok = (amount_generation[p] == ag && amount_of[p] == ao);
        if
        :: ok -> amount_generation[p] = g; amount_of[p] = AMOUNT(me)
        :: else
        fi
    };
    if
    :: !ok -> free_own(p, me, g, CLAIMED, ok); goto refused
    :: else
    fi;
#ifndef TWIN_LOOK
    atomic {
        ok = (owner[p] == me && generation[p] == g && state[p] == CLAIMED);
        if
        :: ok -> state[p] = HELD; assert(amount_of[p] == AMOUNT(me) && amount_generation[p] == g)
        :: else
        fi
    };
    if
    :: !ok -> goto refused
    :: else
    fi;
#ifdef DEATH
    if
    :: true
    :: me == 1 -> dead[me] = true; goto gone
    fi;
#endif
#endif
#ifdef TWIN_COUNTS
    used = count;
#endif
    sum = 0;
    i = 0;
    do
    :: i < PLACES ->
        d_step {
            if
            :: state[i] == HELD && amount_generation[i] == generation[i] -> sum = sum + amount_of[i]
            :: else
            fi;
            i = i + 1
        }
    :: else -> break
    od;
#ifndef TWIN_COUNTS
    used = count;
#endif
#ifdef TWIN_LOOK
    sum = sum + AMOUNT(me);
    atomic {
        ok = (owner[p] == me && generation[p] == g && state[p] == CLAIMED);
        if
        :: ok -> state[p] = HELD
        :: else
        fi
    };
#endif
    if
    :: used + sum > LIMIT -> free_own(p, me, g, HELD, ok); goto refused
    :: else
    fi;
    d_step { sum = 0; used = 0; i = 0; ag = 0; ao = 0 }; /* fewer states */
    /* The last look, and the call begins. */
    atomic {
        if
#ifdef EXTEND
        :: owner[p] == me && generation[p] == g && state[p] == HELD && me == 1 ->
            if
            :: now < lease[p] -> covered = true; running = running + AMOUNT(me)
            :: else /* it stalled past its lease */
            fi
        :: owner[p] == me && generation[p] == g && state[p] == HELD && me != 1 -> running = running + AMOUNT(me)
#else
        :: owner[p] == me && generation[p] == g && state[p] == HELD -> running = running + AMOUNT(me)
#endif
        :: else -> goto refused
        fi;
        stalls[me] = false
    };
    check();
#ifdef EXTEND
    if
    :: me == 1 ->
        atomic {
            if
            :: owner[p] == me && generation[p] == g && state[p] == HELD ->
                lease[p] = 2;
                extended = true;
                if
                :: !covered -> covered = true; running = running + AMOUNT(me)
                :: else
                fi
            :: else -> assert(!covered); goto gone
            fi
        };
        check()
    :: else
    fi;
#endif
#ifdef DEATH
    if
    :: true
    :: me == 1 -> atomic { dead[me] = true; running = running - AMOUNT(me) }; goto gone
    fi;
#endif
    /* It is there as long as its caller lives. */
    assert(owner[p] == me && generation[p] == g && state[p] == HELD);
#ifdef TWIN_FREE
    free_own(p, me, g, HELD, ok);
    atomic { count = count + AMOUNT(me); running = running - AMOUNT(me) };
#else
    atomic { count = count + AMOUNT(me); running = running - AMOUNT(me) };
#ifdef DEATH
    if
    :: true
    :: me == 1 -> dead[me] = true; goto gone
    fi;
#endif
    free_own(p, me, g, HELD, ok);
#endif
    check();
refused:
gone:
    ended++
}

#ifdef EXTEND
/* The lease of the first ends: when it was not extended, its call is none of those that run. */
proctype time()
{
    atomic {
        now = 1;
        if
        :: covered && !extended -> covered = false; running = running - AMOUNT(1)
        :: else
        fi
    }
}
#endif

/* Frees what is dead, from a word that it loaded. */
proctype reaper()
{
    byte p, who, g, st;
    bool over, was;
#ifdef EXTEND
    byte until;
#endif

    do
    :: ended < CALLERS || owner[0] != 0 || owner[1] != 0 ->
        if
        :: p = 0
        :: p = 1
        fi;
        d_step {
            who = owner[p];
            g = generation[p];
            st = state[p];
            over = (who != 0 && (dead[who] || (stalls[who] && state[p] == CLAIMED)))
#ifdef EXTEND
            ; until = lease[p]; over = (who != 0 && now >= until)
#endif
        };
        if
#if defined(EXTEND) && !defined(TWIN_EXTEND)
        :: over ->
            atomic {
                if
                :: lease[p] == until -> free_own(p, who, g, st, was)
                :: else /* it was extended, or is another */
                fi
            }
#else
        :: over -> free_own(p, who, g, st, was)
#endif
        :: else -> if
                   :: ended == CALLERS -> break /* a hold that nobody frees is found below */
                   :: else
                   fi
        fi
    :: else -> break
    od
}

init {
    byte i = 1;

    atomic {
        run reaper();
#ifdef EXTEND
        run time();
#endif
        do
        :: i <= CALLERS -> run caller(i); i++
        :: else -> break
        od
    }
}
