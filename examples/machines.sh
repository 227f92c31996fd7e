#!/bin/sh
# machines.sh: three machines share one limit through a Redis, which is killed; then one of them is cut off, and healed.
# SPDX-License-Identifier: MIT
#
#     examples/machines.sh [--folders] [TOKENQUOTA]
#
# It starts all it needs in a temporary folder, and needs the command and redis-server or valkey-server. A machine is a ledger
# in a folder of its own; for root also a network namespace, whose wire is cut. Otherwise (--folders) the process that
# exchanges is stopped instead. Exit status 0 when at every step the sums were right and the verdicts safe, 77 without a server.
set -eu

spaces=$([ "$(id -u)" = 0 ] && command -v ip >/dev/null && echo yes || echo no)
[ "${1-}" != --folders ] || { spaces=no; shift; }
tokenquota=${1:-tokenquota}
server=$(PATH=$PATH:/usr/sbin command -v redis-server || PATH=$PATH:/usr/sbin command -v valkey-server) || {
    echo "machines.sh: there is no redis-server and no valkey-server; apt install redis-server"
    exit 77
}

machines='amsterdam berlin cairo'
amount=90000        # of the provider api: a limit that is not strict
exact=30000 strict=0 # of the provider exact, whose limit is strict; and what all used of it
every=100ms
patience=${MACHINES_PATIENCE:-600} # how often it looks, each 50 ms, until something is wrong
work=$(mktemp -d)
mark=tq$$
hub='' sync_amsterdam='' sync_berlin='' sync_cairo=''
own_amsterdam=0 own_berlin=0 own_cairo=0 # what each counted, by this script's own sums

end() {
    for process in $hub $sync_amsterdam $sync_berlin $sync_cairo; do
        kill -CONT "$process" 2>/dev/null && kill -9 "$process" 2>/dev/null || true
    done
    [ $spaces = no ] || end_spaces
    rm -rf "$work"
}

end_spaces() {
    for number in 1 2 3; do
        ip link del "$mark-$number" 2>/dev/null || true
        ip netns del "$mark-$number" 2>/dev/null || true
    done
}
trap end EXIT
trap 'exit 1' INT TERM

fail() {
    echo "machines.sh: WRONG: $*"
    for machine in $machines; do
        echo "--- the last that $machine said:"
        tail -n 5 "$work/$machine/said" 2>/dev/null || true
    done
    exit 1
}

# Prints the value of a variable that is named by a machine: of own amsterdam that of $own_amsterdam.
of() { # PREFIX MACHINE
    eval "echo \$$1_$2"
}

# The command on a machine.
on() { # MACHINE ARGUMENT...
    machine=$1
    shift
    TOKENQUOTA_LEDGER="$work/$machine/ledger" HOME="$work/$machine" "$tokenquota" "$@"
}

thousands() { # TOKENS
    echo "$(($1 / 1000))k"
}

# ---- the machines and their server -------------------------------------------------------------------

number_of() { # MACHINE
    case $1 in amsterdam) echo 1 ;; berlin) echo 2 ;; *) echo 3 ;; esac
}

# A namespace with a wire to this one: 10.X.N.1 here, 10.X.N.2 there.
make_space() { # NUMBER
    ip netns add "$mark-$1" 2>/dev/null || return 1
    ip link add "$mark-$1" type veth peer name wire netns "$mark-$1" &&
        ip addr add "$net.$1.1/24" dev "$mark-$1" && ip link set "$mark-$1" up &&
        ip -n "$mark-$1" addr add "$net.$1.2/24" dev wire && ip -n "$mark-$1" link set wire up
}

make_spaces() {
    net=10.$((64 + $$ % 190))
    for number in 1 2 3; do
        make_space $number 2>/dev/null || return 1
    done
}

start_redis() {
    rm -f "$work/redis.sock"
    if [ $spaces = yes ]; then
        set -- --bind $net.1.1 $net.2.1 $net.3.1 --port 6379 --protected-mode no
    else
        set -- --port 0
    fi
    "$server" "$@" --unixsocket "$work/redis.sock" --dir "$work" --save '' --appendonly no >"$work/redis.log" 2>&1 &
    hub=$!
    tries=0
    until [ -S "$work/redis.sock" ]; do
        kill -0 $hub 2>/dev/null && [ $((tries += 1)) -lt $patience ] ||
            { cat "$work/redis.log"; fail "the server does not start"; }
        sleep 0.05
    done
}

