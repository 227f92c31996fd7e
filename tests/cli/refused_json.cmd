"$TQ" replay --json refused.csv > document
status=$?
sed 's/"version": ".*"/"version": "NUMBER"/' document
exit $status
