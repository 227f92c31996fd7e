. ./say.sh
say observe openai 5
say ledger flush
say ledger flush 1s
say ledger flush --every never
# Again and again, on the file that has the name by then; it ends when the name is gone.
"$TQ" ledger flush --every 1ms 2> said &
flusher=$!
cp ledger other && "$TQ" ledger flush --ledger other 2> /dev/null && mv other ledger
say observe openai 5
rm ledger
wait $flusher
echo "exit $?"
sed "s,$PWD/,," said
