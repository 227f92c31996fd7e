. ./fill.sh
say status openai local openai --at $A
say status gemini --at $A
say status gemini --at 2025-03-04T00:00:00Z
say status openia --at $A
say status '' --at $A
say status --color sometimes
say status --watch --at $A
say status --watch
say status openia --watch --json
