# options.sh: what the help says there is, for the cases of completion.
commands() {
    "$TQ" help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'
    "$TQ" ledger --help | sed -n 's/^  \([a-z][a-z]*\) .*/ledger \1/p'
}

options() { # COMMAND or ledger VERB
    "$TQ" $1 --help | grep -oE '^ +(-., )? *--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort
}
