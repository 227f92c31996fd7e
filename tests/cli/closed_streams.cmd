# A standard stream that is closed is no descriptor for the ledger: nothing that is printed may land in it.
"$TQ" budget openai 1k
"$TQ" observe openai 5
"$TQ" mark other exhausted --until 2100-01-01T00:00:00Z > /dev/null
whole() { # WORDS: how it ended, and that the ledger still has what it had
    "$TQ" ledger check > /dev/null 2>&1 && "$TQ" ledger dump > after 2>&1
    sed -E 's/"(file_bytes|at)":[^,]*//g' after | cmp -s - before && echo "$1: whole" || echo "$1: DAMAGED"
}
"$TQ" ledger dump | sed -E 's/"(file_bytes|at)":[^,]*//g' > before
"$TQ" explain typo 2>&-; whole "explain typo 2>&-: exit $?"
"$TQ" explain typo <&- 2>&-; whole "explain typo <&- 2>&-: exit $?"
"$TQ" explain other >&- 2>&-; whole "explain other >&- 2>&-: exit $?"
"$TQ" ledger dump >&-; whole "ledger dump >&-: exit $?"
"$TQ" ledger dump <&- >&- 2>&-; whole "ledger dump, all closed: exit $?"
"$TQ" route other >&-; whole "route other >&-: exit $?"
"$TQ" status <&- >&-; whole "status <&- >&-: exit $?"
"$TQ" doctor 2>&- >&-; whole "doctor: exit $?"
"$TQ" watch >&- 2>&- & watcher=$!
until grep -qF ledger /proc/$watcher/maps 2> /dev/null; do :; done
"$TQ" mark other available > /dev/null
"$TQ" mark other exhausted --until 2100-01-01T00:00:00Z > /dev/null
ls -l /proc/$watcher/fd | grep -cE ' [012] -> /.*ledger'
kill -TERM $watcher
wait $watcher
whole "watch >&-: exit $?"
printf 'x=5\n' > budgets
"$TQ" replay --budgets budgets a.csv <&- >&- 2>&-; whole "replay: exit $?"
cat budgets
