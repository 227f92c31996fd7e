"$TQ" replay --rule original a.csv b.csv --json -b openai=1M -b nobody=5 > document
status=$?
sed 's/"version": ".*"/"version": "NUMBER"/' document
exit $status
