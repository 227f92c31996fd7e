. ./say.sh
say ledger path
say ledger path --ledger a/b
TOKENQUOTA_LEDGER=
say ledger path
unset TOKENQUOTA_LEDGER
say ledger path --ledger ''
say ledger path x
say ledger pth
say ledger --ledger x path
say ledger nothing
say ledger path --help
