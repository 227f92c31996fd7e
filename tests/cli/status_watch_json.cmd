# One document a line: at once, then whenever a state changes.
. ./say.sh
"$TQ" budget openai 5M
mkfifo documents
"$TQ" status --watch --json > documents &
watcher=$!
{
    read -r line; echo "$line" | grep -o '"state":"[a-z_]*"'
    "$TQ" mark openai exhausted --for 1h > /dev/null
    read -r line; echo "$line" | grep -o '"state":"[a-z_]*"'
    "$TQ" mark openai available > /dev/null
    read -r line; echo "$line" | grep -o '"state":"[a-z_]*"'
} < documents
kill $watcher