start_sync() { # MACHINE
    number=$(number_of "$1")
    if [ $spaces = yes ]; then
        set -- "$1" ip netns exec "$mark-$number" "$tokenquota" sync --to "redis://$net.$number.1:6379"
    else
        set -- "$1" "$tokenquota" sync --to "unix://$work/redis.sock"
    fi
    machine=$1
    shift
    TOKENQUOTA_LEDGER="$work/$machine/ledger" HOME="$work/$machine" "$@" --node "$machine" --every $every \
        >"$work/$machine/said" 2>&1 &
    eval "sync_$machine=$!"
}

cut() { # MACHINE
    if [ $spaces = yes ]; then
        ip -n "$mark-$(number_of "$1")" link set wire down
    else
        kill -STOP "$(of sync "$1")"
    fi
}

heal() { # MACHINE
    if [ $spaces = yes ]; then
        ip -n "$mark-$(number_of "$1")" link set wire up
    else
        kill -CONT "$(of sync "$1")"
    fi
}

# ---- what is counted, and what each knows -------------------------------------------------------------

count() { # MACHINE TOKENS
    on "$1" observe api "$2"
    eval "own_$1=$((own_$1 + $2))"
}

# What all counted.
together() {
    echo $((own_amsterdam + own_berlin + own_cairo))
}

# Calls of 1k, each held before it is made and settled after it, until this machine has no room for one more.
call_until_refused() { # MACHINE
    while id=$(on "$1" hold take api 1k 2>/dev/null); do
        on "$1" hold settle "$id" 1k
        eval "own_$1=$((own_$1 + 1000))"
        within_bound
    done
}

# The same of the strict limit, which is never exceeded by a single call.
call_exact_until_refused() { # MACHINE
    while id=$(on "$1" hold take exact 1k 2>/dev/null); do
        on "$1" hold settle "$id" 1k
        strict=$((strict + 1000))
        [ $strict -le $exact ] || fail "$strict tokens were used of a strict limit of $exact"
    done
}

# How far beyond the limit all together may go, as a machine states it: the most that was stated so far.
bound=0
see_bound() { # MACHINE
    stated=$(on "$1" sync --status --json | sed -n '/"bounds"/,/}/s/^ *"api": \([0-9]*\).*/\1/p')
    [ "${stated:-0}" -le $bound ] || bound=$stated
}

within_bound() {
    [ "$(together)" -gt $amount ] || return 0
    for machine in $machines; do
        see_bound "$machine"
    done
    [ "$(together)" -le $((amount + bound)) ] || fail "$(together) tokens were used of $amount, and the stated bound is $bound beyond"
}

# A number of the machine's first limit, from its status: used, others.
number() { # MACHINE KEY
    on "$1" status api --json | awk -v key="\"$2\":" '/"limits":/ { inside = 1 } inside && $1 == key { print $2 + 0; exit }'
}

# Waits until a machine knows of so many tokens.
wait_knows() { # MACHINE TOKENS
    tries=0
    until [ "$(number "$1" used)" = "$2" ]; do
        [ $((tries += 1)) -lt $patience ] || fail "$1 knows of $(number "$1" used) tokens, not of $2"
        sleep 0.05
    done
}

# ---- the steps ----------------------------------------------------------------------------------------

# yes, or no and why.
verdict() { # MACHINE
    if on "$1" route api >/dev/null 2>&1; then
        echo yes
    else
        on "$1" status api --json | sed -n 's/^ *"reason": "\(.*\)".*/no (\1)/p' | head -n 1
    fi
}

# Prints where all stand, and checks it: KNOWN is what each machine, in their order, must know of.
step() { # TEXT KNOWN...
    steps=$((${steps-0} + 1))
    printf '\n%s. %s\n\n' $steps "$1"
    shift
    printf '    %-12s %8s %9s   %s\n' machine counted 'knows of' 'may it call?'
    sum=0
    for machine in $machines; do
        wait_knows "$machine" "$1"
        own=$(of own "$machine")
        sum=$((sum + own))
        others=$(number "$machine" others)
        [ $(($1 - others)) = "$own" ] || fail "$machine counted $own, and says $(($1 - others))"
        may=$(verdict "$machine")
        [ "$may" != yes ] || [ "$1" -lt $amount ] || fail "$machine may call, and knows that all is used"
        printf '    %-12s %8s %9s   %s\n' "$machine" "$(thousands "$own")" "$(thousands "$1")" "$may"
        shift
    done
    printf '    %-12s %8s of %s; of the strict limit %s of %s\n' together "$(thousands $sum)" "$(thousands $amount)" \
        "$(thousands $strict)" "$(thousands $exact)"
    within_bound
}

