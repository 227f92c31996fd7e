/* doubt.pml: openers of a file whose index may not be whole: one rebuilds it, and nobody counts on a broken one.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each opener looks at the header. When it says that the index is whole, it takes the shared lock. Else it
 * holds the lock DOUBT while it decides: alone, it takes the exclusive lock, rebuilds, and makes the lock
 * shared in one step; beside others that hold the shared lock, it takes that too, looks whether they are there
 * still, and counts with them. With -DUNKNOWN the header never says it (nobody knows the boot). Everybody may
 * die before any step, and leave, and the system drops the locks. Checked: whoever counts has a whole index.
 *
 * With -DTWIN nobody takes DOUBT: two that join each other, when the one that rebuilt died, count on its
 * ruins. It must fail.
 */
#ifndef OPENERS
#define OPENERS 3
#endif

bool whole;     /* what the header says */
bool sound;     /* what the index is */
byte users;     /* holders of the shared lock */
bool exclusive, doubt;

inline count_and_leave()
{
    assert(sound && !exclusive);
    assert(sound && !exclusive);
    users--
}

proctype opener()
{
    byte tries = 0;

again:
    if
    :: tries == 3 -> goto gone /* busy, or killed */
    :: tries < 3 -> tries++
    fi;
#ifndef UNKNOWN
    if
    :: whole ->
        if
        :: atomic { !exclusive -> users++ }
        :: atomic { exclusive -> goto again }
        fi;
        count_and_leave();
        goto gone
    :: else
    fi;
#endif
#ifndef TWIN
    if
    :: atomic { !doubt -> doubt = true }
    :: atomic { doubt -> goto again }
    fi;
#endif
    if
    :: atomic { !exclusive && users == 0 -> exclusive = true };
        doubt = false;
        if
        :: whole && sound -> skip /* somebody did it since the header was read */
#ifdef UNKNOWN
        :: true -> goto rebuild
#endif
        :: else ->
rebuild:
            sound = false;
            if
            :: true -> sound = true; whole = true
            :: atomic { exclusive = false; goto gone } /* killed */
            fi
        fi;
        atomic { exclusive = false; users++ };
        count_and_leave()
    :: atomic { exclusive || users > 0 };
        if
        :: atomic { !exclusive -> users++ };
            if
            :: atomic { users > 1 }; doubt = false; count_and_leave()
            :: atomic { users == 1 -> users-- }; doubt = false; goto again
            fi
        :: atomic { exclusive -> doubt = false; goto again }
        fi
    fi;
gone:
    skip
}

init {
    byte n;

    atomic {
        for (n : 1 .. OPENERS) {
            run opener()
        }
    }
}
