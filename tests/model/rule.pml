/* rule.pml: records, set_rule, set_care and reset: what is predicted is what the rule says of what is recorded.
 *
 * SPDX-License-Identifier: MIT
 *
 * A recorder counts, reads the rule, notes under the rule care, and brings `predicted` up to date as
 * src/forecast.c does: it loads what is predicted, then all by which it judges, swaps from the value loaded, and
 * looks again after each swap. Notes are two words (src/rule.h). The mean call is loaded and stored in two steps;
 * the store is a relaxed one, which others may see late, but not after the swap of the half hour that follows. Of
 * the rule care the model has the spent budget, the mean call, which keeps out until the day's end, and the half
 * hour, which keeps out until an earlier end. Something was recorded before, with a mean call of 8.
 *
 * With -DRULER one process sets the rule, with -DSETTER one the care, with -DRESETTER one resets. Each ends with its
 * own clearing, and writes again only that the budget is spent; the next record judges the rest. Checked when all
 * have ended: what is predicted is
 *
 *   - what the rule says of the words as they are;
 *   - or, where rule, care or usage were changed, at least nothing else but that the budget is spent, if it is.
 *
 * Nobody dies here: what a process leaves that dies between a swap and its look is put right by the next record.
 *
 * With -DTWIN_RULE a recorder reads the rule once, with -DTWIN_VOID a reset only clears what is predicted, with
 * -DTWIN_ONCE nobody looks again after a swap, with -DTWIN_CARE a new care clears nothing; with -DTWIN_MEAN the mean
 * call is stored after the look, with -DTWIN_LATE behind the swap of the half hour: all must fail.
 */
#ifndef RECORDERS
#define RECORDERS 2
#endif
#ifndef SECOND
#define SECOND 2 /* tokens of each recorder but the first, which has 1 */
#endif

#define ORIGINAL 1
#define OFF 2
#define CARE 4
#define BEFORE 2 /* tokens counted before */
#define BUDGET 9
#define DAY_END 200

byte rule = CARE;
byte care = 1;
byte count = BEFORE;
byte note;
byte mean = 8;
byte predicted;
byte ended;

/* What the rule says of words that were loaded. */
#define CALL(m, c, u) ((m) * (c) > BUDGET - (u))
#define TOOK(n, c, u) ((n) * (c) > BUDGET - (u))
#define SPENT(u) ((u) >= BUDGET)
#define SAYS(r, c, u, n, m)                                                                                  \
    ((r) == ORIGINAL -> 0 : (SPENT(u) -> DAY_END : ((r) == OFF || (u) == 0 -> 0 :                             \
        (CALL(m, c, u) -> DAY_END : (TOOK(n, c, u) -> (n) : 0)))))

/* src/forecast.c, end_by_rule: count, half hour, mean call, care, in this order. A process sees its own store of
 * the mean call before others do. What is no longer looked at is cleared, so that there are fewer states. */
inline look()
{
    used = count;
    if
    :: my_rule == CARE && used > 0 && !SPENT(used) ->
        noted = note;
        call = (stored -> my_mean : mean)
    :: else
    fi;
    atomic {
        says = SAYS(my_rule, care, used, noted, call);
        used = 0;
        noted = 0;
        call = 0
    }
}

/* The store of the mean call is there for all. */
inline flush()
{
    mean = (stored -> my_mean : mean);
    stored = false
}

/* src/forecast.c, settle */
inline settle(pace)
{
    seen = predicted;
    do
    :: true ->
#ifndef TWIN_RULE
        my_rule = (!pace && rule == CARE -> OFF : rule);
#endif
        look();
        if
        :: says == seen || (!pace && says < seen && seen != DAY_END) -> break
        :: else
        fi;
        atomic {
            flush();
            if
            :: predicted == seen ->
                predicted = says;
                seen = says;
#ifdef TWIN_ONCE
                break
#endif
            :: else -> seen = predicted
            fi
        }
    od
}

/* src/rule.h, tq__notes_add */
inline note_down(tokens)
{
    atomic { my_mean = (mean == 0 -> tokens : (mean + tokens) / 2) }; /* loaded here, */
#ifdef TWIN_LATE
    note = note + tokens;
    stored = true
#else
#ifndef TWIN_MEAN
    stored = true; /* and stored here */
    if
    :: atomic { flush() }
    :: true
    fi;
#endif
    atomic { flush(); note = note + tokens }
#endif
}

proctype recorder(byte tokens)
{
    byte my_rule, seen, says, used, noted, call, my_mean;
    bool stored;

    count = count + tokens;
    my_rule = rule;
    if
    :: my_rule == CARE -> note_down(tokens)
    :: else
    fi;
    if
    :: my_rule != ORIGINAL ->
        seen = predicted; /* tq__forecast_update */
        look();
        if
        :: says != seen -> settle(true)
        :: else
        fi
    :: else
    fi;
#ifdef TWIN_MEAN
    mean = my_mean;
#endif
    atomic { flush(); my_rule = 0; seen = 0; says = 0; my_mean = 0; ended++ }
}

/* src/forecast.c, tq__forecast_anew */
inline anew()
{
    predicted = 0;
    my_rule = rule;
    settle(false)
}

proctype ruler()
{
    byte my_rule, seen, says, used, noted, call, my_mean;
    bool stored;

    if
    :: rule = ORIGINAL
    :: rule = OFF
    :: rule = ORIGINAL; anew(); rule = OFF
    :: rule = OFF; anew(); rule = CARE
    fi;
    anew();
    atomic { my_rule = 0; seen = 0; says = 0; ended++ }
}

proctype setter()
{
    byte my_rule, seen, says, used, noted, call, my_mean;
    bool stored;

    if
    :: care = 0
    :: care = 2
    fi;
    rule = CARE;
#ifndef TWIN_CARE
    anew();
#endif
    atomic { my_rule = 0; seen = 0; says = 0; ended++ }
}

proctype resetter()
{
    byte my_rule, seen, says, used, noted, call, my_mean;
    bool stored;

    count = 0;
    mean = 0;
    note = 0;
#ifdef TWIN_VOID
    predicted = 0;
#else
    anew();
#endif
    atomic { my_rule = 0; seen = 0; says = 0; ended++ }
}

init {
    byte n, changers, says;

    atomic {
        predicted = SAYS(rule, care, count, note, mean);
        run recorder(1);
        n = 1;
        do
        :: n < RECORDERS ->
            n++;
            run recorder(SECOND)
        :: else -> break
        od;
#ifdef RULER
        run ruler();
        changers++;
#endif
#ifdef SETTER
        run setter();
        changers++;
#endif
#ifdef RESETTER
        run resetter();
        changers++;
#endif
    };
    ended == RECORDERS + changers;
    says = SAYS(rule, care, count, note, mean);
    assert(predicted == says ||
           (changers > 0 && predicted == (rule != ORIGINAL && SPENT(count) -> DAY_END : 0)))
}
