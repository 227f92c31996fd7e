# A later end of an exclusion is a transition, and so is spent after predicted; an earlier end is none.
. ./say.sh
"$TQ" observe claude 5
"$TQ" budget claude 1M
: > lines
: > told
"$TQ" watch openai claude --exec 'echo "$TOKENQUOTA_PROVIDER ${TOKENQUOTA_REASON:-none} ${TOKENQUOTA_UNTIL%T*}" >> told' > lines &
watcher=$!
see() { # FILE TEXT: waits until the file has it
    timeout 30 tail -n +1 -f "$1" | grep -qm1 -F "$2" || echo "$1 never has: $2"
}
until grep -qF ledger /proc/$watcher/maps 2> /dev/null; do :; done
until [ -s lines ]; do "$TQ" mark openai available > /dev/null 2>&1; "$TQ" mark openai exhausted --until 2100-01-01 > /dev/null; done
see told '2100-01-01'
"$TQ" mark openai exhausted --until 2100-01-02 > /dev/null
see told '2100-01-02'
"$TQ" mark openai exhausted --until 2100-01-02T00:00:59Z > /dev/null
"$TQ" mark openai exhausted --until 2099-01-01 > /dev/null
"$TQ" mark openai exhausted --until 2101-01-01 > /dev/null
see told '2101-01-01'
"$TQ" observe claude 990k
see told 'claude predicted'
"$TQ" observe claude 20k
see told 'claude spent'
kill -TERM $watcher
wait $watcher
echo "exit $?"
grep -v 'openai  available -> \|-> available' lines | sed -E 's/^20[0-9-]+ [0-9:]+Z/INSTANT/; s/, in .*/, in LENGTH/; /claude/s/until .*/until MIDNIGHT/'
sed -E 's/(claude [a-z]+) .*/\1/' told | uniq | sed -n '/2100-01-02/,$p'
