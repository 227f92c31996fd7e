. ./say.sh
say observe openai 1200 --at $A
say observe anthropic 7 --at $A
say budget openai 5k
say mark openai exhausted --for 1h --at $A
say reset openai
say status --at $A --json | grep -E '"(provider|used|budget|state)"'
say reset --all
say reset --all --yes
say status --at $A --json | grep -E '"(provider|used|budget|state)"'
say reset
say reset openai --all
say reset opemai
