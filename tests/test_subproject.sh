#!/bin/sh
# test_subproject.sh: another Meson project has this one as a subproject, and the libraries are built without the command.
# SPDX-License-Identifier: MIT
set -eu
. tests/tap.sh

# pkg-config finds nothing: what these builds need is libc.
PKG_CONFIG_LIBDIR=$work/nothing
export PKG_CONFIG_LIBDIR
unset CXX

# The names of the libraries and programs that a build folder makes.
targets() {
    meson introspect --targets "$1" | grep -oE '"filename": \["[^"]*"' | sed 's/.*"\(.*\)"/\1/; s,.*/,,' | sort
}

libraries_alone_need_no_package() {
    meson setup -Dcommand=disabled "$work/alone" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
    targets "$work/alone" >"$work/made"
    grep -x libtokenquota.a "$work/made"
    grep -x libtokenquota-signals.a "$work/made"
    ! grep -x tokenquota "$work/made" && ! grep logs "$work/made"
}

command_says_what_it_lacks() {
    ! meson setup -Dcommand=enabled "$work/enabled" >"$work/said" 2>&1 || return 1
    grep 'Dependency "jansson" not found' "$work/said"
}

# A stranger's project. Of ours it has what the libraries need.
stranger() {
    mkdir -p "$work/stranger/subprojects/tokenquota"
    cp -r meson.build meson_options.txt include base src signals examples tools "$work/stranger/subprojects/tokenquota"
    cp examples/observe.c "$work/stranger"
    cat >"$work/stranger/refusal.c" <<'EOF'
#include <tokenquota_signals.h>

int main(void)
{
    static const struct tq_field fields[] = {{"Retry-After", 11, "20", 2}};
    struct tq_response response = {.size = sizeof response, .status = 429, .fields = fields, .field_count = 1,
                                   .now_ns = 1795176000000000000};
    struct tq_quota_signal signal = {.size = sizeof signal};

    return tq_signal_read(&response, &signal) < 0 || tq_class_name(signal.refusal)[0] != 't';
}
EOF
    cat >"$work/stranger/meson.build" <<'EOF'
project('stranger', 'c')
executable('observe', 'observe.c', dependencies: dependency('tokenquota', fallback: 'tokenquota'))
executable('refusal', 'refusal.c', dependencies: dependency('tokenquota-signals', fallback: 'tokenquota'))
executable('alone', 'observe.c', dependencies: dependency('tokenquota', fallback: 'tokenquota', static: true))
EOF
    (cd "$work/stranger" && meson setup build && ninja -C build observe refusal alone) >"$work/said" 2>&1 ||
        { tail -20 "$work/said"; return 1; }
}

stranger_runs() {
    (cd "$work" && stranger/build/observe) | grep -E '^openai is out for [0-9]+ s more$'
    "$work/stranger/build/refusal"
    (cd "$work" && rm quota.ledger && stranger/build/alone) | grep -E '^openai is out for [0-9]+ s more$'
    ! readelf -d "$work/stranger/build/alone" | grep libtokenquota
}

check '-Dcommand=disabled makes the two libraries without jansson, zlib and zstd' libraries_alone_need_no_package
check '-Dcommand=enabled says what is missing' command_says_what_it_lacks
check "dependency('tokenquota') and dependency('tokenquota-signals') are found in a subproject" stranger
check 'programs built that way run, with the shared library and with the static one' stranger_runs
finish
