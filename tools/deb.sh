#!/bin/sh
# deb.sh: builds the packages of Debian from the commit that is checked out, and tries them in a chroot of their own.
# SPDX-License-Identifier: MIT
#
#     tools/deb.sh build BUILD            on this machine's Debian; the packages come into BUILD/deb
#     tools/deb.sh build BUILD SUITE      in a chroot of that suite (bookworm, trixie); into BUILD/deb/SUITE
#     tools/deb.sh check BUILD SUITE      builds them when they are not there; then tools/deb_check.sh in a clean chroot
#
# A chroot needs root and debootstrap. It is unpacked from BUILD/deb/cache/SUITE.tar, which the first call makes, and is
# removed at the end; what apt downloads stays in the cache. Everything in it runs with mounts and processes of its own
# (unshare), so that nothing is left mounted or running, whatever happens.
set -eu
cd "$(dirname "$0")/.."
home=$PWD

usage() { sed -n 's/^#     /    /p' "$0" >&2; exit 2; }
give_up() { echo "tools/deb.sh: $1" >&2; exit 1; }

[ $# -ge 2 ] || usage
verb=$1 suite=${3-}
mkdir -p "$2/deb/cache"
deb=$(realpath "$2/deb")
out=$deb${suite:+/$suite}
version=$(tools/version.sh)
mirror=http://deb.debian.org/debian
case $suite in *[!a-z]*) usage ;; esac

# What a call leaves in the cache's folder, however it ends, is removed. (Mounts are gone with their process.)
root='' work=''
trap 'rm -rf --one-file-system "$root" "$work"' EXIT
trap 'exit 1' HUP INT TERM

# The source package's tarball is that of the release; debian/ comes out of it, too.
make_source() { # FOLDER
    mkdir -p "$1"
    commit=$(git rev-parse HEAD)
    meson runpython tools/dist.py --tarball "$1" >/dev/null
    mv "$1/tokenquota-$version.tar.xz" "$1/tokenquota_$version.orig.tar.xz"
    tar -xf "$1/tokenquota_$version.orig.tar.xz" -C "$1"
}

# What a build leaves beside its tree, without the tree.
keep_packages() { # FOLDER
    rm -f "$out/commit" "$out"/*.deb "$out"/*.dsc "$out"/*.changes "$out"/*.buildinfo "$out"/*.tar.*
    find "$1" -maxdepth 1 -type f -exec mv -t "$out" {} +
    echo "$commit" >"$out/commit"
    echo "packages in $out:"
    (cd "$out" && ls -1 ./*.deb | sed 's,^\./,    ,')
    cd "$out"
    rm -rf "$1"
    cd "$home"
}

# ---- chroots -----------------------------------------------------------------------------------------------

base() {
    [ "$(id -u)" -eq 0 ] || give_up "a chroot needs root"
    [ -e "$deb/cache/$suite.tar" ] && return
    command -v debootstrap >/dev/null || give_up "a chroot needs debootstrap (Debian's package debootstrap)"
    rm -rf "$deb/cache/$suite"
    debootstrap --variant=minbase "$suite" "$deb/cache/$suite" $mirror >"$deb/cache/$suite.log" 2>&1 ||
        { tail -n 5 "$deb/cache/$suite.log" >&2; give_up "no chroot of $suite could be made"; }
    tar -C "$deb/cache/$suite" --one-file-system -cf "$deb/cache/$suite.tar.new" .
    mv "$deb/cache/$suite.tar.new" "$deb/cache/$suite.tar"
    rm -rf --one-file-system "$deb/cache/$suite"
}

# Runs a script of the shell in a fresh chroot, with FOLDER as its /work.
in_chroot() { # FOLDER SCRIPT
    base
    root=$(mktemp -d "$deb/cache/root.XXXXXX")
    mkdir -p "$deb/cache/$suite.apt/partial"
    status=0
    tar -C "$root" -xf "$deb/cache/$suite.tar"
    mkdir "$root/work"
    touch "$root/chroot-for-packages"
    echo 'force-unsafe-io' >"$root/etc/dpkg/dpkg.cfg.d/fast"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    unshare --mount --pid --fork --kill-child sh -eu -c '
        root=$1 folder=$2 apt=$3
        mount --make-rprivate /
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount --bind "$apt" "$root/var/cache/apt/archives"
        mount --bind "$folder" "$root/work"
        exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
            sh -eu -c "$4"' sh "$root" "$1" "$deb/cache/$suite.apt" "$2" || status=$?
    rm -rf --one-file-system "$root"
    return $status
}

# ---- what it does --------------------------------------------------------------------------------------------

build_here() {
    command -v apt-get >/dev/null && grep -Eq '^ID(_LIKE)?=.*debian' /etc/os-release ||
        give_up "this is no Debian: give SUITE=trixie"
    work=$(mktemp -d "$deb/cache/build.XXXXXX")
    make_source "$work"
    cd "$work/tokenquota-$version"
    # Debian's own tools, whatever else is in the path.
    PATH=/usr/sbin:/usr/bin:/sbin:/bin
    if ! dpkg-checkbuilddeps 2>/dev/null; then
        [ "$(id -u)" -eq 0 ] || { dpkg-checkbuilddeps || true; give_up "as root, this installs them: apt-get build-dep ./"; }
        echo "tools/deb.sh: installing what the packages are built with"
        apt-get -q update >"$out/build.log" 2>&1
        apt-get -q -y --no-install-recommends build-dep ./ >>"$out/build.log" 2>&1 </dev/null ||
            { tail -n 20 "$out/build.log"; give_up "apt-get failed"; }
    fi
    dpkg-buildpackage -us -uc >"$out/build.log" 2>&1 || { tail -n 40 "$out/build.log"; give_up "see $out/build.log"; }
    cd "$work"
    keep_packages "$work"
}

build_there() {
    mkdir -p "$out"
    work=$(mktemp -d "$deb/cache/build.XXXXXX")
    make_source "$work"
    in_chroot "$work" '
        apt-get -q update
        apt-get -q -y --no-install-recommends install build-essential
        cd /work/tokenquota-*
        apt-get -q -y --no-install-recommends build-dep ./
        dpkg-buildpackage -us -uc
    ' >"$out/build.log" 2>&1 </dev/null || { tail -n 40 "$out/build.log"; give_up "see $out/build.log"; }
    keep_packages "$work"
}

check_there() {
    # Those of another commit are not what is asked about.
    [ "$(cat "$out/commit" 2>/dev/null)" = "$(git rev-parse HEAD)" ] || build_there
    work=$(mktemp -d "$deb/cache/check.XXXXXX")
    chmod 755 "$work"
    find "$out" -maxdepth 1 -type f -exec cp -t "$work" {} +
    cp -r debian examples tests/tap.sh tools/deb_check.sh "$work"
    in_chroot "$work" 'exec /work/deb_check.sh /work' </dev/null
}

case $verb:$suite in
build:) build_here ;;
build:*) build_there ;;
check:?*) check_there ;;
*) usage ;;
esac
