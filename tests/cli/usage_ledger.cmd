# Providers that are counted live are in it, those that import feeds are not twice in it.
. ./say.sh
. ./claude.sh
two_sessions
say observe openai 700 --at 2026-03-05T11:00:00Z
say import claude --at 2026-03-05T12:00:00Z --quiet
say usage --at 2026-03-05T12:00:00Z
say usage --by provider --at 2026-03-05T12:00:00Z
say usage --by model --at 2026-03-05T12:00:00Z
say usage --source claude --at 2026-03-05T12:00:00Z
