. ./say.sh
say observe openai 1200 --at $A
say observe openai 1200
