# The live screen: taken, drawn, drawn anew when another process marks and when another file is put in the place of
# the ledger; given back by the signal that ends it.
script -qec true /dev/null < /dev/null > no-pty 2>&1 || { echo "no pseudo-terminals here" >&2; exit 77; }
. ./fill.sh
printf '%s\n' 'echo $$ > pid' 'exec "$TQ" status mistral --watch' > watch.sh
: > recording
script -qfec 'sh watch.sh' recording > /dev/null &
recorder=$!
see() { # TEXT: waits until it was drawn
    timeout 30 tail -n +1 -f recording | grep -qm1 -F "$1" && echo "drawn: $1" || echo "never drawn: $1"
}
see 'The provider is available'
"$TQ" mark mistral exhausted --for 1h > /dev/null
see 'marked'
cp ledger other && "$TQ" ledger flush --ledger other 2> /dev/null
"$TQ" budget mistral 77M --ledger other
mv other ledger
see ' 77M '
kill -INT "$(cat pid)"
wait $recorder
escape=$(printf '\033')
grep -c "$escape\[?1049h$escape\[?25l" recording
tail -n 3 recording | grep -c "$escape\[?25h$escape\[?1049l"
