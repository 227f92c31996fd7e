. ./say.sh
say observe openai 5 --at $A
say observe anthropic 6 --at $A
say budget openai 5M
say forget anthropic --yes
"$TQ" ledger check | grep -E '^(providers|slots)'
"$TQ" ledger compact | sed 's/[0-9,]* bytes on the disk, [0-9,]* before/BYTES/'
"$TQ" ledger check | grep -E '^(providers|slots)'
say status --at $A --json | grep -E '"(provider|used|budget)"'
# Not while somebody has it open.
mkfifo documents
"$TQ" status --watch --json > documents &
{ read -r line; "$TQ" ledger compact 2>&1 | sed "s,[0-9][0-9]*,NUMBER,g"; } < documents
kill $!
say ledger compact now
