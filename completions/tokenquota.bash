# tokenquota.bash: completion of tokenquota's commands, options and providers for bash.
# SPDX-License-Identifier: MIT

# The options of a command, "ledger check" and the like included.
_tokenquota_options() {
    case $1 in
    observe) echo --at --check --json --verbose --ledger --help ;;
    status) echo --watch --json --days --verbose --at --color --ledger --help ;;
    route) echo --wait --timeout --at --json --ledger --help ;;
    budget) echo --json --ledger --help ;;
    rule) echo --json --ledger --help ;;
    mark) echo --until --for --at --json --ledger --help ;;
    exhausted) echo --all --at --json --ledger --help ;;
    correct) echo --at --json --verbose --ledger --help ;;
    reset) echo --all --yes --ledger --help ;;
    forget) echo --yes --ledger --help ;;
    doctor) echo --color --ledger --help ;;
    replay) echo --budget --budgets --as-is --strict --quiet --days --json --color --help ;;
    ledger\ create) echo --system --group --days --rule --ledger --help ;;
    ledger\ check) echo --json --ledger --help ;;
    ledger\ flush) echo --every --ledger --help ;;
    ledger\ path | ledger\ names | ledger\ dump | ledger\ compact) echo --ledger --help ;;
    *) echo --help ;;
    esac
}

# Offers the words on standard input, one a line, that begin with $1. What the shell takes for the word is only what
# stands behind its last colon or equals sign, so that is what it gets.
_tokenquota_offer() {
    local word
    while IFS= read -r word; do
        [[ $word == "$1"* ]] || continue
        word=${word#"${1%"${1##*[:=]}"}"}
        printf -v word %q "$word"
        COMPREPLY+=("$word")
    done
}

_tokenquota_providers() { # WORD LEDGER
    _tokenquota_offer "$1" < <("${COMP_WORDS[0]}" ledger names ${2:+--ledger "$2"} 2>/dev/null)
}

_tokenquota() {
    local line=${COMP_LINE:0:COMP_POINT} word command previous ledger i
    local -a words=()
    word=${line##*[[:space:]]}
    read -a words <<<"$line" # not -r: a\ b is one word
    [[ $word ]] && unset "words[-1]"
    COMPREPLY=()
    command=${words[1]-}
    previous=${words[-1]-}
    if ((${#words[@]} <= 1)); then
        _tokenquota_offer "$word" < <(printf '%s\n' observe status route budget rule mark exhausted correct reset \
            forget ledger doctor replay version help --help --version)
        return
    fi
    if [[ $command == ledger ]]; then
        if ((${#words[@]} == 2)); then
            _tokenquota_offer "$word" < <(printf '%s\n' path create names check dump flush compact --help)
            return
        fi
        command="ledger ${words[2]}"
    fi
    for ((i = 2; i + 1 < ${#words[@]}; i++)); do
        [[ ${words[i]} == --ledger ]] && ledger=${words[i + 1]}
    done
    case $previous in
    --ledger | --budgets | -B) compopt -o default; return ;;
    --color) _tokenquota_offer "$word" < <(printf '%s\n' auto always never); return ;;
    --at | --until | -u) _tokenquota_offer "$word" < <(printf '%s\n' now now+15m now-1h tomorrow); return ;;
    --for | -f | --timeout | -t | --every | -e) return ;;
    --rule) _tokenquota_offer "$word" < <(printf '%s\n' off original); return ;;
    --group) _tokenquota_offer "$word" < <(compgen -g); return ;;
    --budget | -b) compopt -o nospace; return ;;
    --days) [[ $command == 'ledger create' ]] && { _tokenquota_offer "$word" < <(printf '%s\n' 8 16 32 64); return; } ;;
    esac
    if [[ $word == -* ]]; then
        _tokenquota_offer "$word" < <(printf '%s\n' $(_tokenquota_options "$command"))
        return
    fi
    case $command in
    observe | correct) ((${#words[@]} == 2)) && _tokenquota_providers "$word" "${ledger-}" ;;
    budget)
        if ((${#words[@]} == 2)); then _tokenquota_providers "$word" "${ledger-}"
        else _tokenquota_offer "$word" < <(echo none); fi ;;
    rule)
        if ((${#words[@]} == 2)); then _tokenquota_providers "$word" "${ledger-}"
        else _tokenquota_offer "$word" < <(printf '%s\n' original off default); fi ;;
    mark)
        if ((${#words[@]} == 2)); then _tokenquota_providers "$word" "${ledger-}"
        else _tokenquota_offer "$word" < <(printf '%s\n' exhausted available); fi ;;
    status | route | reset | forget) _tokenquota_providers "$word" "${ledger-}" ;;
    replay) compopt -o default ;;
    help)
        _tokenquota_offer "$word" < <(printf '%s\n' observe status route budget rule mark exhausted correct reset \
            forget ledger doctor replay version help) ;;
    esac
}

complete -F _tokenquota tokenquota
