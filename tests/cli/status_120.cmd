. ./fill.sh
COLUMNS=120
export COLUMNS
say status --at $A
