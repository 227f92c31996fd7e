. ./fill.sh
COLUMNS=40
export COLUMNS
say status --at $A
