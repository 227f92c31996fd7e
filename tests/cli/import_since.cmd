# What was passed over once is not lost: a run that would take it reads the file from its start.
. ./say.sh
. ./claude.sh
two_sessions
say import claude --at 2026-03-05T12:00:00Z --since 2026-03-05
say import claude --at 2026-03-05T12:00:00Z --since 2026-03-05T06:00:00Z
say import claude --at 2026-03-05T12:00:00Z
