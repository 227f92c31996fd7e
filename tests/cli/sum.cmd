# The total is what awk makes of the same column.
"$TQ" replay many.csv --json -q | sed -n 's/^  "tokens": \([0-9]*\),$/\1/p'
awk -F, 'NR > 1 { sum += $3 } END { printf "%.0f\n", sum }' many.csv
