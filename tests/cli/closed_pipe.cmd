# Whoever reads has seen enough: not a word, and the status of a program that SIGPIPE ended.
awk 'BEGIN { print "timestamp,provider,tokens"
             for (i = 0; i < 20000; i++) printf "%d,p%d,2\n", 1772438400 + i, i }' > long.csv
{ "$TQ" replay long.csv -b '*=1'; echo "status $?" >&2; } | head -n 1
