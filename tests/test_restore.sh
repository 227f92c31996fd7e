#!/bin/sh
# test_restore.sh: a ledger and what was imported into it are backed up and restored as a pair, whoever is killed.
# SPDX-License-Identifier: MIT
#
#     test_restore.sh TOKENQUOTA STEP_KILLER.so
#
# The log has 1000 tokens when the backup is made, and 3000 at the end. Whatever pair of files a kill leaves, the old
# one or the restored one, the next import brings the ledger to 3000: with one file of each it would not.
set -eu
. tests/tap.sh
tokenquota=$1
killer=$2
ledger=$work/ledger
log=$work/log.csv
now=2026-05-01T12:00:00Z
HOME=$work
export HOME

tq() {
    "$tokenquota" "$@" --ledger "$ledger"
}

import() {
    tq import csv "$log" --at $now --quiet
}

used() { # PROVIDER
    tq status "$1" --at $now --json | tr -d ' \n' | grep -o '"used":[0-9]*' | head -n 1 | cut -d : -f 2
}

# The pair at the end, and its backup of before.
make_pair() {
    rm -f "$ledger"* "$work/backup"*
    printf 'timestamp,provider,tokens\n2026-05-01T10:00:00Z,openai,1000\n' >"$log"
    import
    tq observe mine 1 --at $now
    tq ledger backup "$work/backup"
    printf '2026-05-01T11:00:00Z,openai,2000\n' >>"$log"
    import
    tq observe mine 10 --at $now
}

# Runs the command, killed at its N-th step. Its exit status.
killed_at() { # N COMMAND...
    step=$1
    shift
    status=0
    { LD_PRELOAD=$killer TQ_KILL_AT=$step tq "$@"; } >"$work/said" 2>&1 || status=$?
    echo $status
}

whole_pair() {
    import
    same 3000 "$(used openai)"
    tq ledger check >"$work/check" || { cat "$work/check"; return 1; }
}

restores() {
    make_pair
    tq ledger restore "$work/backup" --yes
    same 1 "$(used mine)"
    same 1000 "$(used openai)"
    whole_pair
}

restores_where_there_is_none() {
    make_pair
    rm "$ledger"*
    tq ledger restore "$work/backup" --yes
    same 1 "$(used mine)"
    whole_pair
}

# Without FILE.imports nothing was imported into that ledger: what is known of the newer one goes.
restores_without_imports() {
    make_pair
    tq ledger restore "$work/backup" --yes
    tq reset openai --yes
    rm "$work/backup.imports"
    tq ledger restore "$work/backup" --yes
    tq reset openai --yes
    whole_pair
}

# A pair that a build of format 2 left: the ledger is rewritten, and its imports are still its own.
older_pair() {
    make_pair
    rm -f "$ledger"* "$work/backup"*
    for file in pair pair.imports; do
        gzip -dc "tests/ledgers/$file.gz" >"$ledger${file#pair}"
        gzip -dc "tests/ledgers/$file.gz" >"$work/backup${file#pair}"
    done
    same 1 "$(used mine)"
    same 1000 "$(used openai)"
    whole_pair
    tq ledger restore "$work/backup" --yes
    same 1000 "$(used openai)"
    whole_pair
}

restore_killed_anywhere() {
    make_pair
    rm -rf "$work/pair"
    mkdir "$work/pair"
    cp "$ledger"* "$work/pair"
    n=0 old=0 new=0
    while n=$((n + 1)); do
        rm -f "$ledger"*
        cp "$work/pair"/* "$work"
        status=$(killed_at $n ledger restore "$work/backup" --yes)
        case $status in
        0) break ;;
        137) ;;
        *) echo "step $n: exit $status"; cat "$work/said"; return 1 ;;
        esac
        case $(used mine) in
        11) old=$((old + 1)) ;;
        1) new=$((new + 1)) ;;
        *) echo "step $n: mine is $(used mine)"; return 1 ;;
        esac
        whole_pair || { echo "after a kill at step $n"; return 1; }
        [ ! -e "$ledger.imports.restored" ] || { echo "step $n: left over"; return 1; }
    done
    echo "# $n steps: $old kills left the old pair, $new the restored one"
    [ $old -gt 5 ] && [ $new -ge 2 ]
}

# A compact after the kill must not make the restored pair look like the old one.
restore_killed_then_compacted() {
    for n in $(seq 1 40); do
        rm -f "$ledger"*
        cp "$work/pair"/* "$work"
        [ "$(killed_at $n ledger restore "$work/backup" --yes)" = 137 ] || break
        tq ledger compact >/dev/null
        whole_pair || { echo "after a kill at step $n"; return 1; }
    done
}

backup_killed_anywhere() {
    n=0 refused=0
    while n=$((n + 1)); do
        rm -f "$ledger"* "$work/backup"*
        cp "$work/pair"/* "$work"
        status=$(killed_at $n ledger backup "$work/backup")
        [ "$status" = 0 ] && break
        same 137 "$status"
        printf '2026-05-01T11:30:00Z,openai,0\n' >>"$log"
        tq observe mine 100 --at $now
        if tq ledger restore "$work/backup" --yes >"$work/said" 2>&1; then
            same 11 "$(used mine)"
        else
            refused=$((refused + 1))
            same 111 "$(used mine)"
        fi
        whole_pair || { echo "after a kill at step $n"; return 1; }
    done
    echo "# $n steps: $refused backups that were cut short are refused"
    [ $refused -gt 5 ]
}

make_pair
check "a pair is restored" restores
check "it is restored where there is no ledger" restores_where_there_is_none
check "a backup without imports takes the imports away" restores_without_imports
check "a pair of an older format is one" older_pair
if [ -n "${SANITIZE-}" ]; then
    echo "# kills: skipped, a sanitizer must be loaded first"
else
    check "a restore that is killed anywhere leaves one pair or the other" restore_killed_anywhere
    check "and so after a compact" restore_killed_then_compacted
    check "a backup that is killed anywhere is whole or refused" backup_killed_anywhere
fi
finish
