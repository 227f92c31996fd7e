/* forget.pml: forget, and others who write words of the provider and die at any step: nothing is there unseen.
 *
 * SPDX-License-Identifier: MIT
 *
 * The provider is two words and a flag. Each recorder writes one of the words (drawn; a day's, or a mark), then
 * looks at the flag and clears it if it is set. Forget sets the flag, then clears both words; two do so. All may
 * die before any of their steps. Checked when nobody is inside a call, and no forget died half way:
 *
 *   - a word that holds what a recorder wrote that did not die is visible: the flag is not set.
 *
 * What one that died wrote may be hidden, and what a forget that died did not clear. The next word, the next
 * forget, or compact, which drops only hidden providers without words, puts that right.
 *
 * With -DTWIN a recorder unhides first and writes after, as it once was: it must fail.
 */
#ifndef RECORDERS
#define RECORDERS 2
#endif

#define WORDS 2

bool unseen;
byte word[WORDS];   /* who wrote it last, counted from 1; 0: nothing */
bool lives[RECORDERS + 1];
bool half_way;      /* a forget died */
byte ended;

inline unhide()
{
    if
    :: unseen -> unseen = false /* the look and the clearing are two steps */
    :: else
    fi
}

proctype recorder(byte me)
{
    byte w;

    if
    :: w = 0
    :: w = 1
    fi;
#ifdef TWIN
    if
    :: unhide()
    :: goto gone
    fi;
    if
    :: word[w] = me; lives[me] = true
    :: goto gone
    fi;
#else
    if
    :: word[w] = me
    :: goto gone
    fi;
    if
    :: unhide(); lives[me] = true
    :: goto gone
    fi;
#endif
gone:
    ended++
}

proctype forgetter()
{
    if
    :: unseen = true
    :: goto gone
    fi;
    if
    :: word[0] = 0
    :: half_way = true; goto gone
    fi;
    if
    :: word[1] = 0
    :: half_way = true
    fi;
gone:
    ended++
}

init {
    byte n;

    atomic {
        for (n : 1 .. RECORDERS) {
            run recorder(n)
        };
        run forgetter();
        run forgetter()
    };
    ended == RECORDERS + 2;
    assert(half_way || !unseen || word[0] == 0 || !lives[word[0]]);
    assert(half_way || !unseen || word[1] == 0 || !lives[word[1]])
}
