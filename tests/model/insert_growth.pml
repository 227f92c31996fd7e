/* insert_growth.pml: inserters of the same and of other names while tables grow, and die at any step.
 *
 * SPDX-License-Identifier: MIT
 *
 * Tables of one bucket each; the next is made when the one before is full. Each process draws a name and
 * inserts it as src/table.c does: a slot number of its own, filled, then published on the first free word
 * of the walk; then it looks its name up. Checked:
 *
 *   - no name is in the index twice;
 *   - an insert that returned is found by every later look-up, under the slot that it returned;
 *   - nobody waits: every process ends.
 *
 * With -DTWIN an inserter starts anywhere in a bucket: it must fail.
 */
#ifndef INSERTERS
#define INSERTERS 3
#endif

#ifndef WORDS
#define WORDS 2 /* of a bucket */
#define TABLES 2
#endif

#define NAMES 3
#define NONE 0

byte name_of[INSERTERS + 1]; /* what slot number - 1 was filled with; 0: not yet */
byte slots;                  /* numbers given out */
byte index[WORDS * TABLES];  /* slot number + 1; 0: free */
bool made[TABLES];
byte found_as[NAMES + 1];    /* what the first insert of the name that returned had found; 0: none */

inline die()
{
    goto dead
}

/* Which words hold the name now? */
inline check_once(name)
{
    d_step {
        times = 0;
        for (k : 0 .. WORDS * TABLES - 1) {
            if
            :: index[k] != NONE && name_of[index[k] - 1] == name -> times++
            :: else
            fi
        };
        k = 0;
        assert(times <= 1);
        times = 0
    }
}

proctype inserter()
{
    byte name, mine, word, t, i, start, found, k, times;

    if
    :: name = 1
    :: name = 2
    :: name = 3
    fi;
    atomic { mine = slots + 1; slots++ };
    name_of[mine - 1] = name; /* stores into a slot that nobody else knows: one step will do */
    t = 0;
    do
    :: t == TABLES -> goto dead /* full: refused */
    :: else ->
        if
        :: made[t]
        :: atomic { !made[t] -> made[t] = true } /* S1: one wins, the others find it */
        :: true -> die()
        fi;
        start = 0;
#ifdef TWIN
        if
        :: start = 0
        :: start = 1
        fi;
#endif
        i = 0;
        do
        :: i == WORDS -> break
        :: else ->
            if
            :: atomic { /* compare-and-swap from 0: ours, or what is there */
                   word = index[t * WORDS + (start + i) % WORDS];
                   if
                   :: word == NONE -> index[t * WORDS + (start + i) % WORDS] = mine; word = mine
                   :: else
                   fi };
               if
               :: name_of[word - 1] == name -> found = word; goto returned
               :: else -> i++
               fi
            :: true -> die()
            fi
        od;
        t++
    od;
returned:
    check_once(name);
    /* The look-up: left to right, until the name, a free word or no table. */
    atomic {
        if
        :: found_as[name] == NONE -> found_as[name] = found
        :: else
        fi;
        assert(found_as[name] == found)
    };
    t = 0;
    do
    :: t == TABLES || !made[t] -> assert(false)
    :: else ->
        i = 0;
        do
        :: i == WORDS -> break
        :: else ->
            word = index[t * WORDS + i];
            if
            :: word != NONE && name_of[word - 1] == name -> assert(word == found); goto dead
#ifdef TWIN
            :: word == NONE -> i++ /* who starts anywhere leaves gaps: all words are looked at */
#else
            :: word == NONE -> assert(false)
#endif
            :: word != NONE && name_of[word - 1] != name -> i++
            fi
        od;
        t++
    od;
dead:
    check_once(name)
}

init {
    byte n;

    atomic {
        made[0] = true;
        for (n : 1 .. INSERTERS) {
            run inserter()
        }
    }
}
