. ./say.sh
# Until the mark ends, until somebody takes it back, until the file is another, until it has been long enough.
say observe openai 5
"$TQ" mark openai exhausted --for 300ms > /dev/null
say route openai --wait
"$TQ" mark openai exhausted --for 1h > /dev/null
( "$TQ" route openai --wait; echo "exit $?" ) > answer &
"$TQ" mark openai available > /dev/null
wait $!
cat answer
"$TQ" mark openai exhausted --for 1h > /dev/null
cp ledger other && "$TQ" ledger flush --ledger other 2> /dev/null
( "$TQ" route openai --wait --timeout 60s; echo "exit $?" ) > answer &
"$TQ" mark openai available --ledger other > /dev/null
mv other ledger
wait $!
cat answer
"$TQ" mark openai exhausted --until 2100-01-01T00:00:00Z > /dev/null
say route openai --wait --timeout 20ms
