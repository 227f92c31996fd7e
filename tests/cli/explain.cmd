. ./say.sh
say observe openai 1200 --at $A
say explain openai --at $A
say budget openai 5k
say explain openai --at $A --verbose
say signal claude_429.http --provider claude --at $A > /dev/null
say explain openai claude --at $A
say explain claude --at $A --verbose
say explain claude --at $A --json
say signal openai_no_money.http --provider broke --at $A > /dev/null
say_about explain broke --at $A --verbose
say rule openai original
say observe openai 4k --at $A
say explain openai --at $A
say explain
say explain opemai
say explain openai --at soon
