. ./claude.sh
two_sessions
echo 'not JSON, with "usage"' >>home/.claude/projects/-home-u-beta/s2.jsonl
"$TQ" import all --json --at 2026-03-05T12:00:00Z 2>&1 | sed "s,$PWD/,,"
