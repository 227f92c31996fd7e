# A copy and what was imported, put back as a pair; what is refused says why.
. ./say.sh
printf 'timestamp,provider,tokens\n2025-03-03T10:00:00Z,openai,500\n' > log.csv
say import csv log.csv --at $A --quiet
say observe anthropic 7 --at $A
say ledger backup copy
ls -l copy copy.imports | cut -c 1-10
printf '2025-03-03T11:00:00Z,openai,300\n' >> log.csv
say import csv log.csv --at $A --quiet
say observe anthropic 70 --at $A
say ledger restore copy
say ledger restore copy --yes
say status --at $A --json | grep -E '"(provider|used)"'
say import csv log.csv --at $A --quiet
say status --at $A --json | grep -E '"(provider|used)"'
say ledger check | grep sound
say ledger backup copy
say ledger backup log.csv
say ledger backup
say ledger backup a b
say ledger backup no/such/folder/copy
say ledger restore log.csv --yes
say ledger restore nothing --yes
say ledger restore copy --yes --ledger log.csv
: > copy.imports
say ledger restore copy --yes
say status --at $A --json | grep -E '"(provider|used)"'
# Not while somebody has it open.
rm copy.imports
mkfifo documents
"$TQ" status --watch --json > documents &
{ read -r line; "$TQ" ledger restore copy --yes 2>&1; } < documents
kill $!
ls | grep -E "^(copy|ledger)"
