. ./say.sh
umask 0
say ledger create --days 8 --rule original
stat -c %a ledger
say ledger create
"$TQ" ledger check | head -3
for words in '--days 9' '--days' '--rule horizons' 'there' '--ledger no/such/folder/ledger'; do
    "$TQ" ledger create $words 2>&1 | sed "s,$PWD/,,"
done
