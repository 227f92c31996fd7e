/* line.pml: a line is taken for limits, claimers and records stall and die: no word of an older limit gets into it.
 *
 * SPDX-License-Identifier: MIT
 *
 * The steps of src/limit_set.c (L1 to L3) on the one free line of a provider. Each setter sets a limit of its own:
 * it claims the line, gives it amount and reserve, and publishes it. One that finds the line claimed gives it up,
 * for whoever claimed it may be dead. The first setter removes its limit again. Setters may die at any step but the
 * last ones. A recorder loads the spec, then the count, looks at the spec once more, and swaps. Checked whenever a
 * setter finds its limit published, and when all have ended:
 *
 *   - a published limit has its own amount and reserve;
 *   - what is counted under its version are records of that limit, each once.
 *
 * Twins, each of which must fail: -DTWIN_NEWER claims without looking at the spec again, so that its version may
 * overwrite a newer one; -DTWIN_GIVE gives the reserve only to a word that was there before the claim;
 * -DTWIN_UNTAGGED counts under a tag without version.
 */
#ifndef SETTERS
#define SETTERS 3
#endif
#ifndef RECORDERS
#define RECORDERS 0
#endif
#define VERSIONS 3 /* after which nobody tries again */

byte version, limit;                 /* the spec: limit 0 is none */
byte amount_version, amount_of;
byte reserve_version, reserve_of;
byte count_version, count;           /* version 0: nothing */
byte records[10];                    /* answered, by version */
byte published[10];                  /* the limit that was published under a version */
byte ended;

inline check_line()
{
    d_step {
        if
        :: limit != 0 ->
            assert(amount_version == version && amount_of == limit);
            assert(reserve_version == version && reserve_of == limit)
        :: else
        fi
    }
}

proctype setter(byte me)
{
    byte v, l, av, ao, rv, ro;
    bool done;

    do
    :: true ->
        atomic { v = version; l = limit };
        if
        :: l != 0 || v >= VERSIONS -> goto gone /* TQ_EFULL, or enough */
        :: else
        fi;
#ifdef TWIN_GIVE
        d_step { rv = reserve_version; ro = reserve_of };
#endif
        d_step { av = amount_version; ao = amount_of };
        if
        :: av == v + 1 -> goto give_up
        :: else
        fi;
#ifndef TWIN_NEWER
        if
        :: version != v || limit != 0 -> goto again
        :: else
        fi;
#endif
        atomic {
            done = (amount_version == av && amount_of == ao);
            if
            :: done -> amount_version = v + 1; amount_of = me
            :: else
            fi
        };
        if
        :: !done -> goto give_up
        :: done
        :: me > 1 -> goto gone            /* dies */
        fi;
#ifdef TWIN_GIVE
        d_step {
            if
            :: reserve_version == rv && reserve_of == ro -> reserve_version = v + 1; reserve_of = me
            :: else
            fi
        };
#else
        do
        :: true ->
            d_step { rv = reserve_version; ro = reserve_of };
            if
            :: amount_version != v + 1 -> break
            :: else
            fi;
            atomic {
                done = (reserve_version == rv && reserve_of == ro);
                if
                :: done -> reserve_version = v + 1; reserve_of = me; break
                :: else
                fi
            }
        od;
#endif
        if
        :: true
        :: me > 1 -> goto gone            /* dies */
        fi;
        atomic {
            done = (version == v && limit == 0);
            if
            :: done -> version = v + 1; limit = me; published[v + 1] = me
            :: else
            fi
        };
        if
        :: done -> break
        :: else -> goto again
        fi;
give_up:
        skip;
        d_step {
            if
            :: version == v && limit == 0 -> version = v + 1
            :: else
            fi
        };
again:
        skip
    od;
    check_line();
    if
    :: me == 1 -> d_step { assert(limit == me); limit = 0 }
    :: else
    fi;
gone:
    ended++
}

proctype recorder()
{
    byte v, l, cv, c;
    bool done;

    atomic { v = version; l = limit };
    if
    :: l == 0 -> goto gone
    :: else
    fi;
    do
    :: true ->
        atomic { cv = count_version; c = count };
#ifndef TWIN_UNTAGGED
        if
        :: cv != v && (version != v || limit != l) -> break
        :: else
        fi;
#endif
        atomic {
            done = (count_version == cv && count == c);
            if
            :: done ->
#ifdef TWIN_UNTAGGED
                count = c + 1; count_version = version;
#else
                count = (cv == v -> c + 1 : 1); count_version = v;
#endif
                records[v]++; break
            :: else
            fi
        }
    od;
gone:
    ended++
}

init {
    byte n;

    atomic {
        for (n : 1 .. SETTERS) {
            run setter(n)
        };
#if RECORDERS
        for (n : 1 .. RECORDERS) {
            run recorder()
        }
#endif
        skip
    };
    ended == SETTERS + RECORDERS;
    check_line();
    assert(limit == 0 || (count_version == version -> count : 0) == records[version])
}
