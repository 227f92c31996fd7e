. ./say.sh
say observe openai 5 --at $A
say observe openai 5 --at 2025-03-02T00:00:00Z
say_same ledger check
say_same ledger check --json
say ledger check more
