#!/bin/sh
# shared.sh: two shell loops, a Python process and a C program count on one ledger at once, and the sum is right.
#
#     examples/shared.sh TOKENQUOTA COUNT LIBTOKENQUOTA.SO
#
# TOKENQUOTA is the command, COUNT the program made from count.c. Prints the sum; exit status 0 when it is right.
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TOKENQUOTA_LEDGER="$work/ledger"

loop() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        "$1" observe openai "$2"
    done
}

loop "$1" 100 & first=$!
loop "$1" 7 & second=$!
python3 "$here/count.py" "$3" "$TOKENQUOTA_LEDGER" openai 3 10000 & third=$!
"$2" "$TOKENQUOTA_LEDGER" openai 2 100000 & fourth=$!
for process in $first $second $third $fourth; do
    wait $process
done

# Around midnight UTC the sum is of two days.
expected=$((10 * 100 + 10 * 7 + 3 * 10000 + 2 * 100000))
sum=$("$1" ledger dump | grep -o '"used":[0-9]*' | awk -F: '{ sum += $2 } END { print sum }')
echo "$sum tokens counted, $expected expected"
[ "$sum" = "$expected" ]
