. ./fill.sh
say_same status gemini --at $A --verbose
