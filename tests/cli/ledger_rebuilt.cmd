. ./say.sh
say_here() {
    say "$@" 2>&1 | sed "s,$PWD/,,g"
}
# Another boot than the one the ledger was last open in: the first command says that it rebuilt, in one line.
say observe openai 5 --at $A
boot() {
    printf '\125\125\125\125' | dd of=ledger bs=1 seek=88 conv=notrunc status=none
}
boot
say_here observe openai 6 --at $A
say observe openai 7 --at $A
say status openai --at $A | grep openai
boot
say_here ledger compact | sed -E 's/[0-9,]+ bytes.*/BYTES/'
boot
say_here doctor | grep -E 'rebuilt|check'
say_here ledger check | grep -E 'rebuilt|recovered|sound'
