#!/bin/sh
# test_units.sh: systemd understands the units, and what they may do is little.
# SPDX-License-Identifier: MIT
#
#     test_units.sh TOKENQUOTA UNITS
set -eu
. tests/tap.sh
command=$(realpath "$1") units=$2

skip() { echo "1..0 # SKIP $1"; exit 0; }
command -v systemd-analyze >/dev/null || skip 'there is no systemd-analyze here (package systemd)'

# As they are installed, but with the command that was built.
for below in system user; do
    mkdir "$work/$below"
    for unit in "$units/$below"-*; do
        sed "s,[^ =+]*/bin/tokenquota,$command," "$unit" >"$work/$below/${unit##*/$below-}"
    done
done
cp contrib/systemd/tokenquota.socket "$work/system"
cp contrib/systemd/user/tokenquota.socket "$work/user"

verify() { # system|user
    set -- "--$1" "$work/$1"
    # A user's manager wants a place of its own for what it writes.
    said=$(XDG_RUNTIME_DIR="$work" SYSTEMD_UNIT_PATH="$2:" systemd-analyze "$1" --man=no verify "$2"/*.service "$2"/*.socket 2>&1)
    same '' "$(printf '%s\n' "$said" | grep -F tokenquota || true)"
}

# The score is of the version of systemd that is here; newer ones know more that a service may do.
exposure() { # UNIT
    score=$(systemd-analyze security --offline=true "$1" | sed -n 's/.*Overall exposure level for [^ ]*: \([0-9.]*\).*/\1/p')
    [ -n "$score" ] || { echo "$1 has no score"; return 1; }
    awk -v score="$score" 'BEGIN { exit !(score <= 2.0) }' || { echo "$1: $score"; return 1; }
}

exposures() {
    for unit in "$work"/system/*.service; do
        exposure "$unit"
    done
}

# The verbs and options of the lines that start the command, against its help.
commands_are_known() {
    grep -hoE "$command [a-z -]+" "$work"/*/*.service | sed "s,^$command ,," | sort -u >"$work/lines"
    [ "$(wc -l <"$work/lines")" -ge 4 ]
    while read -r line; do
        verb=$(printf '%s\n' "$line" | sed 's/ -.*//; s/^\(import\) all$/\1/')
        "$command" $verb --help >"$work/help"
        for word in $line; do
            case $word in --*) grep -q -- "$word" "$work/help" || { echo "$verb has no $word"; return 1; } ;; esac
        done
    done <"$work/lines"
}

check 'the units of the system are sound' verify system
check 'the units of a user are sound' verify user
check 'what the units name is there' commands_are_known
if systemd-analyze security --help 2>&1 | grep -q -- --offline; then
    check 'the exposure of the system units is at most 2.0' exposures
fi
finish
