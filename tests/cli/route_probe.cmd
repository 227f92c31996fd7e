# A probe is handed to one caller; a question about another time takes none.
. ./say.sh
for name in openai claude; do
    "$TQ" signal openai_no_money.http --provider $name --at now-10m > /dev/null
done
say route openai --at now | cut -f 1,3
say route openai --no-probe | cut -f 1,3
say route openai claude
say route openai claude --json | sed -E 's/: "20[^"]*"/: "INSTANT"/'
say route openai claude --no-probe --json | grep -E 'probe"|retry'
say route openai claude | sed -E 's/\t20[^\t]*/\tINSTANT/'
say probe success openai | sed 's/ in UTC day.*//'
say route openai
