. ./fill.sh
script -qec 'COLUMNS=80 "$TQ" status --at 2025-03-03T16:45:30Z' /dev/null | tr -d '\r'
