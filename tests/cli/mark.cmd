. ./say.sh
say mark openai exhausted --until tomorrow --at $A
say mark openai exhausted --until 2025-03-03T17:00:00Z --at $A
say mark openai exhausted --until now+15m --at $A
say mark openai exhausted --for 1h30m --at $A
say mark openai exhausted --until 1741000000 --at 2025-03-03T09:00:00Z
say_same mark openai exhausted --for 15m --at $A --json
say mark openai available --at $A
say mark openai exhausted
say mark openai exhausted --for 15m --until tomorrow
say mark openai available --for 15m
say mark openai exhausted --until 2020-01-01T00:00:00Z --at $A
say mark openai exhausted --until now --at $A
say mark openai exhausted --until 1741000000000
say mark opena available
say mark openai gone
say mark openai
