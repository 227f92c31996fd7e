# options.sh: what the help says there is, for the cases of completion.
commands() {
    "$TQ" help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'
    for command in hold ledger preset; do
        "$TQ" $command --help | sed -n "s/^  \([a-z][a-z]*\) .*/$command \1/p"
    done
}

options() { # COMMAND, or a command and its VERB
    "$TQ" $1 --help | grep -oE '^ +(-., )? *--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort
}
