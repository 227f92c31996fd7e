. ./say.sh
say observe openai 1200 --at $A
say correct openai -200 --at $A
say correct openai -1k --at $A -v
say correct openai -1 --at $A -v
say rule openai off
say budget openai 1k
say observe openai 1k --at $A -v
say correct openai -1 --at $A -v
say_same correct openai -9 --at $A --json
say correct openai -5 --at 2025-03-02T00:00:00Z -v
say correct openai 5
say correct openai -0
say correct openai --
say correct openai -x
say correct opena -5
say correct openai
