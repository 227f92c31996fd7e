#!/bin/sh
# test_builds.sh: builds of the library by different compilers at different levels count on one file at once.
# SPDX-License-Identifier: MIT
#
# What one of them took for granted about the bytes, or the order of its steps, and the other does not, shows here.
set -eu
. tests/tap.sh

records=200000

# COMPILER LEVEL: the program, with the whole library in it.
build() {
    $1 -std=c17 -D_GNU_SOURCE= "$2" -Iinclude -I. -o "$work/$1$2" tests/count_along.c src/*.c base/*.c
}

builds=''
for compiler in gcc clang; do
    command -v $compiler >/dev/null || { echo "# $compiler is not installed: left out"; continue; }
    for level in -O0 -O3; do
        check "$compiler $level builds" build $compiler $level
        builds="$builds $work/$compiler$level"
    done
done
[ -n "$builds" ] || { echo "1..0 # SKIP no gcc and no clang"; exit 0; }

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
