# A log that takes its time, on a terminal: a line says how far it is, and it is gone when the answer comes.
script -qec true /dev/null < /dev/null > no-pty 2>&1 || exit 77 # no pseudo-terminals here
mkfifo slow
awk 'BEGIN { for (i = 0; i < 50000; i++) print "2026-03-02T12:00:00Z,openai,1" }' > lines
script -qec '"$TQ" replay slow -q > answer' /dev/null > screen < /dev/null &
{
    echo 'timestamp,provider,tokens'
    until=$(($(date +%s) + 2))
    while [ "$(date +%s)" -lt $until ]; do
        cat lines
    done
} > slow
wait
tail -n 1 answer
tr '\r' '\n' < screen > redraws
[ "$(grep -c 'records  slow' redraws)" -gt 0 ] && echo drawn
[ "$(tail -n 1 redraws)" = "$(printf '\033[K')" ] && echo erased
