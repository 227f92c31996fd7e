# A terminal that knows no UTF-8 gets none, in names neither.
script -qec 'LC_ALL=C COLUMNS=100 TERM=dumb "$TQ" replay names.csv -b "*=1M"' /dev/null | tr -d '\r'
