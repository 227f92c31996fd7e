#!/bin/sh
# test_examples.sh: shell loops, a Python process and C programs on one ledger: the sums are right, and so are choices.
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

# Three accounts hold 30,000 tokens, all of which may be used, and the calls need 46,000. The shell loop and the router send
# them the same way, and a second conversation has a last choice of its own.
choices() {
    for ledger in loop router; do
        "$1" ledger create --rule off --ledger "$work/$ledger.choices" >/dev/null
        for week in 1=Monday 2=Wednesday 3=Friday; do
            "$1" limit "account-${week%=*}" add "10k tokens per week from ${week#*=}" --ledger "$work/$ledger.choices" >/dev/null
        done
    done
    for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23; do
        echo $((n % 4 * 1000 + 500))
    done >"$work/needs"
    TOKENQUOTA_LEDGER="$work/loop.choices" examples/loop.sh "$1" account-1 account-2 account-3 <"$work/needs" >"$work/loop"
    sed 's/^/7 /' "$work/needs" | "$2" "$work/router.choices" account-1 account-2 account-3 >"$work/router"
    diff -u "$work/loop" "$work/router"
    [ "$(wc -l <"$work/loop")" = 23 ]
    for account in account-1 account-2 account-3; do
        grep -qx "$account" "$work/loop" || { echo "$account has no call"; return 1; }
        used=$("$1" ledger dump --ledger "$work/loop.choices" | grep "\"$account\"" | # of its limit, which comes first
            sed 's/.*"limits"://' | grep -o '"used":[0-9]*' | sed 's/.*://; 1q')
        [ "$used" -gt 6500 ] && [ "$used" -le 10000 ] || { echo "$account: $used"; return 1; }
    done
    grep -q '^none: account-[123]$' "$work/loop"
}

check "examples/worker.c" workers "$4" "$1"
check "examples/shared.sh" examples/shared.sh "$1" "$2" "$3"
check "examples/loop.sh and examples/router.c" choices "$1" "$5"
finish
