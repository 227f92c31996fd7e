. ./say.sh
say mark openai exhausted --until 2025-03-03T17:00:00Z --at $A
say mark gemini exhausted --until tomorrow --at $A
say observe anthropic 5 --at $A
say exhausted --at $A
say exhausted --json --at $A
say exhausted --at 2025-03-03T17:00:00Z
say exhausted --at 2025-03-04T00:00:00Z
say exhausted --all --at 2025-03-04T00:00:00Z
say exhausted --all --json --at 2025-03-03T17:00:00Z
say exhausted openai
