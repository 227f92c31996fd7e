#!/bin/sh
# lint.sh: clang's static analyser over every C file, each seeing only the headers of its layer.
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/.." || exit 1
status=0

for file in src/*.c signals/*.c logs/*.c cli/*.c bench/*.c examples/*.c fuzz/*.c tests/*.c; do
    case $file in
    src/*) see='-Isrc' ;;
    signals/*) see='-Isignals' ;;
    logs/*) see='-Ilogs' ;;
    tests/*) see='-Isrc -Isignals -Ilogs -Icli' ;;
    *) see='' ;;
    esac
    # -analyzer-werror: a finding is an error. $see is a list.
    clang --analyze --analyzer-output text -Xclang -analyzer-werror -std=c17 -Wall -Wextra -Wshadow -Wconversion \
        -Werror -Iinclude $see "$file" || { echo "lint: $file"; status=1; }
done
[ $status -ne 0 ] || echo "lint: nothing found"
exit $status
