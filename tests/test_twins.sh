#!/bin/sh
# test_twins.sh: libraries broken on purpose must fail the very tests that the real one passes, and say why.
# SPDX-License-Identifier: MIT
#
# test_twins.sh COUNT_TWIN INDEX_TWIN: the thread tests, built on count_fetch_add.h and on index_copied.c. What
# they must show is a race, which one run may miss; twenty do not.
set -eu
. tests/tap.sh

# PROGRAM TEST SAYING: within twenty runs of PROGRAM, TEST fails in words that match SAYING.
fails() {
    tries=0
    while [ $tries -lt 20 ]; do
        tries=$((tries + 1))
        CMOCKA_MESSAGE_OUTPUT=STDOUT TQ_SEED=$tries "$1" >"$work/said" 2>&1 || true
        if grep -q "FAILED.* $2\$" "$work/said" && grep -qE "$3" "$work/said"; then
            return 0
        fi
    done
    echo "the broken twin passed $2 in $tries runs; the last one:"
    cat "$work/said"
    return 1
}

check "fetch_add instead of compare-and-swap: tokens land in another day" \
    fails "$1" test_turnover '[0-9]+ used, [0-9]+ were counted'
check "fetch_add: recorders that drift apart, 8 days kept" \
    fails "$1" test_drift_8 '[0-9]+ used, [0-9]+ were counted'
check "an index that is copied when it grows: a name comes twice" \
    fails "$2" test_insert '[1-9][0-9]* came twice'
finish
