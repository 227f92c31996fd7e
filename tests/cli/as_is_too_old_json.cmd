"$TQ" replay --as-is old.csv --json -b openai=1k > document
status=$?
sed 's/"version": ".*"/"version": "NUMBER"/' document
exit $status
