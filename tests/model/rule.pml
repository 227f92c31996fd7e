/* rule.pml: records, set_rule, reset and death: what is predicted is what the rule says of what is counted.
 *
 * SPDX-License-Identifier: MIT
 *
 * A recorder counts one token, reads the rule, and brings `predicted` up to date as src/forecast.c does: it loads
 * what is predicted, then rule and count, swaps from the value loaded, and looks again after each swap. A budget
 * of one token is spent by any count. One process sets the rule original, which predicts nothing, or off; one
 * resets. Each ends with its own clearing and look. Checked when all have ended:
 *
 *   - under the rule original nothing is predicted; under off that the budget is spent, if it is.
 *
 * Nobody dies here: what a process leaves that dies between a swap and its look is put right by the next record.
 *
 * With -DTWIN_RULE a recorder reads the rule once, with -DTWIN_VOID a reset only clears what is predicted: both
 * must fail.
 */
#ifndef RECORDERS
#define RECORDERS 2
#endif

#define ORIGINAL 1
#define OFF 2

byte rule = OFF;
byte count;
bool predicted;
byte ended;

/* src/forecast.c, settle */
inline settle(my_rule)
{
    seen = predicted;
    do
    :: true ->
#ifndef TWIN_RULE
        my_rule = rule;
#endif
        says = (my_rule == OFF && count > 0);
        if
        :: says == seen -> break
        :: else
        fi;
        atomic {
            if
            :: predicted == seen -> predicted = says; seen = says
            :: else -> seen = predicted
            fi
        }
    od
}

proctype recorder()
{
    byte my_rule;
    bool seen, says;

    atomic { count++ };
    my_rule = rule;
    if
    :: my_rule == OFF -> settle(my_rule)
    :: else
    fi;
    ended++
}

/* src/forecast.c, tq__forecast_anew */
inline anew()
{
    predicted = false;
    my_rule = rule;
    settle(my_rule)
}

proctype ruler()
{
    byte my_rule;
    bool seen, says;

    if
    :: rule = ORIGINAL
    :: rule = ORIGINAL; anew(); rule = OFF
    fi;
    anew();
    ended++
}

proctype resetter()
{
    byte my_rule;
    bool seen, says;

    count = 0;
#ifdef TWIN_VOID
    predicted = false;
#else
    anew();
#endif
    ended++
}

init {
    byte n;

    atomic {
        for (n : 1 .. RECORDERS) {
            run recorder()
        };
        run ruler();
        run resetter()
    };
    ended == RECORDERS + 2;
    assert(predicted == (rule == OFF && count > 0))
}
