"$TQ" replay --rule original a.csv --json --quiet -b openai=1M > document
status=$?
sed 's/"version": ".*"/"version": "NUMBER"/' document
exit $status
