script -qec true /dev/null < /dev/null > no-pty 2>&1 || { echo "no pseudo-terminals here" >&2; exit 77; }
. ./fill.sh
script -qec 'COLUMNS=80 "$TQ" status --at 2025-03-03T16:45:30Z' /dev/null | tr -d '\r'
