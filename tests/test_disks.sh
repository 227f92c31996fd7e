#!/bin/sh
# test_disks.sh: on file systems that share blocks or write to new places a full disk is an error, never a signal.
# SPDX-License-Identifier: MIT
#
#     test_disks.sh TOKENQUOTA
#
# Each file system is an image of its own, mounted where only this script sees it; without the right to mount, or the
# program that makes one, its test is skipped.
set -eu
if [ -z "${TQ_DISKS-}" ] && unshare -m true 2>/dev/null; then
    TQ_DISKS=1 exec unshare -m "$0" "$@"
fi
. tests/tap.sh
tokenquota=$1
HOME=$work
export HOME
disk=$work/disk
mkdir "$disk"
trap 'umount "$disk" 2>/dev/null || true; rm -rf "$work"' EXIT
export TOKENQUOTA_LEDGER="$disk/ledger"

tq() {
    "$tokenquota" "$@"
}

# A new file system of that kind on $disk; fails where there is none.
new_disk() { # KIND BYTES
    umount "$disk" 2>/dev/null || true
    rm -f "$work/image"
    truncate -s "$2" "$work/image"
    case $1 in
    ext4) mkfs.ext4 -q -F -m 0 "$work/image" ;;
    xfs) mkfs.xfs -q -f "$work/image" ;;
    btrfs) mkfs.btrfs -q -f "$work/image" ;;
    esac >/dev/null 2>&1 && mount -o loop "$work/image" "$disk" 2>/dev/null
}

fill_disk() {
    for bytes in 1M 64k 4k 512; do
        dd if=/dev/zero of="$disk/full.$bytes" bs=$bytes 2>/dev/null || true
        sync -f "$disk"
    done
}

count_names() { # TOKENS: 40 names, each by a process of its own
    for name in $(seq 40); do
        status=0
        tq observe "p$name" "$1" || status=$?
        [ $status -eq "${2-0}" ] || { echo "p$name: exit status $status"; return 1; }
    done
}

# What is there goes on counting when the disk is full, written out between.
counts_when_full() {
    count_names 1
    tq ledger flush
    fill_disk
    for round in 1 2 3; do
        count_names 1
        tq ledger flush
    done
    tq status p7 --json | grep -q '"used": *4'
}

a_copy_that_shares_blocks_is_refused_or_made_whole() {
    count_names 1
    tq ledger flush
    cp --reflink=always "$disk/ledger" "$disk/copy"
    sync -f "$disk"
    fill_disk
    tq observe p1 1 2>"$work/said" && return 1
    cat "$work/said"
    grep -q 'lacks [0-9]* bytes' "$work/said"
    tq status p1 --json | grep -q '"used": *1' # reading goes on
    rm "$disk"/full.*
    count_names 1
    fill_disk
    count_names 1
}

holes_are_refused_or_filled() {
    count_names 1
    tq ledger flush
    cp --sparse=always --reflink=never "$disk/ledger" "$disk/copy"
    mv "$disk/copy" "$disk/ledger"
    fill_disk
    tq observe p1 1 2>"$work/said" && return 1
    grep -q 'lacks [0-9]* bytes' "$work/said"
    rm "$disk"/full.*
    count_names 1
    fill_disk
    count_names 1
}

# A folder that compresses makes compressed files; a ledger from before is named by doctor, and compact mends it.
btrfs_writes_in_place() {
    chattr +c "$disk"
    count_names 1
    lsattr "$disk/ledger" | grep -q '^[^ ]*C'
    cp --reflink=never --sparse=never "$disk/ledger" "$disk/copy"
    mv "$disk/copy" "$disk/ledger"
    lsattr "$disk/ledger" | grep -q '^[^ ]*C' && return 1
    tq doctor >"$work/said" || true
    grep -q 'disk.*Btrfs' "$work/said"
    count_names 1 # it opens
    tq ledger compact
    lsattr "$disk/ledger" | grep -q '^[^ ]*C'
    tq doctor >"$work/said"
    ! grep -q 'disk.*Btrfs' "$work/said"
}

# try KIND BYTES NAME COMMAND
try() {
    if new_disk "$1" "$2"; then
        check "$3" "$4"
    else
        tap_count=$((tap_count + 1))
        echo "ok $tap_count - $3 # SKIP $1 cannot be made and mounted here"
    fi
}

try ext4 32M "ext4: names go on counting on a full disk" counts_when_full
try ext4 32M "ext4: holes are filled or refused" holes_are_refused_or_filled
try xfs 320M "XFS: names go on counting on a full disk" counts_when_full
try xfs 320M "XFS: shared blocks are replaced or refused" a_copy_that_shares_blocks_is_refused_or_made_whole
try btrfs 128M "Btrfs: names go on counting on a full disk" counts_when_full
try btrfs 128M "Btrfs: a ledger is written in place" btrfs_writes_in_place
finish
