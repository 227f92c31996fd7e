. ./claude.sh
two_sessions
COLUMNS=60 "$TQ" import claude --at 2026-03-05T12:00:00Z
rm ledger*
COLUMNS=120 "$TQ" import claude --at 2026-03-05T12:00:00Z
