#!/bin/sh
# fuzz.sh: runs each fuzz target of a build folder for some seconds, beginning with its corpus.
# SPDX-License-Identifier: MIT
#
#     tools/fuzz.sh BUILD-DIR SECONDS
#
# New inputs stay in the build folder; one that crashes is named at the end and belongs in fuzz/corpus/.
set -u
cd "$(dirname "$0")/.." || exit 1
dir=$1 seconds=$2 status=0 ran=0

for source in fuzz/fuzz_*.c; do
    target=$(basename "$source" .c)
    found=$dir/found/$target
    mkdir -p "$found"
    [ "$target" != fuzz_signal ] || tools/seeds.sh "$found" # the responses of the vectors, too
    echo "== $target for $seconds s"
    "$dir/fuzz/$target" -max_total_time="$seconds" -timeout=10 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$found-" "$found" "fuzz/corpus/${target#fuzz_}" || status=1
    ran=$((ran + 1))
done
[ "$ran" -gt 0 ] || { echo "fuzz.sh: no target"; exit 1; }
ls "$dir"/found/*-* 2>/dev/null
exit $status
