. ./say.sh
"$TQ" observe openai 5
"$TQ" observe claude 5
mkfifo documents
"$TQ" watch openai later --json > documents &
watcher=$!
# Marked again and again until it looks: how it stands at the beginning is no transition.
( until [ -e seen ]; do
    "$TQ" mark openai available > /dev/null
    "$TQ" mark openai exhausted --for 1h > /dev/null
done ) &
{
    read -r line; echo "$line" | grep -oE '"(provider|schema)":["a-z0-9]+' | head -n 2
    : > seen
    wait $!
    "$TQ" mark claude exhausted --for 1h > /dev/null
    "$TQ" mark later exhausted --for 1h > /dev/null
    while read -r line; do
        case $line in *later*) echo "$line" | sed -E 's/"20[^"]*"/INSTANT/g; s/20[0-9-]+ [0-9:]+ UTC/TIME/g; s/in [0-9]+ (min|h)/in LENGTH/g'; break ;; *claude*) echo unasked ;; esac
    done
    "$TQ" signal claude_429.http --provider later --at now-1s > /dev/null
    "$TQ" signal openai_no_money.http --provider later > /dev/null
    while read -r line; do
        case $line in *'"reason":"reported"'*) echo "$line" | sed -E 's/"20[^"]*"/INSTANT/g; s/20[0-9-]+ [0-9:]+ UTC/TIME/g; s/in [0-9]+ (min|h)/in LENGTH/g'; break ;; esac
    done
} < documents
kill -TERM $watcher
wait $watcher
echo "exit $?"
say watch ''
