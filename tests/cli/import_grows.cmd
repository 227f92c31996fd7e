# What comes later: more output of a known response, a new one, and a parent's truth after a sidechain's copy.
. ./say.sh
. ./claude.sh
claude alpha/s1 2026-03-05T10:00:00Z a 100
claude alpha/s1 2026-03-05T10:00:00Z side 500 claude-sonnet-4-5 true
say import claude --at 2026-03-05T12:00:00Z
claude alpha/s1 2026-03-05T10:00:01Z a 150
claude alpha/s1 2026-03-05T10:00:02Z b 1
say import claude --at 2026-03-05T12:00:00Z
claude beta/s2 2026-03-05T10:00:02Z side 400
say import claude --at 2026-03-05T12:00:00Z
say status --at 2026-03-05T12:00:00Z
