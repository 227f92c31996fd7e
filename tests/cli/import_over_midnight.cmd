# A response that ends on another day counts there, and no longer where it began.
. ./say.sh
. ./claude.sh
claude alpha/s1 2026-03-04T23:59:59Z a 100
say import claude --at 2026-03-05T12:00:00Z --quiet
claude alpha/s1 2026-03-05T00:00:01Z a 150
say import claude --at 2026-03-05T12:00:00Z
"$TQ" ledger dump | grep -o '"used":[0-9]*\|"day":"[0-9-]*"'
