# On a terminal what cannot be undone is asked for. What the terminal echoes of the answer, and when, is its own.
script -qec true /dev/null < /dev/null > no-pty 2>&1 || { echo "no pseudo-terminals here" >&2; exit 77; }
"$TQ" observe openai 1200 --at 2025-03-03T16:45:30Z
for answer in n y; do
    for words in 'reset openai' 'reset --all' 'forget openai'; do
        printf '%s\n' "$answer" | script -qec "\"\$TQ\" $words; echo exit \$?" /dev/null | tr -d '\r' |
            grep -oE 'Forget.*\[y/N\]|tokenquota: .*|exit [0-9]'
    done
done
"$TQ" ledger names
