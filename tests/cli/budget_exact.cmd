"$TQ" replay --rule original a.csv --json -q -b anthropic=9223372036854775807 -b openai=9007.199254740993T > document
status=$?
sed 's/"version": ".*"/"version": "NUMBER"/' document
exit $status
