/* first_use.pml: windows that begin with their first record, late records and death: the last window has its own.
 *
 * SPDX-License-Identifier: MIT
 *
 * The steps of src/first_use.c (U1 to U3) on the window and its floor. A length is 4. Recorders are at instants 10
 * and 11, and at 20 and 21 (drawn), those of each kind in any order; a record that is the earlier one moves the
 * beginning back. All but two may die at any step before the one that counts. When all have ended, and one of the later kind was answered:
 *
 *   - the window that is open began at 20 or 21, at the earliest of the records that it counts;
 *   - it has each of them that was answered, once.
 *
 * Twins, each of which must fail: -DTWIN_ORDER loads the floor before the window; -DTWIN_TWO_STEPS begins a window
 * and then sets its count.
 */
#ifndef RECORDERS
#define RECORDERS 4
#endif
#define LENGTH 4

byte start, count;       /* 0: none */
byte floor, raises;
byte answered, ended;
byte earliest = 255;     /* of the later records that were answered */

inline look()
{
#ifdef TWIN_ORDER
    atomic { f = floor; r = raises };
    atomic { s = start; c = count };
#else
    atomic { s = start; c = count };
    atomic { f = floor; r = raises };
#endif
    open = (s != 0 && s >= f && s <= f + LENGTH)
}

inline swap_window(to, n)
{
    atomic {
        done = (start == s && count == c);
        if
        :: done -> start = to; count = n
        :: else
        fi
    }
}

proctype recorder(byte unit; bool mortal)
{
    byte s, c, f, r, next;
    bool open, done;

    do
    :: mortal -> goto gone
    :: true ->
        look();
        if
        :: unit < f -> goto gone /* late: of no window */
        :: else
        fi;
        if
        :: open && unit >= s && unit < s + LENGTH -> swap_window(s, c + 1)
        :: open && unit < s ->
            if
            :: s - unit >= LENGTH -> goto gone
            :: else -> swap_window(unit, c + 1)
            fi
        :: !open && s != 0 -> swap_window(0, 0); done = false
        :: (open && unit >= s + LENGTH) || (!open && s == 0) ->
            next = (open -> s + LENGTH : f);
            if
            :: next < unit - LENGTH -> next = unit - LENGTH
            :: else
            fi;
            atomic {
                done = (floor == f && raises == r);
                if
                :: done -> floor = next; raises = (raises + 1) % 4
                :: else
                fi
            };
            if
            :: done && mortal -> goto gone
            :: done ->
#ifdef TWIN_TWO_STEPS
                atomic {
                    done = (start == s && count == c);
                    if
                    :: done -> start = unit
                    :: else
                    fi
                };
                if
                :: done -> count = 1
                :: else
                fi
#else
                swap_window(unit, 1)
#endif
            :: else
            fi
        fi;
        if
        :: done -> break
        :: else
        fi
    od;
    atomic {
        if
        :: unit >= 20 ->
            answered++;
            if
            :: unit < earliest -> earliest = unit
            :: else
            fi
        :: else
        fi
    };
gone:
    ended++
}

init {
    byte n;

    atomic {
        run recorder(11, true);
        if
        :: run recorder(10, true)
        :: run recorder(20, true)
        fi;
        for (n : 3 .. RECORDERS) {
            if
            :: run recorder(20, false)
            :: run recorder(21, false)
            fi
        }
    };
    ended == RECORDERS;
    assert(answered > 0);
    assert(start == earliest && start >= floor && start <= floor + LENGTH);
    assert(count == answered)
}
