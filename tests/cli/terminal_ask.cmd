# On a terminal what cannot be undone is asked for.
"$TQ" observe openai 1200 --at 2025-03-03T16:45:30Z
for answer in n y; do
    for words in 'reset openai' 'reset --all' 'forget openai'; do
        printf '%s\n' "$answer" | script -qec "stty -echo; \"\$TQ\" $words; echo exit \$?" /dev/null | tr -d '\r'
    done
done
"$TQ" ledger names
