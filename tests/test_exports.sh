#!/bin/sh
# test_exports.sh: each shared library exports what its header declares, and nothing else.
# SPDX-License-Identifier: MIT
#
#     test_exports.sh VERSION LIBTOKENQUOTA.so LIBTOKENQUOTA-SIGNALS.so
set -eu
. tests/tap.sh
version=$1
core=$2 signals=$3
for library in "$core" "$signals"; do
    [ -r "$library" ] || { echo "Bail out! no library at $library"; exit 1; }
done

# Functions that the header declares: the first name before "(" of each TQ_API declaration.
declared() {
    sed '/#define TQ_API/d; /#include/d' include/$header | $CC -E -P -x c - | tr '\n' ' ' | tr ';' '\n' |
        sed -nE 's/.*TQ_API [^(]*\b([a-z_0-9]+)\(.*/\1/p' | sort
}

# Sanitizers export names of their own.
exported() {
    nm -D --defined-only "$library" | awk '{ print $3 }' | grep -vE '^(__(asan|ubsan|tsan|lsan|odr_asan|sanitizer)|_)' | sort
}

exports_are_the_header() {
    declared >"$work/declared"
    exported >"$work/exported"
    [ "$(wc -l <"$work/declared")" -gt 10 ] || { echo "the header was not understood"; return 1; }
    diff -u "$work/declared" "$work/exported"
}

exports_begin_with_tq() {
    exported | awk '!/^tq_[a-z]/ { print "exported: " $0; bad = 1 } END { exit bad }'
}

exports_no_data() {
    nm -D --defined-only "$library" | awk '$2 !~ /^[TW]$/ && $3 !~ /^_/ { print; bad = 1 } END { exit bad }'
}

soname() {
    same "$name.so.${version%%.*}" "$(readelf -d "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')"
}

needs_libc_only() {
    readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
        grep -vE '^(libc\.so|ld-linux|lib(a|ub|t)san\.so)' >"$work/needed" || true
    same '' "$(cat "$work/needed")"
}

# The comparison above sees one export too many.
finds_a_stray_export() {
    printf 'int tq_stray(void);\nint tq_stray(void) { return 0; }\n' | $CC -shared -fPIC -x c -o "$work/stray.so" -
    library=$work/stray.so
    ! exports_are_the_header || return 1
}

for name in libtokenquota libtokenquota-signals; do
    case $name in
    libtokenquota) library=$core header=tokenquota.h ;;
    *) library=$signals header=tokenquota_signals.h ;;
    esac
    check "$name: exports are the functions of $header" exports_are_the_header
    check "$name: twin: a stray export is found" finds_a_stray_export
    check "$name: every export begins with tq_" exports_begin_with_tq
    check "$name: no data is exported" exports_no_data
    check "$name: the soname is the major version" soname
    check "$name: it needs libc alone" needs_libc_only
done
finish
