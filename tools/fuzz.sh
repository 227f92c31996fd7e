#!/bin/sh
# fuzz.sh: runs each fuzz target of a build folder for some seconds, beginning with its corpus.
# SPDX-License-Identifier: MIT
#
#     tools/fuzz.sh BUILD-DIR SECONDS [SOURCE]
#
# With SOURCE, the name of a source of logs, its reader alone is fuzzed, by the targets that have a seed of it.
# New inputs stay in the build folder; one that crashes is named at the end and belongs in fuzz/corpus/.
set -u
cd "$(dirname "$0")/.." || exit 1
dir=$1 seconds=$2 only=${3-} status=0 ran=0
all=$dir/found${only:+_$only} targets=$(basename -s .c fuzz/fuzz_*.c)
if [ -n "$only" ]; then
    export TQ_FUZZ_SOURCE="$only"
    targets=$(ls fuzz/corpus/tools/"$only"* 2>/dev/null | sed 's/.*/fuzz_tools/;q'
        ls fuzz/corpus/database/"$only"* 2>/dev/null | sed 's/.*/fuzz_database/;q')
fi

for target in $targets; do
    found=$all/$target
    mkdir -p "$found"
    [ "$target" != fuzz_signal ] || tools/seeds.sh "$found" # the responses of the vectors, too
    echo "== $target ${only:+of $only }for $seconds s"
    "$dir/fuzz/$target" -max_total_time="$seconds" -timeout=10 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$found-" "$found" "fuzz/corpus/${target#fuzz_}" || status=1
    ran=$((ran + 1))
done
[ "$ran" -gt 0 ] || { echo "fuzz.sh: no target${only:+ has a seed that is named for $only}"; exit 1; }
ls "$all"/*-* 2>/dev/null
exit $status
