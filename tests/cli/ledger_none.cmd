. ./say.sh
say_same status --json
for words in status exhausted 'route openai' 'budget openai' 'rule openai' 'correct openai -1' \
    'mark openai available' 'reset openai' 'forget openai -y' 'ledger names' 'ledger check' 'ledger dump' \
    'ledger flush' 'ledger backup copy' 'ledger compact'; do
    say $words
done
ls ledger
say status --ledger no/such/folder/ledger
say observe openai 1 --ledger "no/such/folder/ledger"
