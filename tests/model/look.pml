/* look.pml: a word saves the look at a limit before a record counts: no wrong clock turns a window, and no word lasts
 * that is not true.
 *
 * SPDX-License-Identifier: MIT
 *
 * The steps of src/limits.h (N1 to N3) on a bound and the word, which here names the one window that needs no turn.
 * The clock says window 2. Some record in windows that are drawn from 1 and 2, one with a wrong clock in 3. With
 * -DDAMAGED the word begins as any. When all have ended:
 *
 *   - no window was turned to 3;
 *   - the word is void, or names the bound's window (without DAMAGED).
 *
 * Twins, each of which must fail: -DTWIN_UNASKED (with DAMAGED) never makes up for a look that was skipped;
 * -DTWIN_COUNT swaps a word without the number of changes.
 */
#define VOID 0
#ifndef RECORDERS
#define RECORDERS 3
#endif

byte clock = 2;
byte bound = 1;
byte word = VOID, changes;
byte ended;

/* N2 */
inline change()
{
    atomic { word = VOID; changes++ }
}

inline turn()
{
    atomic {
        turned = (bound == b);
        if
        :: turned -> bound = own
        :: else
        fi
    };
    assert(bound <= clock);
    if
    :: turned -> change()
    :: else
    fi
}

/* tq__limits_look */
inline look()
{
    d_step { w = word; c = changes };
    b = bound;
    if
    :: b == own ->
        atomic {
            if
#ifdef TWIN_COUNT
            :: word == w -> word = own
#else
            :: word == w && changes == c -> word = own /* N1 */
#endif
            :: else
            fi
        }
    :: b > own /* the record is late */
    :: b < own ->
        if
        :: word == own -> change()
        :: else
        fi;
        if
        :: own > clock -> goto refused
        :: else
        fi;
        turn()
    fi
}

proctype recorder(bool wrong)
{
    byte own, b, w, c;
    bool skipped, turned;

    if
    :: wrong -> own = 3
    :: !wrong -> own = 1
    :: !wrong -> own = 2
    fi;
    if
    :: word == own -> skipped = true
    :: else -> look()
    fi;
    /* the day counts */
    do
    :: b = bound;
        if
        :: b >= own -> break /* counts: in the window, or late */
        :: else
        fi;
#ifndef TWIN_UNASKED
        if
        :: skipped -> look(); skipped = false /* N3 */
        :: else -> turn()
        fi
#else
        turn()
#endif
    od;
refused:
    ended++
}

init {
    byte i;

    atomic {
#ifdef DAMAGED
        if
        :: word = 1
        :: word = 2
        :: word = 3
        fi;
#endif
        for (i : 1 .. RECORDERS) {
            run recorder(false)
        };
        run recorder(true)
    };
    ended == RECORDERS + 1;
#ifndef DAMAGED
    assert(word == VOID || word == bound)
#endif
}
