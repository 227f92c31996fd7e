. ./fill.sh
COLUMNS=160
export COLUMNS
say status --at $A
