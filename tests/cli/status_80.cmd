. ./fill.sh
COLUMNS=80
export COLUMNS
say status --at $A
