# Every record of the real logs is counted, and the totals are what awk makes of the same columns.
traces=$cases/../../../shared/traces
[ -d "$traces" ] || { echo "../shared/traces is missing" >&2; exit 77; }
for log in "$traces"/*.csv "$traces"/*.csv.gz; do
    "$TQ" replay --json -q "$log" > document
    ours=$(sed -n 's/^  "\(records\|tokens\)": \([0-9]*\),$/\2/p' document | tr '\n' ' ')
    case $log in
        *.gz) gzip -dc "$log" ;;
        *) cat "$log" ;;
    esac | awk -F, 'NR > 1 { sum += $3 + $4 } END { printf "%d %.0f \n", NR - 1, sum }' > totals
    [ "$ours" = "$(cat totals)" ] && echo same || echo "$log: ours $ours, awk $(cat totals)"
done
