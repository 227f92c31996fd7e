# A terminal that knows no UTF-8 gets none, in names neither.
script -qec true /dev/null < /dev/null > no-pty 2>&1 || exit 77 # no pseudo-terminals here
script -qec 'LC_ALL=C COLUMNS=100 TERM=dumb "$TQ" replay names.csv -b "*=1M"' /dev/null | tr -d '\r'
