. ./claude.sh
two_sessions
"$TQ" usage --json --by day --at 2026-03-05T12:00:00Z
