#!/bin/sh
# check.sh: runs the tests of each build folder named (DIR, or DIR:SUITE), then counts them all.
# SPDX-License-Identifier: MIT
#
# The last line is "N passed, N failed". It fails when a test failed, and when none ran.
set -u
cd "$(dirname "$0")/.." || exit 1

# Sanitizers of clang 14 need the address space as it was laid out before kernels spread it wider.
setarch -R true 2>/dev/null && steady='setarch -R' || steady=''

status=0 logs=''
for spec; do
    dir=${spec%%:*} suite=${spec#"${spec%%:*}"}
    base=testlog${suite:+-${suite#:}} # one folder may be there for several suites
    log=$dir/meson-logs/$base.json
    logs="$logs $log"
    rm -f "$log"
    echo "== $dir"
    # $steady and the suite's option are words of their own or none.
    $steady meson test -C "$dir" --no-rebuild --print-errorlogs --timeout-multiplier "${TQ_TIMEOUT:-1}" \
        --logbase "$base" ${suite:+--suite "${suite#:}"} || status=1
done
meson runpython tools/tally.py $logs || status=1
exit $status
