#!/bin/sh
# peers.sh: compares with programs from other registries than Debian's, one after the other, and counts all checks.
# SPDX-License-Identifier: MIT
#
#     tools/peers.sh TOKENQUOTA FOLDER MAKE_LOGS CCUSAGE AXE
#
# What a registry does not give, or there is no time for within PEERS_SECONDS, is skipped with a message. The last line is
# "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
command=$1 folder=$2 make_logs=$3 ccusage=$4 axe=$5
mkdir -p "$folder" && log=$(mktemp) || exit 1
trap 'rm -f "$log" "$log.part" "$log.count"' EXIT

until=$(($(date +%s) + PEERS_SECONDS))

# WORD...: runs it, into $log.part, and puts what it counted, "N passed, N failed", into $log.count: its last line, or its
# lines of TAP. Without either it failed.
count() {
    timeout -k 10 $((until - $(date +%s))) "$@" 2>&1 | tee "$log.part"
    grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log.part" | tail -n 1 >"$log.count"
    [ -s "$log.count" ] || awk '/^ok /{p++} /^not ok /{f++} END {
        print p + 0 " passed, " (p + f > 0 ? f + 0 : 1) " failed" }' "$log.part" >"$log.count"
}

# NAME WORD...: runs it, once more if it fails: what others wrote may do so for reasons of its own, such as a slow start.
# What there is no time for is skipped with a message.
peer() {
    name=$1
    shift
    for try in first second; do
        [ "$(date +%s)" -lt $until ] || { echo "skipped: no time is left for $name"; return; }
        echo "== $name"
        count "$@"
        if [ "$(date +%s)" -ge $until ]; then
            echo "skipped: no time is left for the rest of $name"
            return
        fi
        grep -q ' 0 failed' "$log.count" && break
    done
    cat "$log.count" >>"$log"
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
peer 'gateways and metrics' meson runpython tools/peers_gateways.py "$command" "$folder/gateways"
peer 'the daemon and its description' meson runpython tools/peers_api.py "$command" "$folder/api"
peer 'agents in their clients' meson runpython tools/peers_agents.py "$command" "$folder"
peer 'the doors of Python' meson runpython bindings/python/tests/peers_doors.py "$folder/doors"
peer 'the door for LiteLLM' meson runpython bindings/python/tests/peers_litellm.py "$folder/doors"
peer 'the package of Python' meson runpython bindings/python/tests/peers_package.py "$folder/python"

awk '{ passed += $1; failed += $3 } END { print passed + 0 " passed, " failed + 0 " failed"; exit failed > 0 }' "$log"
