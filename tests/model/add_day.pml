/* add_day.pml: records of two days that share one word, and threads that die: each day's tokens are its own.
 *
 * SPDX-License-Identifier: MIT
 *
 * RECORDERS processes each make one record of one token, for the older or the newer of the two days
 * (drawn), on one word [tag | tokens]. Each may die before any of its steps. One resets the word once.
 * Checked in every state in which nobody is inside a call:
 *
 *   - tokens of the word are the acknowledged ones of the word's day since the reset, and at most one more
 *     for each that died;
 *   - a day that the word no longer holds was replaced by the newer one, never the other way round, but by
 *     reset;
 *   - nobody waits: every process ends (no invalid end state).
 *
 * With -DTWIN the tag is checked and the tokens added in two steps (fetch_add): it must fail.
 */
#ifndef RECORDERS
#define RECORDERS 3
#endif

#define OLDER 1
#define NEWER 2

/* The word: one number in the library, so one atomic step here. */
byte tag;
byte tokens;

byte acknowledged[3]; /* by tag, since the reset */
byte dead[3];         /* died inside a record of that day */
byte inside;          /* processes that have not ended */
byte refused_rightly = 1;

inline count(day)
{
    byte seen_tag, seen_tokens;

again:
    if
    :: atomic { true -> seen_tag = tag; seen_tokens = tokens } /* load */
    :: atomic { true -> dead[day]++; goto gone }
    fi;
    if
    :: seen_tag > day -> goto too_old
    :: else
    fi;
#ifdef TWIN
    if
    :: seen_tag == day ->
        if
        :: atomic { true -> tokens++; acknowledged[day]++; goto gone } /* fetch_add, whatever day it is */
        :: atomic { true -> dead[day]++; goto gone }
        fi
    :: else
    fi;
#endif
    if
    :: atomic { tag == seen_tag && tokens == seen_tokens -> /* the swap; then acknowledged, or dead */
            if
            :: seen_tag == day -> tokens++
            :: else -> tag = day; tokens = 1; acknowledged[seen_tag] = 0; dead[seen_tag] = 0
            fi;
            if
            :: acknowledged[day]++
            :: dead[day]++
            fi;
            goto gone }
    :: atomic { !(tag == seen_tag && tokens == seen_tokens) -> goto again }
    :: atomic { true -> dead[day]++; goto gone }
    fi;
too_old:
    atomic { refused_rightly = refused_rightly && tag > day }
gone:
    skip
}

proctype recorder()
{
    byte day;

    if
    :: day = OLDER
    :: day = NEWER
    fi;
    count(day);
    inside--
}

/* One store of zero: a record is before it, and forgotten whole, or after it. */
proctype resetter()
{
    atomic {
        tag = 0;
        tokens = 0;
        acknowledged[OLDER] = 0;
        acknowledged[NEWER] = 0
    };
    inside--
}

init {
    byte i;

    atomic {
        inside = RECORDERS;
        for (i : 1 .. RECORDERS) {
            run recorder()
        }
#ifdef RESET
        inside++;
        run resetter()
#endif
    };
    inside == 0;
    assert(tokens >= acknowledged[tag]);
    assert(tokens <= acknowledged[tag] + dead[tag]);
#ifndef RESET
    /* Without a reset nothing of the newer day is ever replaced, and refusals were of an older day. */
    assert(tag == NEWER || acknowledged[NEWER] == 0);
    assert(refused_rightly)
#endif
}
