#!/bin/sh
# peers.sh: compares with programs from other registries than Debian's, one after the other, and counts all checks.
# SPDX-License-Identifier: MIT
#
#     tools/peers.sh TOKENQUOTA FOLDER MAKE_LOGS CCUSAGE AXE
#
# What a registry does not give is skipped with a message. The last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
command=$1 folder=$2 make_logs=$3 ccusage=$4 axe=$5
mkdir -p "$folder" && log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

# NAME WORD...: runs it, and takes its count: its last line, or its lines of TAP. One that says neither is a failure. One
# that waits for a slow registry is given up.
peer() {
    name=$1
    shift
    echo "== $name"
    { timeout 240 "$@" 2>&1; echo $? >"$log.status"; } | tee "$log.part"
    grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log.part" | tail -n 1 >"$log.count"
    if [ "$(cat "$log.status")" -eq 124 ]; then
        echo "skipped: the rest of this took longer than 4 minutes"
    fi
    [ -s "$log.count" ] || awk -v late="$(cat "$log.status")" '/^ok /{p++} /^not ok /{f++} END {
        print p + 0 " passed, " (p + f > 0 || late == 124 ? f + 0 : 1) " failed" }' "$log.part" >"$log.count"
    cat "$log.count" >>"$log"
    rm -f "$log.part" "$log.count" "$log.status"
}

if [ -x "$ccusage" ]; then
    peer 'what ccusage finds in logs' meson runpython tools/peers.py "$command" "$ccusage" "$make_logs"
else
    echo 'skipped: ccusage could not be installed from npm'
fi
if [ -e "$axe" ]; then
    peer 'what axe finds in the page' meson runpython tests/test_page.py "$command" "$axe"
else
    echo 'skipped: axe-core could not be installed from npm'
fi
peer 'agents in their clients' meson runpython tools/peers_agents.py "$command" "$folder"
peer 'gateways and metrics' meson runpython tools/peers_gateways.py "$command" "$folder/gateways"
peer 'the daemon and its description' meson runpython tools/peers_api.py "$command" "$folder/api"

awk '{ passed += $1; failed += $3 } END { print passed + 0 " passed, " failed + 0 " failed"; exit failed > 0 }' "$log"
