#!/bin/sh
# test_examples.sh: shell loops, a Python process and C programs on one ledger: the sum is right.
# SPDX-License-Identifier: MIT
set -eu
. tests/tap.sh

# 200 calls of 1,000 tokens; those that the first provider refused were made again at the second.
workers() {
    "$1" "$work/ledger" 4 50 first second third >"$work/told"
    cat "$work/told"
    grep -qE '^first: [0-9]+ tokens used; out of quota' "$work/told"
    sum=$("$2" ledger dump --ledger "$work/ledger" | grep -o '"used":[0-9]*' | awk -F: '{ sum += $2 } END { print sum }')
    [ "$sum" = 200000 ] || { echo "$sum tokens counted"; return 1; }
    [ "$(sed -n 's/^third: \([0-9]*\).*/\1/p' "$work/told")" = 0 ]
}

check "examples/worker.c" workers "$4" "$1"
check "examples/shared.sh" examples/shared.sh "$1" "$2" "$3"
finish
