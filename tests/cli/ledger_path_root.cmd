[ "$(id -u)" = 0 ] || { echo 'not run as root' >&2; exit 77; }
unset TOKENQUOTA_LEDGER
"$TQ" ledger path
