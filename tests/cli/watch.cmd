# Each transition is a line, and the command is told, one at a time, of how it stands at last.
. ./say.sh
for name in openai claude; do "$TQ" observe $name 5; done
mkfifo gate
cat > told.sh <<'END'
echo "$TOKENQUOTA_PROVIDER $TOKENQUOTA_STATE $TOKENQUOTA_REASON ${TOKENQUOTA_UNTIL:-never}" >> told
echo "$TOKENQUOTA_SENTENCE" | cut -c 1-21 >> told
ls -l /proc/$$/fd 2> /dev/null | grep -c 'ledger$' >> told
[ "$TOKENQUOTA_PROVIDER" = openai ] && [ ! -e opened ] && { : > opened; cat gate; }
true
END
: > lines
: > told
"$TQ" watch --exec 'sh told.sh' > lines 2> errors &
watcher=$!
see() { # FILE TEXT: waits until the file has it
    timeout 30 tail -n +1 -f "$1" | grep -qm1 -F "$2" || echo "$1 never has: $2"
}
# The first look is no transition: what is marked before it would not be told.
until grep -qF ledger /proc/$watcher/maps 2> /dev/null; do :; done
n=0
until [ -s lines ]; do # until it has begun
    "$TQ" mark begun-$((n += 1)) exhausted --until 2100-01-01T00:00:00Z > /dev/null
done
see told begun
"$TQ" mark openai exhausted --until 2100-01-01T00:00:00Z > /dev/null
see told openai
"$TQ" mark claude exhausted --until 2100-01-01T00:00:00Z > /dev/null
see lines 'claude  available -> quota_exhausted'
"$TQ" mark claude available > /dev/null
see lines 'claude  quota_exhausted (marked) -> available'
"$TQ" mark claude exhausted --until 2200-01-01T00:00:00Z > /dev/null
see lines '(marked) until 2200'
"$TQ" mark openai available > /dev/null
see lines 'openai  quota_exhausted (marked) -> available'
: > gate
see told 'openai available'
cp ledger other && "$TQ" ledger flush --ledger other 2> /dev/null
"$TQ" mark claude available --ledger other > /dev/null
mv other ledger
see told 'claude available'
kill -INT $watcher
wait $watcher
echo "exit $?"
cat errors
grep -v begun lines | sed -E 's/^20[0-9-]+ [0-9:]+Z/INSTANT/; s/, in .*/, in LENGTH/'
sed -n '/^openai quota/,$p' told
