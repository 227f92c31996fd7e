# What fish is offered: the options that the help has, and the names of the ledger.
. ./options.sh
completions=$(dirname "$TQ")/../completions
mkdir bin home && ln -s "$TQ" bin/tokenquota
PATH=$PWD/bin:$PATH
HOME=$PWD/home
export PATH HOME
tokenquota observe openai 5
tokenquota observe 'two words' 5
tokenquota observe elsewhere 5 --ledger other
offer() {
    fish -N -c "source '$completions/tokenquota.fish'; complete -C '$1'" 2>&1 | cut -f1 | sort
}
commands | while read -r command; do
    options "$command" > help
    offer "tokenquota $command --" | grep -vx -e --version | diff - help ||
        echo "$command: fish is offered others (-) than the help has (+)"
done
for line in 'tokenquota ' 'tokenquota observe ' 'tokenquota route openai tw' 'tokenquota mark openai ' \
    'tokenquota status --ledger other ' 'tokenquota budget openai ' 'tokenquota ledger ' 'tokenquota probe ' \
    'tokenquota probe take two' 'tokenquota signal --profile anthropic-'; do
    echo "[$line]" $(offer "$line")
done
