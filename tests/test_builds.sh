#!/bin/sh
# test_builds.sh: builds of the library by different compilers at different levels count on one file at once.
# SPDX-License-Identifier: MIT
#
#     test_builds.sh LIBRARY         libtokenquota.so as it is tested here, which is one of the builds
#
# What one of them took for granted about the bytes, or the order of its steps, and the other does not, shows here.
set -eu
. tests/tap.sh
library=$1
records=200000
builds=''

# NAME COMPILER [ARGUMENT]...: a program with the library in it, or beside it. The compiler may be several words: "ccache cc".
build() {
    program=$work/$1 compiler=$2
    shift 2
    $compiler -std=c17 -D_GNU_SOURCE -Iinclude -I. -o "$program" tests/count_along.c "$@"
}

here=$(cd "$(dirname "$library")" && pwd)
check 'the library as it is tested' build tested "${CC:-cc}" "$library" "-Wl,-rpath,$here"
builds=$work/tested
for compiler in gcc clang; do
    command -v $compiler >/dev/null || { echo "# $compiler is not installed: left out"; continue; }
    for level in -O0 -O3; do
        # The library above is optimised by gcc, unless CC is another one; that takes long.
        [ "$compiler$level" = gcc-O3 ] && continue
        check "$compiler $level builds" build $compiler$level $compiler $level bindings/core.c
        builds="$builds $work/$compiler$level"
    done
done

# All at once; then each of them reads what all have counted.
count_together() {
    set -- $builds
    for program; do
        "$program" "$work/ledger" $records &
    done
    wait # one that failed has counted less: that is seen below
    for program; do
        same "3000 names, $(($# * records)) tokens" "$("$program" "$work/ledger")"
    done
}

check 'all of them count on one file, and each reads the same' count_together
finish
