# What vendors say is taken into account, and each answer is shown apart from the others.
. ./say.sh
say signal openai_429.http --provider openai --at $A
say signal openai_200.http --provider openai --at 2025-03-03T16:45:33Z | tail -n 3
say signal openai_200.http --provider openai --at 2025-03-03T16:45:33Z --sent-at 2025-03-03T16:45:29Z --count
say signal openai_200.http --provider openai --at 2025-03-03T16:45:34Z --sent-at 2025-03-03T16:45:33Z --count | tail -n 1
say signal claude_opus.http --provider claude --at $A | tail -n 3
say signal claude_opus.http --provider opus --for-model --at $A | tail -n 2
say signal claude_429.http --provider claude --at $A --json
say signal overloaded.http --provider claude-api --at $A | tail -n 2
say_about signal openai_no_money.http --provider broke --at $A | tail -n 2
say signal openai_429.http --provider '' --at $A
say status --at $A
