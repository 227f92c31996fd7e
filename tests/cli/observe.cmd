. ./say.sh
say observe openai 1200 --at $A
say rule openai off
say budget openai 5k
say observe openai 3.5k --at $A --verbose
say observe openai 200 --at $A --check
say observe openai 100 --at $A --check
say observe openai 1 --at $A -vc
say observe anthropic 100k --at $A -v
say observe openai 0 --at 2025-03-04T00:00:00Z -v
say observe --at $A -v -- -odd-name- 5
say_same observe openai 1 --at $A --json
