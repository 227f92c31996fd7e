#!/bin/sh
# test_machines.sh: examples/machines.sh is right at each step, by namespaces where they may be made, and by folders.
# SPDX-License-Identifier: MIT
#
#     test_machines.sh TOKENQUOTA
set -u
. tests/tap.sh
command=$1

# Its words are in $work/said; without a server it says so, and the test is passed by.
machines() { # STATUS ARGUMENT...
    want=$1 status=0
    shift
    examples/machines.sh "$@" >"$work/said" 2>&1 || status=$?
    if [ $status = 77 ]; then
        grep 'redis-server' "$work/said"
    elif [ $status != "$want" ]; then
        cat "$work/said"
        return 1
    fi
}

right() {
    machines 0 "$@" "$command"
    [ $status = 77 ] || grep -qx 'All sums were right, and no verdict was wrong.' "$work/said"
}

# A command that does something else than it should on one machine.
wrong() { # CASES
    printf '#!/bin/sh\ncase "$1 ${2-} $TOKENQUOTA_LEDGER" in\n%s\nesac\nexec %s "$@"\n' "$1" "$(realpath "$command")" >"$work/wrong"
    chmod +x "$work/wrong"
    MACHINES_PATIENCE=100
    export MACHINES_PATIENCE
    machines 1 --folders "$work/wrong"
    [ $status = 77 ] || grep 'machines.sh: WRONG: ' "$work/said"
}

check 'examples/machines.sh' right
check 'examples/machines.sh --folders' right --folders
check 'it notices tokens that were not counted' wrong 'observe*berlin*) exit 0 ;;'
check 'it notices calls beyond the limit' wrong "hold*take*cairo*) echo 1; exit 0 ;;
    hold*settle*cairo*) exec $(realpath "$command") observe api 1k ;;"
finish
