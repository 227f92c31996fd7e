/* carry.pml: the sum that a rolling limit saves, and records that are late by the time they count: none is missing.
 *
 * SPDX-License-Identifier: MIT
 *
 * The steps of src/rolling.c (B2). The newest bucket is 1; bucket 0 is before it, and 2 comes. Recorders count in a
 * bucket that is drawn; one that counts in the newest sums what is before it, and saves that under the base's serial.
 * All but the first may die before they count. When all have ended:
 *
 *   - a carry that holds for the newest bucket is the sum of the buckets before that, but for what those counted
 *     that died before they could say so.
 *
 * Twins, each of which must fail: -DTWIN_ONCE does not look again, after it counted, whether its bucket is the
 * newest; -DTWIN_SERIAL makes the carry void and leaves the serial as it was.
 */
#ifndef RECORDERS
#define RECORDERS 3
#endif

byte bucket[3];
byte newest = 1;
byte base_number, base_serial = 1;
byte carry_serial, carry;
byte unsaid;             /* counted by those that died then */
byte ended;

inline sum_before(n)
{
    sum = 0;
    i = 0;
    do
    :: i < n -> sum = sum + bucket[i]; i++
    :: else -> break
    od
}

/* carried */
inline save()
{
    atomic { bn = base_number; bs = base_serial };
    atomic { cs = carry_serial; c = carry };
    if
    :: bn == own && cs == bs -> keep = false
    :: bn == own && cs != bs -> keep = true
    :: else ->
        atomic {
            keep = (base_number == bn && base_serial == bs);
            if
            :: keep -> base_number = own; base_serial++; bs = base_serial
            :: else
            fi
        }
    fi;
    if
    :: keep ->
        sum_before(own);
        atomic {
            if
            :: carry_serial == cs && carry == c -> carry_serial = bs; carry = sum
            :: else
            fi
        }
    :: else
    fi
}

proctype recorder(bool mortal)
{
    byte own, n, bn, bs, cs, c, sum, i;
    bool keep;

    if
    :: own = 0
    :: own = 1
    :: own = 2
    fi;
    atomic {
        if
        :: newest < own -> newest = own
        :: else
        fi
    };
#ifdef TWIN_ONCE
    n = newest;
#endif
    if
    :: mortal -> goto gone
    :: true
    fi;
    bucket[own]++;
    if
    :: mortal -> unsaid++; goto gone
    :: true
    fi;
#ifndef TWIN_ONCE
    n = newest;
#endif
    if
    :: own != n ->
#ifdef TWIN_SERIAL
        atomic { carry_serial = 0; carry = 0 }
#else
        atomic { base_serial++ }
#endif
    :: own == n && newest == own -> save()
    :: else
    fi;
gone:
    ended++
}

init {
    byte n, b, sum;

    atomic {
        for (n : 1 .. RECORDERS) {
            run recorder(n > 1)
        }
    };
    ended == RECORDERS;
    for (b : 0 .. 1) {
        if
        :: b < newest -> sum = sum + bucket[b]
        :: else
        fi
    };
    assert(base_number != newest || carry_serial != base_serial || (carry <= sum && carry + unsaid >= sum))
}
