/* share.pml: what is withheld for other machines, and holds that are taken meanwhile: K2 of src/shared.h.
 *
 * SPDX-License-Identifier: MIT
 *
 * A limit of 2. Two calls hold 1 each, and settle. A teller lowers what this machine may spend to 1: it writes `withheld`, then
 * sums holds, then the count, and gives the rest of the amount to others. What is spent here and given away must never be
 * more than the limit.
 *
 * -DTWIN_READ: the teller sums before it writes. -DTWIN_LOOK: a call reads `withheld` before it publishes its hold.
 * -DTWIN_COUNT: the teller reads the count before the holds.
 */
#define LIMIT 2

byte withheld = 0, count = 0, given = 0;
byte held[2];

proctype call(byte i)
{
    byte sum = 0, kept;

#ifdef TWIN_LOOK
    kept = withheld;
#endif
    held[i] = 1;
#ifndef TWIN_LOOK
    kept = withheld;
#endif
    sum = held[0];
    sum = sum + held[1];
    sum = sum + count;
    if
    :: sum + kept > LIMIT -> held[i] = 0
    :: else ->
        atomic { count++; }
        held[i] = 0
    fi
}

proctype teller()
{
    byte sum = 0;

#ifdef TWIN_READ
    sum = held[0];
    sum = sum + held[1];
    sum = sum + count;
    withheld = 1;
#else
    withheld = 1;
#ifdef TWIN_COUNT
    sum = count;
    sum = sum + held[0];
    sum = sum + held[1];
#else
    sum = held[0];
    sum = sum + held[1];
    sum = sum + count;
#endif
#endif
    if
    :: sum < LIMIT -> given = (LIMIT - sum < 1 -> LIMIT - sum : 1)
    :: else
    fi
}

init {
    atomic {
        run call(0);
        run call(1);
        run teller();
    }
    (_nr_pr == 1);
    assert(count + given <= LIMIT);
}
