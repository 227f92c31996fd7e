#!/bin/sh
# test_cli.sh: run the command as people do and compare every byte it writes with tests/cli/.
#
# SPDX-License-Identifier: MIT
#
#     tests/test_cli.sh [--update] PATH-OF-TOKENQUOTA [NAME]...
#
# A case NAME is tests/cli/NAME.args, what follows `tokenquota` on a shell's command line, or NAME.cmd, a
# shell script that finds the command as "$TQ". It runs in a directory of its own with a copy of
# tests/cli/files/, in which say.sh is for scripts of many commands; the ledger is "ledger" there.
#
#     NAME.pre     sourced first: makes files, sets variables
#     NAME.in      standard input (else empty)
#     NAME.out     standard output expected (else nothing)
#     NAME.err     standard error expected (else nothing)
#     NAME.exit    exit status expected (else 0)
#     NAME.needs   programs without which the case is skipped
#
# A script that exits with 77 skips its case, its standard error says why.
#
# --update writes .out, .err and .exit anew from what happens: read the difference before you keep it. Prints
# TAP; exits 1 when a case fails.

set -u
LC_ALL=C.UTF-8
TZ=CET-1CEST,M3.5.0,M10.5.0/3
TERM=xterm
TOKENQUOTA_LEDGER=ledger
export LC_ALL TZ TERM TOKENQUOTA_LEDGER
unset COLUMNS NO_COLOR XDG_STATE_HOME

update=no
if [ "${1-}" = --update ]; then
    update=yes
    shift
fi
if [ ! -x "${1-}" ]; then
    echo "usage: tests/test_cli.sh [--update] PATH-OF-TOKENQUOTA [NAME]..." >&2
    exit 2
fi
TQ=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
export TQ
shift
cases=$(cd "$(dirname "$0")" && pwd)/cli
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM

# Prints the first program of $cases/$1.needs that is missing.
missing_of() {
    [ -f "$cases/$1.needs" ] || return 0
    for program in $(cat "$cases/$1.needs"); do
        command -v "$program" > /dev/null || { echo "$program"; return; }
    done
}

# Runs case $1; leaves out, err and exit in $scratch.
run_case() {
    input=/dev/null
    [ -f "$cases/$1.in" ] && input=$cases/$1.in
    rm -rf "$scratch/dir"
    cp -R "$cases/files" "$scratch/dir"
    (
        cd "$scratch/dir" || exit 99
        # shellcheck disable=SC1090
        [ -f "$cases/$1.pre" ] && . "$cases/$1.pre"
        if [ -f "$cases/$1.cmd" ]; then
            . "$cases/$1.cmd"
        else
            eval "\"\$TQ\" $(cat "$cases/$1.args")"
        fi
    ) < "$input" > "$scratch/out" 2> "$scratch/err"
    echo $? > "$scratch/exit"
}

# An expected file that is missing stands for an empty one, and for exit status 0.
expected() {
    if [ -f "$cases/$1.$2" ]; then
        cat "$cases/$1.$2"
    elif [ "$2" = exit ]; then
        echo 0
    fi
}

update_case() {
    for what in out err exit; do
        rm -f "$cases/$1.$what"
        expected "$1" "$what" | cmp -s - "$scratch/$what" || cp "$scratch/$what" "$cases/$1.$what"
    done
}

# Prints the differences of case $1; fails when there are any.
compare_case() {
    same=0
    for what in out err exit; do
        expected "$1" "$what" > "$scratch/expected"
        diff -u "$scratch/expected" "$scratch/$what" > "$scratch/diff" && continue
        same=1
        echo "# $1.$what: expected (-), got (+)"
        sed 's/^/# /' "$scratch/diff"
    done
    return $same
}

if [ $# -eq 0 ]; then
    set -- $(cd "$cases" && ls | sed -n 's/\.args$//p; s/\.cmd$//p' | sort -u)
fi
echo "1..$#"
number=0
failed=0
for name; do
    number=$((number + 1))
    missing=$(missing_of "$name")
    if [ -n "$missing" ]; then
        echo "ok $number - $name # SKIP $missing is not installed"
        continue
    fi
    run_case "$name"
    if [ "$(cat "$scratch/exit")" = 77 ]; then
        echo "ok $number - $name # SKIP $(cat "$scratch/err")"
        continue
    fi
    [ $update = yes ] && update_case "$name"
    if compare_case "$name" > "$scratch/report"; then
        echo "ok $number - $name"
    else
        failed=$((failed + 1))
        echo "not ok $number - $name"
        cat "$scratch/report"
    fi
done
if [ $failed -gt 0 ]; then
    echo "# $failed of $number cases failed"
    exit 1
fi
