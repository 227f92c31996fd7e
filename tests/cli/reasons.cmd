# Marked, reported, throttled and predicted look different wherever they are shown.
. ./say.sh
"$TQ" signal openai_429.http --provider throttled --at $A > /dev/null
"$TQ" signal overloaded.http --provider overloaded --at $A > /dev/null
"$TQ" signal claude_429.http --provider reported --at $A > /dev/null
"$TQ" signal openai_no_money.http --provider unpaid --at $A > /dev/null
"$TQ" mark marked exhausted --for 1h --at $A > /dev/null
"$TQ" budget predicted 1k
"$TQ" observe predicted 950 --at $A
COLUMNS=120 say_about status --at $A
COLUMNS=60 say_about status --at $A
COLUMNS=40 say_about status --at $A
say status throttled --at $A
say status throttled --at $A --color always
say_about status --at $A --json | grep -E '"(provider|reason|refusal|vendor|retry_at|probe_at)"'
for name in throttled overloaded reported unpaid marked predicted; do
    say observe $name 0 --at $A --verbose
    say route $name --at $A
    say_about explain $name --at $A
done
say exhausted --at $A
say exhausted --at $A --json | grep -E '"(provider|reason)"'
say status --at 2025-03-03T16:50:30Z
