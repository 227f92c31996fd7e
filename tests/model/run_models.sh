#!/bin/sh
# run_models.sh: spin goes through all interleavings of each model, and finds the broken ones out.
# SPDX-License-Identifier: MIT
#
# A model says in its first lines what is checked. Speaks TAP. Needs spin and a C compiler.
set -eu
cd "$(dirname "$0")/../.."
. tests/tap.sh
models=$PWD/tests/model

command -v spin >/dev/null || { echo "1..0 # SKIP spin is not installed"; exit 0; }

# MODEL FLAGS...: spin's verdict on it.
verify() {
    model=$1
    shift
    rm -rf "$work/pan"
    mkdir "$work/pan"
    cd "$work/pan"
    spin "$@" -a "$models/$model.pml" || return 1
    ${CC:-cc} -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=4000 -o pan pan.c
    ./pan -m200000 >said
    cat said
    # Everything was looked at: no depth or memory limit cut the search short.
    ! grep -qE 'max search depth too small|out of memory|Search not completed|pan: reached' said || return 1
    grep -q '^State-vector' said
}

holds() {
    verify "$@" >"$work/verdict" || { cat "$work/verdict"; return 1; }
    cat "$work/verdict"
    grep -q 'errors: 0' "$work/verdict"
}

breaks() {
    verify "$@" >"$work/verdict" 2>&1 || true
    cat "$work/verdict"
    grep -qE 'assertion violated' "$work/verdict"
}

