# The same calls counted live and imported: the import that comes second warns, and not again. A plain count does not
# look at the store of imports.
. ./say.sh
. ./claude.sh
two_sessions
say observe claude 500 --at 2026-03-05T11:00:00Z
say import claude --at 2026-03-05T12:00:00Z --quiet
claude alpha/s1 2026-03-05T08:00:01Z d 1
say import claude --at 2026-03-05T12:00:00Z --quiet
say observe claude 1 --at 2026-03-05T11:00:00Z
claude alpha/s1 2026-03-05T08:00:02Z e 1
say import claude --at 2026-03-05T12:00:00Z --quiet
