/* stated.pml: what blocks a window: lines are taken again while those who write the word stall, and one probe at a time.
 *
 * SPDX-License-Identifier: MIT
 *
 * The steps of src/stated.c on one line. A changer removes the limit that has it and puts the next one there, again and
 * again: it frees the spec, claims, gives `blocking` the empty word of the new version, and publishes. Each writer
 * blocks the window of one limit, and lifts it: it looks for its limit, loads the word, looks at the spec once more,
 * and swaps. A reader loads the spec, the word, and the spec again. Checked:
 *
 *   - a limit has no word of another;
 *   - nobody reads the word of another limit.
 *
 * Twins, each of which must fail: -DTWIN_EMPTY has an empty word without version; -DTWIN_SPEC does not look at the
 * spec again before the swap; -DTWIN_OPEN finds its limit by one load of the spec and goes on with another;
 * -DTWIN_READER does not look at the spec again.
 *
 * With -DPROBE the steps of src/probe.c on the probe word of a slot: callers take the probe, each at an instant of its
 * own that may be long past, and some say that it failed, or die. Checked: of two probes that are handed out, the
 * second is no earlier than the end of the first one's lease, or than the wait after its failure. -DTWIN_TWO_STEPS
 * stores the word instead of swapping it; -DTWIN_LEASE writes the instant after the bit. Both must fail.
 */
#ifndef PROBE

#ifndef WRITERS
#define WRITERS 2
#endif
#ifndef CHANGES
#define CHANGES 3
#endif

byte version = 1, limit = 1; /* the spec; limit 0: free */
byte word_of;                /* blocking: whose word, 0: empty, */
byte word_version = 1;       /* and then of this version */

#ifdef TWIN_EMPTY
#define EMPTY(v) 0
#else
#define EMPTY(v) (v)
#endif

/* Limits take turns, so that each comes back. */
proctype changer()
{
    byte n, next;

    for (n : 1 .. CHANGES) {
        next = limit % WRITERS + 1;
        limit = 0;
        d_step { word_of = 0; word_version = EMPTY(version + 1) };
        d_step { version = version + 1; limit = next };
        assert(word_of == 0 || word_of == limit)
    }
}

proctype writer(byte me)
{
    byte v, o, ov, tries;
    bool done, lifts;

    d_step { v = version; done = (limit == me) };
    if
    :: !done -> goto gone
    :: else
    fi;
#ifdef TWIN_OPEN
    d_step { v = version };
#endif
again:
    skip;
    d_step { o = word_of; ov = word_version };
#ifndef TWIN_SPEC
#ifdef TWIN_OPEN
    if
    :: version != v -> goto gone
    :: else
    fi;
#else
    if
    :: version != v || limit != me -> goto gone
    :: else
    fi;
#endif
#endif
    lifts = (o == me);
    atomic {
        done = (word_of == o && (o != 0 || word_version == ov));
        if
        :: done && lifts -> word_of = 0; word_version = EMPTY(v)
        :: done && !lifts ->
            word_of = me;
            assert(limit == 0 || limit == me)
        :: else
        fi
    };
    tries++;
    if
    :: tries < 3 -> goto again
    :: else
    fi;
gone:
    skip
}

proctype reader()
{
    byte v, l, o;

    d_step { v = version; l = limit };
    o = word_of;
    if
#ifndef TWIN_READER
    :: version != v || limit != l
#endif
    :: l == 0
    :: else -> assert(o == 0 || o == l)
    fi
}

init {
    byte n;

    atomic {
        run changer();
        run reader();
        for (n : 1 .. WRITERS) {
            run writer(n)
        }
    }
}

#else

#ifndef CALLERS
#define CALLERS 3
#endif
#define LEASE 2
#define WAIT 3
#define TIMES 5

byte now = 1;
byte last;     /* the probe word: when it was taken or failed; */
bool out;      /* somebody has it; */
bool failed;   /* one failed, so the next waits */
byte free_at;  /* ghost: when the next may be handed out */

proctype clock()
{
    do
    :: now < TIMES -> now++
    :: now >= TIMES -> break
    od
}

#define IS_DUE(at, l, o, f) (o -> at >= l + LEASE : (f -> at >= l + WAIT : true))

proctype caller()
{
    byte at, l;
    bool o, f, done;

    at = now;
    if /* what it asks for may be long past when it does */
    :: true
    :: at > 1 -> at--
    fi;
again:
    skip;
    d_step { l = last; o = out; f = failed };
    if
    :: !IS_DUE(at, l, o, f) -> goto gone
    :: else
    fi;
#ifdef TWIN_TWO_STEPS
    atomic {
        assert(at >= free_at);
        free_at = at + LEASE;
        last = at; out = true
    };
#else
#ifdef TWIN_LEASE
    atomic {
        done = (last == l && out == o && failed == f);
        if
        :: done -> assert(at >= free_at); free_at = at + LEASE; out = true
        :: else
        fi
    };
    if
    :: done -> last = at
    :: else
    fi;
#else
    atomic {
        done = (last == l && out == o && failed == f);
        if
        :: done ->
            assert(at >= free_at);
            free_at = at + LEASE;
            last = at; out = true
        :: else
        fi
    };
#endif
    if
    :: !done -> goto again
    :: else
    fi;
#endif
    if
    :: true -> goto gone /* dies, or its lease ends first */
    :: true
    fi;
    at = now;
    do /* it failed */
    :: true ->
        d_step { l = last; o = out; f = failed };
        if
        :: !o || at < l -> break
        :: else
        fi;
        atomic {
            done = (last == l && out == o && failed == f);
            if
            :: done ->
                last = at; out = false; failed = true;
                free_at = at + WAIT;
                break
            :: else
            fi
        }
    od;
gone:
    skip
}

init {
    byte n;

    atomic {
        run clock();
        for (n : 1 .. CALLERS) {
            run caller()
        }
    }
}
#endif
