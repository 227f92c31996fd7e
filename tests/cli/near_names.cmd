# A name that was never counted, beside one that was and looks like it, is counted and said.
. ./say.sh
say observe openai 5 --at $A
say observe opneai 5 --at $A
say observe opneai 5 --at $A
say observe openai:1 5 --at $A
say route 'openai:*' --at $A
say observe openai:2 5 --at $A
say observe claude 5 --at $A
say observe claude-api 5 --at $A
say route opanai --at $A
say route cluade --at $A
say route openai:3 openai:1 --at $A
say route claud claude --at $A
say mark cluade exhausted --for 1h --at $A
say route nothing-like-it --at $A
say budget opanai
"$TQ" route opanai --at $A --json | head -n 3
