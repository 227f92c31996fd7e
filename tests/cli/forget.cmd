. ./say.sh
say observe openai 1200 --at $A
say observe anthropic 7 --at $A
say budget openai 5k
say mark openai exhausted --for 1h --at $A
say forget openai
say forget openai nobody --yes
say ledger names
say forget openai --yes
say ledger names
say exhausted --all --at $A
say status openai --at $A --json | grep -E '"(provider|used|budget|state)"'
say observe openai 3 --at $A -v
say ledger names
say forget
