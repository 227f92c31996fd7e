#!/bin/sh
# test_install.sh: what `make install` puts where, how a stranger builds against it, and that uninstall takes it away.
# SPDX-License-Identifier: MIT
#
#     test_install.sh VERSION
#
# The stranger has the staged tree, pkg-config and examples/observe.c, which is the program of the header.
set -eu
. tests/tap.sh
version=$1
prefix=/opt/tokenquota
stage=$work/stage
# What is tested is where files go and how they are found: the compiler need not take its time.
fast='-Doptimization=0 -Ddebug=false'
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS PREFIX LIBDIR DESTDIR

make_staged() { # TARGET
    make -s "$1" BUILD="$work/build" PREFIX=$prefix DESTDIR="$stage" MESON_FLAGS="$fast"
}

# pkg-config as the stranger calls it, once the tree is where it was staged.
package() {
    PKG_CONFIG_SYSROOT_DIR=$stage PKG_CONFIG_PATH=$(dirname "$(find "$stage" -name tokenquota.pc)") \
        pkg-config "$@" "${package:-tokenquota}"
}

needed_of() {
    readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

# The comment's program, without the comment's margin.
example_is_the_header_s() {
    sed -nE '/A WHOLE PROGRAM/,/cc observe\.c/{/A WHOLE|cc observe/!s/^ \*( {5})?//p}' include/tokenquota.h |
        sed -e '1{/^$/d}' -e '${/^$/d}' >"$work/program.c"
    [ "$(wc -l <"$work/program.c")" -gt 10 ] || { echo "no program found in the header"; return 1; }
    diff -u "$work/program.c" examples/observe.c
}

install_puts_these_files() {
    same "installed below $stage$prefix: bin (1 file), include (2 files), lib (20 files), share (5 files)" \
        "$(make_staged install)"
    (cd "$stage$prefix" && find . ! -type d | sort) >"$work/files"
    same "./bin/tokenquota
./include/tokenquota.h
./include/tokenquota_signals.h
./lib/libtokenquota-signals.a
./lib/libtokenquota-signals.so
./lib/libtokenquota-signals.so.${version%%.*}
./lib/libtokenquota-signals.so.$version
./lib/libtokenquota.a
./lib/libtokenquota.so
./lib/libtokenquota.so.${version%%.*}
./lib/libtokenquota.so.$version
./lib/pkgconfig/tokenquota-signals.pc
./lib/pkgconfig/tokenquota.pc
./lib/systemd/system/tokenquota-import@.service
./lib/systemd/system/tokenquota-sync.service
./lib/systemd/system/tokenquota-watch.service
./lib/systemd/system/tokenquota.service
./lib/systemd/system/tokenquota.socket
./lib/systemd/user/tokenquota-import.service
./lib/systemd/user/tokenquota-watch.service
./lib/systemd/user/tokenquota.service
./lib/systemd/user/tokenquota.socket
./lib/sysusers.d/tokenquota.conf
./share/bash-completion/completions/tokenquota
./share/fish/vendor_completions.d/tokenquota.fish
./share/man/man1/tokenquota.1
./share/tokenquota/presets.json
./share/zsh/site-functions/_tokenquota" "$(cat "$work/files")"
    same "$prefix" "$(cd "$stage" && find . -maxdepth 2 -mindepth 2 | sed 's/^\.//')"
}

installed_command_runs() {
    "$stage$prefix/bin/tokenquota" --version | grep -F "$version"
    "$stage$prefix/bin/tokenquota" preset show claude-pro | grep -F "$stage$prefix"
}

pkg_config_knows_the_version() {
    same "$version" "$(package --modversion)"
}

runs_and_says_so() {
    (cd "$work" && "$1") | grep -E '^openai is out for [0-9]+ s more$'
}

# Word splitting is meant in the next two: flags are lists.
example_shared() {
    $CC -o "$work/shared" examples/observe.c $(package --cflags --libs)
    needed_of "$work/shared" | grep -x "libtokenquota.so.${version%%.*}"
    LD_LIBRARY_PATH=$(dirname "$(find "$stage" -name libtokenquota.so)") runs_and_says_so "$work/shared"
}

example_static() {
    $CC -o "$work/static" examples/observe.c $(package --cflags) \
        -Wl,-Bstatic $(package --static --libs) -Wl,-Bdynamic
    ! needed_of "$work/static" | grep tokenquota || return 1
    runs_and_says_so "$work/static"
}

# Needs both libraries for the names; the package of the one brings the other.
signals_program() {
    cat >"$work/signals.c" <<'EOF'
#include <stdio.h>
#include <tokenquota_signals.h>

int main(void)
{
    static const struct tq_field fields[] = {{"Retry-After", 11, "20", 2}};
    struct tq_response response = {.size = sizeof response, .status = 429, .fields = fields, .field_count = 1,
                                   .now_ns = 1795176000000000000};
    struct tq_quota_signal signal = {.size = sizeof signal};

    if (tq_signal_read(&response, &signal) < 0)
        return 2;
    printf("%s for %lld s\n", tq_class_name(signal.refusal),
           (long long)((signal.retry_at_ns - response.now_ns) / 1000000000));
    return 0;
}
EOF
    package=tokenquota-signals
    $CC -o "$work/signals" "$work/signals.c" $(package --cflags --libs)
    needed_of "$work/signals" | grep -x "libtokenquota-signals.so.${version%%.*}"
    same 'throttled for 20 s' \
        "$(LD_LIBRARY_PATH=$(dirname "$(find "$stage" -name libtokenquota.so)") "$work/signals")"
    $CC -o "$work/signals-static" "$work/signals.c" $(package --cflags) \
        -Wl,-Bstatic $(package --libs) -Wl,-Bdynamic
    ! needed_of "$work/signals-static" | grep tokenquota || return 1
    same 'throttled for 20 s' "$("$work/signals-static")"
}

uninstall_takes_what_was_installed() {
    echo 'not ours' >"$stage$prefix/include/other.h"
    same "uninstalled below $stage$prefix: bin (1 file), include (2 files), lib (20 files), share (5 files)" \
        "$(make_staged uninstall)"
    same ./include/other.h "$(cd "$stage$prefix" && find . ! -type d)"
}

# The next ones install for one user: into a folder with a space, named by the environment, without DESTDIR.
own="$work/my place"

make_own() { # TARGET COMMAND-BEFORE-MAKE...
    target=$1
    shift
    PREFIX=$own "$@" make -s "$target" BUILD="$work/build" MESON_FLAGS="$fast"
}

own_package() {
    PKG_CONFIG_PATH=$own/lib/pkgconfig pkg-config "$@" tokenquota-signals tokenquota
}

own_prefix_from_the_environment() {
    said=$(make_own install)
    same "installed below $own: bin (1 file), include (2 files), lib (20 files), share (5 files)" "$said"
    "$own/bin/tokenquota" --version | grep -F "$version"
}

# pkg-config escapes what the shell would split: eval reads it as a Makefile's shell does.
own_library_is_found() {
    eval "$CC -o '$work/own' examples/observe.c $(own_package --cflags --libs)"
    needed_of "$work/own" | grep -x "libtokenquota.so.${version%%.*}"
    runs_and_says_so "$work/own"
}

own_uninstall() {
    make_own uninstall
    same '' "$(find "$own" ! -type d)"
}

# Root without the right to write everywhere is a user like any other here.
refusal_is_one_sentence() {
    rm -rf "$own" # its folders, which uninstall left
    mkdir "$own"
    chmod 555 "$own"
    limits=''
    [ "$(id -u)" -ne 0 ] || limits='setpriv --bounding-set=-dac_override'
    status=0
    said=$(make_own install $limits 2>&1) || status=$?
    chmod 755 "$own"
    same 2 $status
    same "make install: $own may not be written: use sudo, or another PREFIX (PREFIX=\$HOME/.local)" \
        "$(printf '%s\n' "$said" | grep -v '^make: \*\*\*')"
    same '' "$(find "$own" ! -type d)"
}

# What only Meson meets is a sentence, too: a link that leads nowhere stands where a folder must be.
failure_is_one_sentence() {
    mkdir -p "$own/lib"
    ln -s nowhere "$own/lib/pkgconfig"
    said=$(make_own install 2>&1) && return 1
    rm -rf "$own"
    same 1 "$(printf '%s\n' "$said" | grep -cv '^make: \*\*\*')"
    printf '%s\n' "$said" | grep "^make install: .*pkgconfig"
}

# Where the linker looks by itself nothing is said: a distribution's programs must not carry a path.
no_rpath_below_usr_local() {
    make -s build-release BUILD="$work/build" MESON_FLAGS="$fast"
    ! grep rpath "$work/build/release/meson-private/"*.pc
}

check "examples/observe.c is the header's program, to the letter" example_is_the_header_s
check 'make install puts these files below DESTDIR and PREFIX, and no other' install_puts_these_files
check 'the installed command finds its library' installed_command_runs
check 'pkg-config gives the version of the header' pkg_config_knows_the_version
check 'the example builds against the staged shared library and runs' example_shared
check 'the example builds against the staged static library and runs' example_static
check 'a program of both libraries builds by the package tokenquota-signals, shared and static' signals_program
check 'make uninstall removes every file it installed and no other' uninstall_takes_what_was_installed
check 'PREFIX is heard from the environment, and may have a space' own_prefix_from_the_environment
check 'a program built by pkg-config finds its library there' own_library_is_found
check 'make uninstall removes what was installed there' own_uninstall
check 'without permission make install says so in one sentence, and installs nothing' refusal_is_one_sentence
check 'another failure of make install is one sentence' failure_is_one_sentence
check 'below /usr/local pkg-config names no path for the dynamic linker' no_rpath_below_usr_local
finish
