# Before there is a ledger, and after it was taken away, what watches waits for one.
see() { # FILE TEXT: waits until the file has it
    timeout 30 tail -n +1 -f "$1" | grep -qm1 -F "$2" || echo "$1 never has: $2"
}
: > lines; : > errors; : > documents
"$TQ" watch > lines 2>> errors & watcher=$!
"$TQ" status --watch --json > documents 2>> errors & shower=$!
see errors 'watch: there is no ledger at ledger yet: waiting for one'
see errors 'status: there is no ledger at ledger yet: waiting for one'
"$TQ" observe openai 5
see documents '"openai"'
until grep -qF ledger /proc/$watcher/maps 2> /dev/null; do :; done
n=0
until [ -s lines ]; do "$TQ" mark begun-$((n += 1)) exhausted --for 1h > /dev/null 2>&1; done
mv ledger away
until [ "$(grep -c waiting errors)" = 4 ]; do sleep 0.1; done
"$TQ" observe claude 5
see documents '"claude"'
until grep -qF /ledger /proc/$watcher/maps 2> /dev/null; do :; done # else it may never know that there was one
mv ledger gone
until [ "$(grep -c 'watch: there' errors)" = 3 ]; do sleep 0.1; done
kill -TERM $watcher
wait $watcher; echo "watch: exit $?"
{ kill -TERM $shower; wait $shower; status=$?; } 2> /dev/null # a shell may say that it was killed, or not
echo "status: exit $status"
sort -u errors
