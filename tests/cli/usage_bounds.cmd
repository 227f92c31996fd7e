. ./say.sh
. ./claude.sh
two_sessions
say usage --since 2026-03-05 --at 2026-03-05T12:00:00Z
say usage --until 2026-03-04 --at 2026-03-05T12:00:00Z
say usage --since now-1h --at 2026-03-05T12:00:00Z
say usage --since 2026-03-05 --local --at 2026-03-05T12:00:00Z
say usage --since 2026-13-05
say usage --since soon
