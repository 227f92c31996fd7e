. ./say.sh
say observe openai 5 --at $A
say route openai anthropic --at $A
say mark openai exhausted --until tomorrow --at $A
say route openai anthropic --at $A
say mark anthropic exhausted --for 1h --at $A
say route openai anthropic --at $A
say route anthropic openai --at $A
say route openai anthropic --at $A --json
say route openai anthropic never-counted --at $A --json
say route openai anthropic --at 2025-03-03T17:45:30Z
say route
say route openai ''
say route "$(printf 'a\001b')" openai
say route openai --at $A --wait
say route openai --timeout 5s
say route openai --wait --timeout soon
