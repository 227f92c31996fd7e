#!/bin/sh
# test_amalgamation.sh: the libraries as one source compile alone with either compiler, and serve programs in C and C++.
# SPDX-License-Identifier: MIT
#
#     test_amalgamation.sh EXPORTED-BY-THE-LIBRARIES.so...
set -eu
. tests/tap.sh

strict='-pedantic -Wall -Wextra -Wshadow -Wconversion -Werror'

has_each_source_once() {
    sed -n 's/^#include "\(.*\.c\)"$/\1/p' bindings/core.c | sort >"$work/listed"
    find base src signals -name '*.c' | sort | diff - "$work/listed"
}

is_written_again_to_the_byte() {
    python3 tools/amalgamate.py "$work/one"
    python3 tools/amalgamate.py "$work/two"
    diff -r "$work/one" "$work/two"
}

# COMPILER NAME: in a folder that holds nothing else.
compiles_alone() {
    mkdir "$work/$2"
    cp "$work/one/tokenquota.c" "$work/one/tokenquota.h" "$work/$2/"
    (cd "$work/$2" && $1 -std=c17 $strict -fPIC -c tokenquota.c)
}

exported() {
    nm -D --defined-only "$@" | awk '$2 ~ /[TDBRV]/ { print $3 }' | sort -u
}

exports_what_the_libraries_do() {
    $CC -shared -o "$work/all.so" "$work/gcc/tokenquota.o"
    exported "$work/all.so" >"$work/came"
    exported "$@" | sed 's/@.*//' | diff - "$work/came"
}

exports_nothing_when_told_so() {
    (cd "$work/gcc" && $CC -std=c17 -DTQ_API= -fvisibility=hidden -fPIC -c tokenquota.c -o hidden.o && $CC -shared -o hidden.so hidden.o)
    same '' "$(exported "$work/gcc/hidden.so")"
}

# COMPILER SOURCE FOLDER: a program of the header's own text counts in a file; with budget 1,000,000 and 1,200,000 used it is out.
runs() {
    $1 -I "$work/$3" -o "$work/program" "$2" "$work/$3/tokenquota.o"
    (cd "$work" && rm -f quota.ledger && ./program) | grep -q '^openai is out for [0-9]* s more$'
}

# A name with two meanings in two files is what must not come.
finds_a_name_with_two_meanings() {
    cp -r base src signals include bindings "$work/"
    echo 'static double find_line(void) { return 0; }' >>"$work/base/text.c"
    ! $CC -std=c17 -I "$work" -I "$work/include" -fsyntax-only "$work/bindings/core.c" 2>"$work/said"
    grep -q find_line "$work/said"
}

check 'core.c includes each source of the libraries once' has_each_source_once
check 'it is written again to the byte' is_written_again_to_the_byte
check 'gcc compiles it alone, without a warning' compiles_alone "$CC" gcc
check 'clang compiles it alone, without a warning' compiles_alone clang clang
check 'it exports what the libraries export' exports_what_the_libraries_do "$@"
check 'with TQ_API as nothing it exports nothing' exports_nothing_when_told_so
check 'a program in C runs with it' runs "$CC" examples/observe.c gcc
cp examples/observe.c "$work/observe.cc"
check 'a program in C++ runs with it' runs "$CXX" "$work/observe.cc" clang
check 'twin: a name with two meanings is found' finds_a_name_with_two_meanings
finish
