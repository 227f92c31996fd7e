# Days, and lengths of time ago, wherever an instant is; numbers that are no second since 1970 are refused.
. ./say.sh
. ./claude.sh
two_sessions
N=2026-03-05T12:00:00Z
for since in 20260305 2026-03-05 today yesterday 1d 36h tomorrow; do
    say usage --since $since --at $N
done
for until in 20260304 yesterday today 1d; do
    say usage --until $until --at $N
done
for at in 20261399 12345678 0 -1 20260305.5 978307199; do
    say usage --since $at --at $N
done
say usage --since 978307200 --at 978307201
say observe p 1 --at 20250303 -v
say observe p 1 --at 20250303 -v
say status p --at 20250304
"$TQ" observe q 1 --at 5m && "$TQ" observe q 1 --at 1d && "$TQ" observe q 1 --at yesterday && "$TQ" observe q 1 --at today && echo counted
say mark p exhausted --until 7d
say mark p exhausted --until 1h30m
say mark p exhausted --until yesterday --at $N
say mark p exhausted --until 20260306 --at $N
say mark p exhausted --until tomorrow --at $N
say mark p exhausted --until now+7d --at $N
say import claude --since 20260305 --at $N --dry-run
