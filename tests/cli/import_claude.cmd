# Twice: each response once, and the second time nothing is new.
. ./say.sh
. ./claude.sh
two_sessions
say import claude --at 2026-03-05T12:00:00Z
say import claude --at 2026-03-05T12:00:00Z
say budget claude 10k
say status --at 2026-03-05T12:00:00Z
