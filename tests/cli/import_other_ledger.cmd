# The ledger was removed: what was imported into it is imported into the new one.
. ./say.sh
. ./claude.sh
two_sessions
say import claude --at 2026-03-05T12:00:00Z --quiet
rm ledger
say import claude --at 2026-03-05T12:00:00Z
rm ledger.imports
say reset claude
say import claude --at 2026-03-05T12:00:00Z --quiet
say status --at 2026-03-05T12:00:00Z