check 'add with day change: each day holds its own tokens' holds add_day -DRECORDERS=4
check 'add with day change and reset' holds add_day -DRECORDERS=3 -DRESET
check 'twin: add after a look at the day is found out' breaks add_day -DTWIN
check 'insert with growth: each name once, and found' holds insert_growth
check 'the same with buckets of one word, three tables' holds insert_growth -DWORDS=1 -DTABLES=3
check 'twin: inserters that start anywhere in a bucket are found out' breaks insert_growth -DTWIN
check 'forget: nothing is there unseen' holds forget
check 'the same with three that record' holds forget -DRECORDERS=3
check 'twin: unhide before the word is found out' breaks forget -DTWIN
check 'records under the rule care: the prediction is what the rule says' holds rule
check 'the same with one that spends the budget' holds rule -DSECOND=9
check 'the same while the rule is set' holds rule -DRULER
check 'the same while the care is set' holds rule -DSETTER
check 'the same with reset' holds rule -DRESETTER -DSECOND=9
check 'one record while rule and care are set' holds rule -DRECORDERS=1 -DRULER -DSETTER
check 'twin: the rule read once is found out' breaks rule -DRULER -DTWIN_RULE
check 'twin: a reset that only clears is found out' breaks rule -DRESETTER -DSECOND=9 -DTWIN_VOID
check 'twin: a care that clears nothing is found out' breaks rule -DSETTER -DTWIN_CARE
check 'twin: one look only is found out' breaks rule -DTWIN_ONCE
check 'twin: a mean call stored after the look is found out' breaks rule -DTWIN_MEAN
check 'twin: a mean call stored behind its half hour is found out' breaks rule -DTWIN_LATE
check 'creation, compact and death: one file, no count lost' holds replace -DRECORDERS=3
check 'the same with two that compact' holds replace -DRECORDERS=2 -DTWO_COMPACTORS
check 'twin: creation by rename is found out' breaks replace -DTWIN_RENAME
check 'twin: nobody compares after locking: found out' breaks replace -DTWIN_NO_INODE
check 'an index in doubt: one rebuilds, nobody counts on a broken one' holds doubt -DOPENERS=4
check 'the same when nobody knows the boot' holds doubt -DOPENERS=4 -DUNKNOWN
check 'twin: nobody holds DOUBT while deciding: found out' breaks doubt -DOPENERS=4 -DUNKNOWN -DTWIN
check 'ends and walks: no end is missed' holds soonest -DWALKERS=1 -DWALKS=2
check 'the same with two that walk' holds soonest -DWRITES=1
check 'twin: ends that are not counted are found out' breaks soonest -DTWIN_UNCOUNTED
check 'twin: an end that is told before it is written is found out' breaks soonest -DTWIN_EARLY
check 'windows turn, late records: each has its own' holds window
check 'the same with a clock that is ahead' holds window -DRECORDERS=2 -DWRONG
check 'the same until its time has come' holds window -DRECORDERS=2 -DWRONG -DTIME
check 'twin: a turn in two steps is found out' breaks window -DTWIN_TWO_STEPS
check 'twin: a bound that is never taken back is found out' breaks window -DRECORDERS=2 -DWRONG -DTWIN_NEVER
check 'twin: a bound that a late record takes back is found out' breaks window -DTWIN_LATE
check 'twin: a clock that is read too early is found out' breaks window -DRECORDERS=2 -DWRONG -DTIME -DTWIN_STALE
check 'a look that is saved: no wrong clock turns a window, no wrong word lasts' holds look
check 'the same with a damaged word' holds look -DDAMAGED
check 'twin: a look that nobody makes up for is found out' breaks look -DDAMAGED -DTWIN_UNASKED
check 'twin: a word swapped in after a change is found out' breaks look -DTWIN_COUNT
check 'a line for limits of several: each has its own words' holds line
check 'the same with one that records' holds line -DSETTERS=2 -DRECORDERS=1
check 'twin: a version that overwrites a newer one is found out' breaks line -DTWIN_NEWER
check 'twin: a reserve that another keeps out is found out' breaks line -DTWIN_GIVE
check 'twin: a tag without version is found out' breaks line -DSETTERS=2 -DRECORDERS=1 -DTWIN_UNTAGGED
check 'first use: the last window has its own' holds first_use -DRECORDERS=3
check 'twin: the floor loaded before the window is found out' breaks first_use -DTWIN_ORDER
check 'twin: a window that begins in two steps is found out' breaks first_use -DTWIN_TWO_STEPS
check 'rolling: the carry misses no record' holds carry
check 'twin: a record that looks at the newest bucket once is found out' breaks carry -DTWIN_ONCE
check 'twin: a carry without serial is found out' breaks carry -DTWIN_SERIAL
check 'a word that blocks: no limit has that of another' holds stated
check 'the same with more changes' holds stated -DCHANGES=5
check 'twin: an empty word without version is found out' breaks stated -DTWIN_EMPTY
check 'twin: a spec that is not looked at again is found out' breaks stated -DTWIN_SPEC
check 'twin: a limit that is found by one load and opened by another is found out' breaks stated -DTWIN_OPEN
check 'twin: a reader that does not look again is found out' breaks stated -DTWIN_READER
check 'probes: one within a lease' holds stated -DPROBE
check 'twin: a probe word that is stored is found out' breaks stated -DPROBE -DTWIN_TWO_STEPS
check 'twin: a lease that is written after the bit is found out' breaks stated -DPROBE -DTWIN_LEASE
check 'holds at an edge: nothing exceeds' holds hold
check 'the same with room for one more' holds hold -DLIMIT=3
check 'the same with one that dies' holds hold -DDEATH
check 'the same with a claim that outlasts its lease' holds hold -DSTALL
check 'the same with a lease that ends and is extended' holds hold -DEXTEND
check 'the same with room for one more' holds hold -DEXTEND -DLIMIT=3
check 'twin: an extended hold that is freed by its old lease is found out' breaks hold -DEXTEND -DTWIN_EXTEND
check 'twin: counts that are read before holds are found out' breaks hold -DTWIN_COUNTS
check 'twin: a hold that is freed before it is counted is found out' breaks hold -DTWIN_FREE
check 'twin: a hold that is freed whoever has it is found out' breaks hold -DTWIN_CLEAR -DSTALL
check 'twin: a look before the hold is published is found out' breaks hold -DTWIN_LOOK
check 'twin: an amount that is loaded after the claim is found out' breaks hold -DTWIN_AMOUNT -DSTALL
check 'shares: what is given to others is not spent here' holds share
check 'twin: a sum that is made before the word is found out' breaks share -DTWIN_READ
check 'twin: a word that is read before the hold is published is found out' breaks share -DTWIN_LOOK
check 'twin: a count that is read before the holds is found out' breaks share -DTWIN_COUNT
check 'leases of two nodes: together never more than the amount' holds lease
check 'the same with one that dies and begins again' holds lease -DDEATH -DFLUSHES=2
check 'twin: a claim that is spent when it is published is found out' breaks lease -DTWIN_GRANT
check 'twin: a lower claim that is told before the ledger has it is found out' breaks lease -DTWIN_LOWER
check 'twin: the claim of a dead node, used again, is found out' breaks lease -DDEATH -DFLUSHES=2 -DTWIN_EXPIRED
check 'twin: a server that keeps what came last is found out' breaks lease -DTWIN_ORDER
check 'asking for what does not fit: never more than the amount' holds lease -DASK -DFLUSHES=2
check 'and who asks is granted what another gave back' breaks lease -DASK -DREACHED
check 'twin: what has become free, taken unpublished, is found out' breaks lease -DASK -DTWIN_ASK
finish
