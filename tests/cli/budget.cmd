. ./say.sh
say budget openai 5M
say budget openai
say budget openai --json
say budget openai none
say budget openai
say budget openai --json
say budget anthropic 1.5k
say budget anthropic
say budget anthropic 0
say budget anthropic
say budget anthropix
say budget nobody
say budget
say budget a b c
say budget openai lots
say budget openai -5
say budget '' 5
say budget openai 5 --json
