. ./say.sh
# What a limit refuses is said, counted, and changes nothing.
say observe openai 7 --at 2019-12-31T23:59:59Z
"$TQ" observe openai 7 --at now+2d 2>&1 | sed 's/[0-9-]\{10\} [0-9:]\{8\}Z/INSTANT/g'
say observe openai 7 --at $A
say ledger create --ledger small --days 8
say observe openai 7 --at $A --ledger small
say observe openai 7 --at 2025-02-23T12:00:00Z --ledger small
say observe openai 7 --at 2025-02-24T12:00:00Z --ledger small
"$TQ" ledger check | grep -E '^(clock|late|too old)'
"$TQ" ledger check --ledger small | grep -E '^(clock|late|too old)'
say ledger dump --ledger small | grep openai
