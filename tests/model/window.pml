/* window.pml: the window of a limit turns, late records come, a wrong clock is taken back: each window has its own.
 *
 * SPDX-License-Identifier: MIT
 *
 * The steps of src/limit.c (M1 to M4) on a bound and two counts. The clock says window 3. Some record in windows
 * that are drawn from 1 to 3, of which 1 and 3 share a count. With -DWRONG one more has a clock that is two windows
 * ahead and records in 5, whose count is theirs, too. With -DTIME the clock itself then comes to window 5, and the
 * last one records there. All but the first may die in the middle. When all have ended:
 *
 *   - a window that is kept has at least what was answered, or a note says that a wrong clock may have taken it;
 *   - it has at most that and one record for each that died;
 *   - who was answered without being counted was two windows late, by the records or by the clock.
 *
 * Twins, each of which must fail: -DTWIN_TWO_STEPS turns by swapping the bound and then clearing the count;
 * -DTWIN_NEVER never takes a bound back; -DTWIN_LATE lets a late record take it back; -DTWIN_STALE (with WRONG and
 * TIME) reads the clock before the bound, and takes later counts without asking it.
 */
#define NONE 0
#ifndef RECORDERS
#define RECORDERS 3
#endif

byte clock = 3;
byte bound = NONE;       /* windows count from 1 */
byte tag[2], count[2];
byte answered[7], died[7];
byte taken;              /* counts of windows up to this one may be lost */
byte begun;              /* the latest window in which a right clock recorded */
byte ended;

#ifdef WRONG
#define EVERYBODY (RECORDERS + 1)
#else
#define EVERYBODY RECORDERS
#endif

#define NOW (wrong -> 5 : clock)

inline swap_bound(from, to)
{
    atomic {
        if
        :: bound == from -> bound = to; swapped = true
        :: else -> swapped = false
        fi
    }
#ifdef TWIN_TWO_STEPS
    ;
    if
    :: swapped -> d_step { tag[to % 2] = to; count[to % 2] = 0 }
    :: else
    fi
#endif
}

/* settle_window */
inline settle()
{
    do
    :: true ->
#ifdef TWIN_STALE
        now = NOW; seen = bound;
#else
        seen = bound;
#endif
        if
        :: seen == own -> break
        :: seen < own -> swap_bound(seen, own); if :: swapped -> break :: else fi
        :: seen > own ->
#ifndef TWIN_STALE
            now = NOW;
#endif
#ifdef TWIN_NEVER
            break
#else
#ifdef TWIN_LATE
            now = own;
#endif
            if
            :: seen <= now -> break
            :: else ->
                d_step { if :: now > taken && !wrong -> taken = now :: else fi };
                swap_bound(seen, now)
            fi
#endif
        fi
    od
}

proctype recorder(bool wrong; bool later; bool mortal)
{
    byte own, seen, now, b, t, c;
    bool swapped;

    if
    :: wrong -> own = 5
    :: !wrong && !later -> if :: own = 1 :: own = 2 :: own = 3 fi
    :: !wrong && later -> clock == 5; own = 5
    fi;
    d_step { if :: !wrong && own > begun -> begun = own :: else fi };
    settle();
    do
    :: mortal -> goto gone
    :: true ->
        b = bound;
        if
        :: b == own || b == own + 1 ->
            d_step { t = tag[own % 2]; c = count[own % 2] };
            if
            :: t == own
            :: t != own ->
#ifndef TWIN_STALE
#ifndef TWIN_LATE
                if
                :: t > own ->           /* M4 */
                    now = NOW;
                    if
                    :: t <= now -> goto late
                    :: else
                    fi
                :: else
                fi;
#endif
#endif
                if
                :: bound != b -> goto again
                :: else
                fi
            fi;
            atomic {
                if
                :: tag[own % 2] == t && count[own % 2] == c ->
                    tag[own % 2] = own;
                    count[own % 2] = (t == own -> c + 1 : 1);
                    if
                    :: mortal -> died[own]++; goto gone
                    :: true -> if :: !wrong -> answered[own]++ :: else -> died[own]++ fi; goto gone
                    fi
                :: else
                fi
            }
        :: else ->
            now = NOW;
            if
            :: b > own && b <= now -> goto late
            :: else
            fi;
#ifdef TWIN_NEVER
            if
            :: b > own -> goto late
            :: else
            fi;
#endif
            settle()
        fi;
again:
        skip
    od;
late:
    assert(wrong || begun >= own + 2 || clock >= own + 2);
gone:
    ended++
}

#ifdef TIME
active proctype ticker()
{
    clock = 5
}
#endif

init {
    byte w;

    atomic {
        for (w : 1 .. RECORDERS) {
#ifdef TIME
            run recorder(false, w == RECORDERS, w > 1)
#else
            run recorder(false, false, w > 1)
#endif
        };
#ifdef WRONG
        run recorder(true, false, true);
#endif
    };
    ended == EVERYBODY;
    for (w : 1 .. 5) {
        if
        :: w == bound || w + 1 == bound ->
            assert((tag[w % 2] == w -> count[w % 2] : 0) >= answered[w] || w <= taken);
            assert((tag[w % 2] == w -> count[w % 2] : 0) <= answered[w] + died[w])
        :: else
        fi
    }
}
