# A record of a time to come is refused by the ledger, and looked at again.
. ./say.sh
. ./claude.sh
claude alpha/s1 2050-03-05T10:00:00Z a 1
claude alpha/s1 2026-03-05T10:00:00Z b 1
say import claude --at 2026-03-05T12:00:00Z
say import claude --at 2026-03-05T12:00:00Z
claude alpha/s1 2199-03-05T10:00:00Z c 1
say import claude --at 2026-03-05T12:00:00Z
