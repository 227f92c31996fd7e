# The library's own arithmetic, done again by awk: the first record of a day with used x 24 h > budget x elapsed.
"$TQ" replay "$cases/../../sample/usage.csv" -b openai=5M | awk '/-> quota_exhausted/ { print substr($1, 9) "T" $2 }'
awk -F'[-:TZ,]' '$8 == "openai" {
    if ($3 != day) { day = $3; used = 0; out = 0 }
    used += $9 + $10
    elapsed = $4 * 3600 + $5 * 60 + $6
    if (!out && (used >= 5000000 || used * 86400 > 5000000 * elapsed)) { out = 1; print $3 "T" $4 ":" $5 ":" $6 "Z" }
}' "$cases/../../sample/usage.csv"
