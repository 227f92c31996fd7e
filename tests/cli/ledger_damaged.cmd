. ./say.sh
say_here() {
    say "$@" 2>&1 | sed "s,$PWD/,,g"
}
# What is no ledger, or no longer one, is refused: each word of the file's first line changed, and cut short.
say observe openai 5 --at $A
say observe anthropic 6 --at $A
cp ledger sound
for at in 0 8 16 24; do
    cp sound ledger
    printf '\377\377\377\377' | dd of=ledger bs=1 seek=$at conv=notrunc status=none
    "$TQ" ledger check > said 2>&1
    echo "$at: exit $?"
done
cp sound ledger
truncate -s 100 ledger
say_here ledger check
truncate -s 0 ledger
say_here ledger check
say_here observe openai 1
say_here doctor | sed -n 's/^bad *//p; s/^ *->/->/p'
