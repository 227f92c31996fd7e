#!/bin/sh
# test_headers.sh: each public header compiles alone, as C of any year since 1999 and as C++, without a warning.
# SPDX-License-Identifier: MIT
set -eu
. tests/tap.sh

# COMPILER LANGUAGE STANDARD HEADER
alone() {
    printf '#include <%s>\n#include <%s>\nint main(void) { return 0; }\n' "$4" "$4" >"$work/alone.$2"
    $1 -std="$3" -pedantic -Wall -Wextra -Wshadow -Wconversion -Wundef -Werror -Iinclude -fsyntax-only "$work/alone.$2"
}

for header in tokenquota.h tokenquota_logs.h tokenquota_signals.h; do
    for standard in c99 c11 c17; do
        check "$header alone, $standard" alone "$CC -Wstrict-prototypes" c $standard $header
    done
    for standard in c++11 c++20; do
        check "$header alone, $standard" alone "$CXX" cc $standard $header
    done
done
finish
