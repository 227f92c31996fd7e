"$TQ" replay --rule original c.jsonl a.csv -b openai=1M > document
status=$?
sed 's/"version": ".*"/"version": "NUMBER"/' document
exit $status
