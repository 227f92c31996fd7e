# What zsh is offered has the same commands and options, all together; zsh itself is not needed for that.
. ./options.sh
completions=$(dirname "$TQ")/../completions
file=$completions/_tokenquota
commands | while read -r command; do options "$command"; done | sort -u > help
{ cat help; echo --version; } | sort -u > expected
grep -oE -- '--[a-z][a-z-]*' "$file" | sort -u | diff expected - && echo the options are those of the help
commands | sed 's/.* //' | sort > expected
grep -oE "^        '[a-z]+:" "$file" | tr -dc 'a-z\n' | sort | diff expected - && echo the commands are those of the help
