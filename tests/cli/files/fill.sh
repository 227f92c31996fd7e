# fill.sh: a ledger for the cases of status.
. ./say.sh
for day in 1 2 3; do
    "$TQ" observe openai ${day}M --at 2025-03-0${day}T10:00:00Z
    "$TQ" observe anthropic/claude-sonnet-4.6 ${day}12345 --at 2025-03-0${day}T11:00:00Z
done
"$TQ" budget openai 5M
"$TQ" budget anthropic/claude-sonnet-4.6 350k
"$TQ" budget mistral 10M
"$TQ" budget gemini 2M
"$TQ" observe gemini 2.3M --at $A
"$TQ" observe local 123 --at 2025-03-02T12:00:00Z
"$TQ" mark openrouter exhausted --for 90m --at $A > /dev/null
