. ./fill.sh
COLUMNS=60
export COLUMNS
say status --at $A
