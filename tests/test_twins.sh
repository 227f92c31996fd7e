#!/bin/sh
# test_twins.sh: libraries broken on purpose must fail the very tests that the real one passes, and say why.
# SPDX-License-Identifier: MIT
#
# test_twins.sh COUNT INDEX RENAME ANYWHERE INODE SOONEST STEPS UNTAGGED NEWER NEVER LATE UNASKED UNLOCKED UNLOOKED FORECAST HELD_COUNTS
# HELD_FREE HELD_ANY CORRECTED: the tests of threads and of files, built on the twin's library.
# What they must show is a race, which one run may miss; twenty do not, of which the last ten are longer: where the
# machine gives two threads one core for a while, short ones miss it all together.
set -eu
. tests/tap.sh

# PROGRAM TEST SAYING: within twenty runs of PROGRAM, TEST (a pattern of names) fails in words that match SAYING.
fails() {
    tries=0
    while [ $tries -lt 20 ]; do
        tries=$((tries + 1))
        longer=$((tries > 10 ? 4 : 1))
        CMOCKA_MESSAGE_OUTPUT=STDOUT TQ_TEST=$2 TQ_SEED=$tries TQ_STRESS=$longer "$1" >"$work/said" 2>&1 || true
        if grep -q 'FAILED' "$work/said" && grep -qE "$3" "$work/said"; then
            return 0
        fi
    done
    echo "the broken twin passed $2 in $tries runs; the last one:"
    cat "$work/said"
    return 1
}

check "fetch_add instead of compare-and-swap: tokens land in another day" \
    fails "$1" test_turnover '[0-9]+ used, [0-9]+ were counted'
check "fetch_add: recorders that drift apart" \
    fails "$1" 'test_drift_8' '[0-9]+ used, [0-9]+ were counted'
check "an index that is copied when it grows: a name comes twice" \
    fails "$2" test_insert '[1-9][0-9]* came twice'
check "creation by rename: a second file takes the first one's place" \
    fails "$3" test_creators_end_on_one_file 'used on the file that is left'
check "inserters that start anywhere in a bucket: a name comes twice" \
    fails "$4" test_inserters_of_the_same_names 'in the walk [0-9]+ times'
check "no look at the inode: counting where nobody looks" \
    fails "$5" test_replaced 'that is gone answered 0'
check "ends that are not counted: a walk puts in a later one" \
    fails "$6" test_an_end_is_known_while_it_stands 'is not known'
check "a count that is turned in two steps: what others counted meanwhile is lost" \
    fails "$7" test_turn '[0-9]+ used, [0-9]+ were answered'
check "a tag without version: a limit counts on from the one before" \
    fails "$8" test_change '[0-9]+ used, fewer were started'
check "a version that overwrites a newer one: a limit has another's words" \
    fails "$9" test_lines "another's words"
check "a bound that is never taken back: the windows before it lose their records" \
    fails "${10}" 'test_limits_kill' '[0-9]+ used, not [0-9]+ to'
check "a bound that a late record takes back: a window loses its count" \
    fails "${11}" 'test_limits_kill' '[0-9]+ used, not [0-9]+ to|taken'
check "a skipped look that nobody makes up for: a wrong clock turns a window" \
    fails "${12}" test_a_word_that_lies 'turned by a wrong clock'
check "a poller that takes no lock: several run at once" \
    fails "${13}" 'test_one_runs_*' 'pollers run'
check "a line whose limit nobody looks at again: a word blocks another window" \
    fails "${14}" test_lines "another's word"
check "a prediction that nobody looks at again: another record is missing in it" \
    fails "${15}" test_care 'left of the budget'
check "counts that are read before holds: a call is missing in both" \
    fails "${16}" 'test_nothing*' 'taken beyond the limit'
check "a hold that is freed before it is counted: for a moment nobody sees it" \
    fails "${17}" 'test_nothing*' 'taken beyond the limit'
check "a hold that is freed without a look at whose it is: another's is lost" \
    fails "${18}" 'test_nothing*' 'taken beyond the limit'
check "counts that are read before what was taken back: more than was ever counted" \
    fails "${19}" 'test_corrected' 'more was ever counted'
finish
