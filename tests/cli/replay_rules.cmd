. ./say.sh
sample="$cases/../../sample"
for rule in horizon original off; do
    echo "[$rule]"
    "$TQ" replay "$sample/usage.csv" --budgets "$sample/budgets.txt" --rule $rule | grep -E -- '->|quota_exhausted'
done
"$TQ" replay "$sample/usage.csv" --budgets "$sample/budgets.txt" > default
"$TQ" replay "$sample/usage.csv" --budgets "$sample/budgets.txt" -r horizon | diff - default && echo horizon is the default
# A burst that passes: the budget is nearly spent, then nothing more comes.
cat > burst.csv <<'END'
timestamp,provider,tokens
2026-03-02T10:00:00Z,openai,100
2026-03-02T10:10:00Z,openai,500
2026-03-02T10:20:00Z,openai,100
2026-03-02T11:40:00Z,openai,1
2026-03-02T12:40:00Z,openai,150
2026-03-02T12:50:00Z,openai,100
2026-03-02T12:55:00Z,openai,48
2026-03-02T23:59:00Z,openai,1
2026-03-03T10:00:00Z,openai,1
END
for rule in horizon original off; do
    say replay burst.csv -b openai=1000 --rule $rule | grep -E -- '^\$|->'
done
say replay burst.csv -b openai=1000 --json | grep -E '"(at|to|rule|retry_at|exhausted_at)"'
say replay burst.csv --rule horizons
