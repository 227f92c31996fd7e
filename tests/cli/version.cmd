# Three ways to ask, one answer. The number is the library's: any will do.
for way in version --version -V; do
    "$TQ" $way | sed 's/[0-9][0-9.]*$/NUMBER/'
done
