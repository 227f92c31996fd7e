#!/bin/sh
# bench.sh: what the package quota costs beside plain Go, and Observe of tokenquota; each figure is the median over short rounds.
# SPDX-License-Identifier: MIT
#
#     bench.sh BUILD [RESULTS.md]
#
# What Go builds is kept below BUILD. With RESULTS.md, the table is also added to that file.
set -eu
if ! command -v go >/dev/null 2>&1; then
    echo 'skipped: there is no go'
    exit 0
fi
mkdir -p "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build=$(realpath "$1") module=$(realpath "$(dirname "$0")/..") results=${2:+$(realpath "$2")} go_flags=''
. "$module/tests/env.sh"
cd "$module"
go test -run '^$' -bench . -benchtime 4000000x ./quota ./tokenquota >"$work/said"
awk -v version="$(go env GOVERSION)" '
    /^cpu:/ { sub(/^cpu: */, ""); cpu = $0 }
    function metric(unit, i) { for (i = 2; i <= NF; i++) if ($i == unit) return $(i - 1) }
    /^Benchmark/ {
        name = substr($1, 10); sub(/-[0-9]+$/, "", name)
        if (metric("x-plain")) {
            row[++rows] = sprintf("| quota: %s | %.1f ns | %.1f ns | %.2f x | %s |", name, metric("quota-ns"),
                metric("plain-ns"), metric("x-plain"), name ~ /State/ ? "2 x" : "1 x")
            empty = metric("empty-call-ns")
        } else
            row[++rows] = sprintf("| tokenquota: %s | %.1f ns | | | |", name, metric("median-ns"))
    }
    END {
        print "## Go\n\n" version ", " cpu "; an empty call of C takes " empty " ns.\n"
        print "| operation | median | a mutex and maps | ratio | at most |\n|---|---|---|---|---|"
        for (i = 1; i <= rows; i++) print row[i]
    }' "$work/said" | tee "$work/table"
[ -z "$results" ] || { echo; cat "$work/table"; } >>"$results"
