"$TQ" replay --json bad.csv > document
status=$?
sed 's/"version": ".*"/"version": "NUMBER"/' document
exit $status
