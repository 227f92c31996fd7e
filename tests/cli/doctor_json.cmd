# The same findings for programs.
. ./say.sh
umask 077
"$TQ" observe openai 5 --at $A
chmod o+w ledger
same() { sed -E 's,"version": "[^"]*","version": "NUMBER",; s,tokenquota [0-9.]+"|"20[^"]*",TEXT,; s,user [0-9]+ \(you\),user N (you),
    s/[0-9,]+ bytes on/N bytes on/; s/mode 0?[0-9]+,? /mode M /; s/, mode [0-9]+"/, mode M"/'"; s,$PWD/,,g; s,$PWD,HERE,g"; }
say doctor --json | same
say doctor --json --ledger none | same
