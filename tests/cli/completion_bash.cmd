# What bash is offered: the options that the help has, and the names of the ledger.
. ./options.sh
completions=$(dirname "$TQ")/../completions
export completions
mkdir bin && ln -s "$TQ" bin/tokenquota
PATH=$PWD/bin:$PATH
for name in openai open:ai 'two words' anthropic; do
    tokenquota observe "$name" 5
done
tokenquota observe elsewhere 5 --ledger other
commands | while read -r command; do
    options "$command" > help
    bash -c '. "$completions/tokenquota"; _tokenquota_options "$1"' - "$command" | tr ' ' '\n' |
        sort | diff - help || echo "$command: bash is offered others (-) than the help has (+)"
done
cat > offer.bash <<'END'
. "$completions/tokenquota"
offer() {
    COMP_LINE=$1 COMP_POINT=${#1}
    read -r -a COMP_WORDS <<<"$1"
    _tokenquota 2>/dev/null
    printf '[%s]' "$1"
    printf ' %s' "${COMPREPLY[@]}"
    echo
}
offer 'tokenquota '
offer 'tokenquota st'
offer 'tokenquota observe '
offer 'tokenquota route openai an'
offer 'tokenquota status open:a'
offer 'tokenquota mark two\ words '
offer 'tokenquota mark openai exhausted --until t'
offer 'tokenquota status --ledger other '
offer 'tokenquota budget openai '
offer 'tokenquota rule openai '
offer 'tokenquota ledger '
offer 'tokenquota ledger create --days '
offer 'tokenquota ledger check --'
offer 'tokenquota status --color '
offer 'tokenquota probe '
offer 'tokenquota probe take op'
offer 'tokenquota signal --profile anthropic-'
offer 'tokenquota signal --provider anth'
offer 'tokenquota mark openai exhausted -u t'
offer 'tokenquota replay --rule '
END
bash offer.bash
