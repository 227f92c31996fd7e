/* soonest.pml: ends written by some, walks by others, and death at any step.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each writer has a slot. It writes an end into it, then swaps `soonest` for the smaller of the two with the count one
 * higher, then counts the event: W1 of src/soonest.h. A walker loads `soonest`, looks at one slot after the other, and
 * swaps in what it found: W2. A waiter loads `events`, then `soonest`, and sleeps until either says otherwise. Checked:
 *
 *   - from a writer's swap on, until its end is taken back, `soonest` is never later than the end;
 *   - no waiter sleeps beyond an end whose writer has counted its event.
 *
 * With -DTWIN_UNCOUNTED nobody counts, with -DTWIN_EARLY the swap comes before the end is written: both must fail.
 */
#ifndef WRITERS
#define WRITERS 2
#endif
#ifndef WALKERS
#define WALKERS 2
#endif
#ifndef WALKS
#define WALKS 1
#endif
#ifndef WRITES
#define WRITES 2
#endif

#define LATE 3 /* nothing ends */

byte slot[WRITERS];   /* the end in it, LATE: none */
bool known[WRITERS];  /* its writer made the swap */
bool told[WRITERS];   /* and counted the event */
byte soonest = LATE;
byte count;
byte events;

/* In every state from the swap on; called where `soonest` was changed. */
inline check()
{
    d_step {
        for (k : 0 .. WRITERS - 1) {
            assert(!known[k] || soonest <= slot[k])
        };
        k = 0
    }
}

inline lower(end)
{
    atomic {
        if
        :: end < soonest -> soonest = end
        :: else
        fi;
#ifndef TWIN_UNCOUNTED
        count++;
#endif
        known[me] = true
    }
}

proctype writer(byte me)
{
    byte end, k, times;

    do
    :: times == WRITES -> break
    :: else ->
        times++;
        if
        :: end = 1
        :: end = 2
        fi;
#ifdef TWIN_EARLY
        lower(end);
        slot[me] = end;
#else
        slot[me] = end;
        if
        :: lower(end)
        :: goto dead
        fi;
#endif
        check();
        if
        :: atomic { events++; told[me] = true }
        :: goto dead
        fi;
        /* Taken back: an end that is known too early does no harm. */
        atomic { slot[me] = LATE; known[me] = false; told[me] = false }
    od;
dead:
    skip
}

proctype walker()
{
    byte seen, seen_count, found, end, i, k, times;

    do
    :: times == WALKS -> break
    :: else ->
        times++;
        atomic { seen = soonest; seen_count = count };
        found = LATE;
        i = 0;
        do
        :: i == WRITERS -> break
        :: else ->
            d_step { /* one load; the rest is the walker's own */
                end = slot[i];
                if
                :: end < found -> found = end
                :: else
                fi;
                end = 0;
                i++
            }
        od;
        atomic {
            if
            :: soonest == seen && count == seen_count -> soonest = found
            :: else
            fi
        };
        check()
    od
}

/* Sleeps on what it loaded; then an end that was told and is sooner than its alarm must have changed `events`. */
proctype waiter()
{
    byte word, alarm, k;

    word = events;
    alarm = soonest;
    do
    :: atomic {
           events == word ->
           for (k : 0 .. WRITERS - 1) {
               assert(!told[k] || alarm <= slot[k])
           };
           k = 0
       }
    :: break
    od
}

init {
    byte n;

    atomic {
        for (n : 0 .. WRITERS - 1) {
            slot[n] = LATE
        };
        for (n : 0 .. WRITERS - 1) {
            run writer(n)
        };
        for (n : 1 .. WALKERS) {
            run walker()
        };
        run waiter()
    }
}
