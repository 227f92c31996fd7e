. ./fill.sh
say_same status --at $A --json
