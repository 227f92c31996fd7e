. ./fill.sh
say_same status openai local --at $A --json --days
