# A file that was copied, moved, or cut off and written again counts once.
. ./say.sh
. ./claude.sh
two_sessions
projects=home/.claude/projects
say import claude --at 2026-03-05T12:00:00Z
cp $projects/-home-u-alpha/s1.jsonl $projects/-home-u-beta/copy.jsonl
mv $projects/-home-u-beta/s2.jsonl $projects/-home-u-alpha/s2.jsonl
say import claude --at 2026-03-05T12:00:00Z
head -n 2 $projects/-home-u-beta/copy.jsonl >$projects/-home-u-alpha/s1.jsonl
say import claude --at 2026-03-05T12:00:00Z
