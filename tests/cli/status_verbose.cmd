. ./fill.sh
say status gemini --at $A --verbose
