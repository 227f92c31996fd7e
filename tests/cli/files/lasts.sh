# lasts.sh: two weeks and a day, limits of each kind and of a vendor.
. ./say.sh
A=2026-03-05T15:00:00Z
for day in 19 20 21 22 23 24 25 26 27 28; do
    "$TQ" observe openai $((day * 190 - 2000))k --at 2026-02-${day}T12:00:00Z
done
for day in 1 2 3 4; do
    "$TQ" observe openai 2.0${day}M --at 2026-03-0${day}T12:00:00Z
    "$TQ" observe kimi ${day}00k --at 2026-03-0${day}T12:00:00Z
done
"$TQ" observe kimi 100k --at 2026-02-20T12:00:00Z
"$TQ" budget openai 4M
"$TQ" budget kimi 1M
"$TQ" rule openai off
"$TQ" rule kimi off
for limit in "5M tokens per day America/Los_Angeles" "900 requests per 5h first-use" "6M tokens per 24h rolling" \
    "4M tokens once" "1M tokens per minute refill" "3M tokens per 15m from 2026-03-05"; do
    "$TQ" limit openai add "$limit" --at 2026-03-05T05:00:00Z > /dev/null
done
for hour in 05 06 08 10 11 13 14; do
    "$TQ" observe openai 420k --at 2026-03-05T$hour:30:00Z
    "$TQ" observe kimi 80k --at 2026-03-05T$hour:30:00Z
done
echo '{"session_id": "1", "rate_limits": {"five_hour": {"used_percentage": 61, "resets_at": 1772730000},
    "seven_day": {"used_percentage": 48, "resets_at": 1772982000}}}' | "$TQ" statusline claude --at 2026-03-05T14:40:00Z > /dev/null
