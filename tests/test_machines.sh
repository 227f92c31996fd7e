#!/bin/sh
# test_machines.sh: examples/machines.sh is right at each step, by namespaces where they may be made, and by folders.
# SPDX-License-Identifier: MIT
#
#     test_machines.sh TOKENQUOTA
set -u
. tests/tap.sh
command=$1

# All runs go beside each other: they mostly wait. The words of a run are in $work/NAME.said, its status in $work/NAME.status.
begin() { # NAME ARGUMENT...
    name=$1
    shift
    {
        status=0
        examples/machines.sh "$@" >"$work/$name.said" 2>&1 || status=$?
        echo $status >"$work/$name.status"
    } &
}

# A run with a command that does something else than it should on one machine.
begin_wrong() { # NAME CASES
    printf '#!/bin/sh\ncase "$1 ${2-} $TOKENQUOTA_LEDGER" in\n%s\nesac\nexec %s "$@"\n' "$2" "$(realpath "$command")" >"$work/$1"
    chmod +x "$work/$1"
    MACHINES_PATIENCE=100 begin "$1" --folders "$work/$1"
}

# Without a server it says so, and the test is passed by.
ended() { # NAME STATUS LINE
    case $(cat "$work/$1.status") in
    77) grep 'redis-server' "$work/$1.said" ;;
    "$2") grep "$3" "$work/$1.said" ;;
    *) cat "$work/$1.said"; return 1 ;;
    esac
}

begin spaces "$command"
begin folders --folders "$command"
begin_wrong uncounted 'observe*berlin*) exit 0 ;;'
begin_wrong beyond "hold*take*cairo*) echo 1; exit 0 ;;
    hold*settle*cairo*) exec $(realpath "$command") observe api 1k ;;"
wait

check 'examples/machines.sh' ended spaces 0 '^All sums were right, and no verdict was wrong\.$'
check 'examples/machines.sh --folders' ended folders 0 '^All sums were right, and no verdict was wrong\.$'
check 'it notices tokens that were not counted' ended uncounted 1 'machines.sh: WRONG: '
check 'it notices calls beyond the limit' ended beyond 1 'machines.sh: WRONG: '
finish
