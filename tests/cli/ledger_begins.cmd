. ./say.sh
# Four commands make a ledger where there is none; nobody else may read it.
umask 0
for words in 'observe openai 5' 'budget openai 5' 'mark openai exhausted --for 1h' 'rule openai off'; do
    "$TQ" $words > /dev/null
    stat -c %a ledger
    rm ledger
done
