#!/bin/sh
# lint.sh: clang's static analyser over every C file, and clang-format over those that it formats.
# SPDX-License-Identifier: MIT
#
# Every version of clang-format breaks lines in its own way, so one is named, that of Debian 12; without it the formatting is
# not checked.
set -u
cd "$(dirname "$0")/.." || exit 1
status=0
formatter=clang-format-14

python=$(python3 -c 'import sysconfig; print(sysconfig.get_paths()["include"])')
node=$(dirname "$(realpath "$(command -v node)")")/../include/node
[ -e "$node/node_api.h" ] || node=/usr/include/node
for file in base/*.c src/*.c signals/*.c logs/*.c import/*.c sync/*.c view/*.c serve/*.c cli/*.c cli/*/*.c bench/*.c examples/*.c fuzz/*.c tests/*.c bindings/*/src/*.c; do
    # -analyzer-werror: a finding is an error.
    clang --analyze --analyzer-output text -Xclang -analyzer-werror -std=c17 -D_GNU_SOURCE= -Wall -Wextra -Wshadow -Wconversion \
        -Werror -DPy_LIMITED_API=0x030A0000 -Iinclude -I. -iquote tests -isystem "$python" -isystem "$node" "$file" || { echo "lint: $file"; status=1; }
done
if command -v $formatter >/dev/null; then
    # The public headers are set by hand, as text.
    $formatter --dry-run --Werror base/*.[ch] src/*.[ch] signals/*.[ch] logs/*.[ch] import/*.[ch] sync/*.[ch] view/*.[ch] serve/*.[ch] cli/*.[ch] \
        cli/*/*.[ch] bench/*.[ch] examples/*.c fuzz/*.c tests/*.[ch] tests/twins/*.[ch] bindings/*/src/*.[ch] \
        bindings/go/internal/core/*.[ch] || status=1
else
    echo "lint: $formatter is not installed, so the formatting was not checked"
fi
[ $status -ne 0 ] || echo "lint: nothing found"
exit $status
