#!/bin/sh
# setup.sh: makes sure that what a build needs is installed; silent when it is.
# SPDX-License-Identifier: MIT
#
#     tools/setup.sh run      what building the library and the command needs
#     tools/setup.sh check    that, and what the tests, the sanitizers and the analyser need
#     tools/setup.sh model    what the models need
#     tools/setup.sh bench    what the build needs, and what the benchmarks compare it with
#     tools/setup.sh peers    what the build needs, and what installs the program that it is compared with
#
# On Debian and its kin it installs what is missing, and nothing else, with apt-get. Anywhere else it names
# what is missing and stops: which package holds what there is not for this script to guess.
set -u

# One need a line: what it is | its Debian package | a command that succeeds when it is there.
needs_run='
C compiler          | gcc             | command -v cc
headers of libc     | libc6-dev       | echo "#include <errno.h>" | cc -E -
Meson               | meson           | command -v meson
Ninja               | ninja-build     | command -v ninja
pkg-config          | pkgconf         | command -v pkg-config
zlib                | zlib1g-dev      | pkg-config --exists zlib
zstd                | libzstd-dev     | pkg-config --exists libzstd
SQLite              | libsqlite3-dev  | pkg-config --exists sqlite3
libmicrohttpd       | libmicrohttpd-dev | pkg-config --exists libmicrohttpd
inih                | libinih-dev     | pkg-config --exists inih
hiredis             | libhiredis-dev  | pkg-config --exists hiredis
dygraphs            | libjs-dygraphs  | test -e /usr/share/javascript/dygraphs/dygraph.min.js
jansson             | libjansson-dev  | pkg-config --exists jansson
zone database       | tzdata          | test -e /usr/share/zoneinfo/America/Los_Angeles'
needs_check='
C++ compiler        | g++             | command -v c++
clang               | clang           | command -v clang
clang sanitizers    | libclang-rt-dev | test -e "$(clang -print-file-name=libclang_rt.asan-$(uname -m).a)"
cmocka              | libcmocka-dev   | pkg-config --exists cmocka
zstd command        | zstd            | command -v zstd
zsh                 | zsh             | command -v zsh
fish                | fish            | command -v fish
mandoc              | mandoc          | command -v mandoc
XFS                 | xfsprogs        | command -v mkfs.xfs || test -x /sbin/mkfs.xfs
Btrfs               | btrfs-progs     | command -v mkfs.btrfs || test -x /sbin/mkfs.btrfs
ext4, chattr        | e2fsprogs       | command -v mkfs.ext4 || test -x /sbin/mkfs.ext4
promtool            | prometheus      | command -v promtool
nginx               | nginx           | command -v nginx || test -x /usr/sbin/nginx
HAProxy             | haproxy         | command -v haproxy || test -x /usr/sbin/haproxy
Redis               | redis-server    | command -v redis-server && command -v redis-cli
stunnel             | stunnel4        | command -v stunnel4
openssl             | openssl         | command -v openssl'

# The packages of other languages are built and tested with what is there, else with Debian's.
needs_languages='
headers of Python   | python3-dev     | test -e "$(python3 -c "import sysconfig; print(sysconfig.get_paths()[\"include\"])")/Python.h"
Go                  | golang-go       | command -v go
Node.js             | nodejs          | command -v node
headers of Node.js  | libnode-dev     | test -e /usr/include/node/node_api.h || test -e "$(dirname "$(realpath "$(command -v node)")")/../include/node/node_api.h"'

# Ubuntu has no such packages; there the tests of the page say that they skip.
needs_page='
Chromium            | chromium        | command -v chromium
chromedriver        | chromium-driver | command -v chromedriver'
grep -Eqs '^ID=debian' /etc/os-release || needs_page=''

# Debian has Valkey from 13 on, other systems may, and 12 where its backports are enabled. Elsewhere its tests say that they skip.
needs_valkey='
Valkey              | valkey-server   | PATH=$PATH:/usr/sbin command -v valkey-server'
grep -Eqs '^VERSION_ID="?1[3-9]"?$' /etc/os-release && grep -Eqs '^ID=debian' /etc/os-release ||
    apt-cache show valkey-server >/dev/null 2>&1 || needs_valkey=''

needs_bench='
Redis               | redis-server    | command -v redis-server && command -v redis-cli
SQLite              | sqlite3         | command -v sqlite3
nginx               | nginx           | command -v nginx || test -x /usr/sbin/nginx
h2load              | nghttp2-client  | command -v h2load'

needs_peers='
npm                 | npm             | command -v npm
pip                 | python3-pip     | meson runpython -c "import pip"
venv of Python      | python3-venv    | python3 -c "import ensurepip, venv"'

needs_model='
C compiler          | gcc             | command -v cc
spin                | spin            | command -v spin'

case ${1-} in
run) needs=$needs_run ;;
check) needs=$needs_run$needs_check$needs_languages$needs_page$needs_valkey ;;
bench) needs=$needs_run$needs_bench$needs_languages$needs_page ;;
model) needs=$needs_model ;;
peers) needs=$needs_run$needs_peers$needs_languages$needs_page ;;
*)
    echo "usage: tools/setup.sh run|check|bench|model|peers" >&2
    exit 2
    ;;
esac

# Sets $missing (names, one a line) and $packages to what of $needs is not there.
find_missing() {
    missing='' packages=''
    while IFS='|' read -r name package probe; do
        if [ -n "$name" ] && ! eval "$probe" >/dev/null 2>&1; then
            missing="$missing  ${name%"${name##*[! ]}"}
"
            packages="$packages ${package#"${package%%[! ]*}"}"
        fi
    done <<END
$needs
END
    packages=$(echo $packages)
}

give_up() { # WHY [WHAT-TO-DO]
    printf 'tools/setup.sh: %s. Missing:\n%s' "$1" "$missing" >&2
    printf '%s\n' "${2-On Debian these are the packages: $packages}" >&2
    exit 1
}

find_missing
[ -n "$packages" ] || exit 0

command -v apt-get >/dev/null 2>&1 && grep -Eq '^ID(_LIKE)?=.*\b(debian|ubuntu)' /etc/os-release 2>/dev/null ||
    give_up "there is no apt-get of Debian or Ubuntu here, so nothing was installed"
as_root=''
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || give_up "neither root nor sudo, so nothing was installed" \
        "This line installs them; it asks for the password of root:
  su -c 'apt-get update && apt-get install -y --no-install-recommends $packages'"
    as_root=sudo
fi

echo "tools/setup.sh: installing $packages"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# Word splitting is meant: $as_root may be nothing, $packages is a list.
if ! { $as_root apt-get -q update &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $packages; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    give_up "apt-get failed, see above"
fi
find_missing
[ -z "$packages" ] || give_up "apt-get installed them, but they still cannot be found"
