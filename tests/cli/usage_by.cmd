. ./say.sh
. ./claude.sh
two_sessions
for by in day week month session model provider tool; do
    say usage --by $by --at 2026-03-05T12:00:00Z
done
