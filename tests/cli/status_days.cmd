. ./fill.sh
say status --at $A --days
say status openai mistral --at $A --days
