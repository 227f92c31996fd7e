# 45 days are counted: 2026-01-20 is the first.
. ./say.sh
. ./claude.sh
claude alpha/s1 2026-01-19T23:59:59Z a 1
claude alpha/s1 2026-01-20T00:00:00Z b 1
say import claude --at 2026-03-05T12:00:00Z
"$TQ" ledger create --ledger small --days 8
say import claude --at 2026-03-05T12:00:00Z --ledger small