# Waits until a machine has learned the limits.
wait_limits() { # MACHINE
    tries=0
    until on "$1" limit api list 2>/dev/null | grep tokens >/dev/null &&
        on "$1" limit exact list --json 2>/dev/null | grep '"strict": true' >/dev/null; do
        [ $((tries += 1)) -lt $patience ] || fail "$1 does not learn the limits"
        sleep 0.05
    done
}

# Waits until a machine may call: it has heard of the others, and they of it.
wait_yes() { # MACHINE
    tries=0
    until [ "$(verdict "$1")" = yes ]; do
        [ $((tries += 1)) -lt $patience ] || fail "$1 may not call: $(verdict "$1")"
        sleep 0.05
    done
}

# yes or no.
cut_off() { # MACHINE
    on "$1" sync --status --json | grep '"cut": true' >/dev/null && echo yes || echo no
}

# Waits until a machine's ledger says that it is cut off, or no longer.
wait_cut() { # MACHINE yes|no
    tries=0
    until [ "$(cut_off "$1")" = "$2" ]; do
        [ $((tries += 1)) -lt $patience ] || fail "is $1 cut off? $(cut_off "$1")"
        sleep 0.05
    done
}

for machine in $machines; do
    mkdir "$work/$machine"
    on "$machine" ledger create --rule off >/dev/null
done
[ $spaces = no ] || make_spaces || { end_spaces; spaces=no; }
if [ $spaces = yes ]; then
    echo "Three machines, each in a network namespace, and $("$server" --version | sed 's/ sha.*//')."
else
    echo "Three machines, each a folder, and $("$server" --version | sed 's/ sha.*//')."
fi
start_redis
on amsterdam limit api add "$((amount / 1000))k tokens per year" >/dev/null
on amsterdam limit exact add --strict "$((exact / 1000))k tokens per year" >/dev/null
call_exact_until_refused amsterdam # nothing is leased yet; the others do not know of the limit
[ $strict = 0 ] || fail "$strict tokens were used of a strict limit before anything was leased"
for machine in $machines; do
    start_sync "$machine"
done
for machine in berlin cairo; do
    wait_limits "$machine"
done

for machine in $machines; do
    count "$machine" 10000
done
for machine in $machines; do
    wait_yes "$machine"
done
sleep 3 # a machine is given its share only once all must have heard of it: twice the time to notice a cut
step 'Amsterdam set a limit of 90k tokens; the others learned it. Each counts 10k.' 30000 30000 30000

kill -9 $hub
for machine in $machines; do
    wait_cut "$machine" yes
    count "$machine" 5000
done
step 'The server was killed. Each counts 5k more, and goes on with its share of what was left.' 35000 35000 35000

call_until_refused berlin
call_exact_until_refused berlin
step 'Berlin calls until it is refused.' 35000 $((20000 + own_berlin)) 35000

start_redis
for machine in $machines; do
    wait_cut "$machine" no
done
all=$(together)
step 'The server is back, and empty. All know of all.' $all $all $all

cut cairo
wait_cut cairo yes
all=$(together) alone=$own_cairo # what Cairo knows, and has of it
count amsterdam 4000
count berlin 4000
count cairo 2000
known=$((all + 8000))
step 'Cairo is cut off. The others count 4k each, and Cairo 2k.' $known $known $((all + 2000))

for machine in $machines; do
    call_exact_until_refused "$machine"
    call_until_refused "$machine"
    known=$(($(together) - own_cairo + alone)) # without what Cairo did since
    [ "$machine" = cairo ] || { wait_knows amsterdam $known; wait_knows berlin $known; }
done
step 'All call until they are refused, and Cairo is still cut off.' $known $known $((all + own_cairo - alone))

heal cairo
wait_cut cairo no
all=$(together)
step 'Cairo is healed. All know of all.' "$all" "$all" "$all"

# Who is refused asks the others, who give back what they do not need: all is spent.
tries=0
while [ "$(together)" -le $((amount - 1000)) ] || [ $strict -lt $exact ]; do
    [ $((tries += 1)) -lt $patience ] ||
        fail "nobody may call, and $(together) tokens are used of $amount, $strict of $exact"
    for machine in $machines; do
        call_until_refused "$machine"
        call_exact_until_refused "$machine"
    done
    sleep 0.05
done
all=$(together)
step 'What was kept for Cairo is free again, and all call until nobody has room for one call more.' "$all" "$all" "$all"
printf '\nAll sums were right, and no verdict was wrong.\n'
