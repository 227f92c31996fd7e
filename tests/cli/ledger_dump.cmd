. ./say.sh
say observe openai 5 --at $A
say observe openai 6 --at 2025-03-01T00:00:00Z
say observe anthropic 9223372036854775807 --at $A
say budget openai 5M
say rule openai original
say mark gemini exhausted --until tomorrow --at $A
say observe '"quoted" \name' 1 --at 2020-01-01T00:00:00Z
say_same ledger dump
say ledger dump all
