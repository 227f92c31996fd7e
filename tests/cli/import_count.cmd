. ./say.sh
. ./claude.sh
two_sessions
say import claude --at 2026-03-05T12:00:00Z --count total
say import claude --count half
