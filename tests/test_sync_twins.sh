#!/bin/sh
# test_sync_twins.sh: simulators whose nodes are broken on purpose must find worlds that fail, and say why.
# SPDX-License-Identifier: MIT
#
# test_sync_twins.sh DELTAS GRANT EXPIRED LOWER
set -eu
. tests/tap.sh

# PROGRAM SAYING: of 200 worlds of three nodes, some fail in words that match SAYING.
fails() {
    "$1" 3 200 >"$work/said" && { cat "$work/said"; return 1; }
    grep -qE "^# seed [0-9]+: .*$2" "$work/said" || { cat "$work/said"; return 1; }
}

check "deltas instead of totals: what comes twice is counted twice" fails "$1" 'the server has [0-9]+, [0-9]+ were spent'
check "a claim that is spent when it is published: two have the same" fails "$2" 'strict.* the nodes may spend'
check "a strict claim that others use when it has ended: it was spent unheard" fails "$3" 'strict.* the nodes may spend'
check "a lower claim that is told before the ledger has it: both spend it" fails "$4" 'strict.* the nodes may spend'
finish
