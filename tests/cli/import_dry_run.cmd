. ./say.sh
. ./claude.sh
two_sessions
say import claude --dry-run --at 2026-03-05T12:00:00Z
ls | grep import
