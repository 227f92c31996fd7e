. ./say.sh
say observe openai 400k --at 2025-03-03T09:00:00Z
say budget openai 1M
say rule openai
say observe openai 0 --at 2025-03-03T09:00:00Z -v
say rule openai original
say rule openai
say rule openai --json
say observe openai 0 --at 2025-03-03T09:00:00Z -v
say rule openai off
say status openai --at 2025-03-03T09:00:00Z --json | grep -E 'rule|reason|retry'
say rule openai default
say rule openai --json
say rule openai horizon
say rule openai
say rule openai horizons
say rule opemai
say rule
say rule openai off --json
say ledger create --ledger other --rule original
say observe openai 5 --ledger other
say rule openai --ledger other
