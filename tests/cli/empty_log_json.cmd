"$TQ" replay --json empty.csv > document
status=$?
sed 's/"version": ".*"/"version": "NUMBER"/' document
exit $status
