watch
  $ # Each transition is a line, and the command is told, one at a time, of how it stands at last.
  $ . ./say.sh
  $ for name in openai claude; do "$TQ" observe $name 5; done
  $ mkfifo gate
  $ cat > told.sh <<'END'
  $ echo "$TOKENQUOTA_PROVIDER $TOKENQUOTA_STATE $TOKENQUOTA_REASON ${TOKENQUOTA_UNTIL:-never}" >> told
  $ echo "$TOKENQUOTA_SENTENCE" | cut -c 1-21 >> told
  $ ls -l /proc/$$/fd 2> /dev/null | grep -c 'ledger$' >> told
  $ [ "$TOKENQUOTA_PROVIDER" = openai ] && [ ! -e opened ] && { : > opened; cat gate; }
  $ true
  $ END
  $ : > lines
  $ : > told
  $ "$TQ" watch --exec 'sh told.sh' > lines 2> errors &
  $ watcher=$!
  $ see() { # FILE TEXT: waits until the file has it
  $     timeout 30 tail -n +1 -F "$1" 2> /dev/null | grep -qm1 -F "$2" || echo "$1 never has: $2"
  $ }
  $ # The first look is no transition: what is marked before it would not be told.
  $ until grep -qF ledger /proc/$watcher/maps 2> /dev/null; do :; done
  $ n=0
  $ until [ -s lines ]; do # until it has begun
  $     "$TQ" mark begun-$((n += 1)) exhausted --until 2100-01-01T00:00:00Z > /dev/null
  $ done
  $ see told begun
  $ "$TQ" mark openai exhausted --until 2100-01-01T00:00:00Z > /dev/null
  $ see told openai
  $ "$TQ" mark claude exhausted --until 2100-01-01T00:00:00Z > /dev/null
  $ see lines 'claude  available -> quota_exhausted'
  $ "$TQ" mark claude available > /dev/null
  $ see lines 'claude  quota_exhausted (marked) -> available'
  $ "$TQ" mark claude exhausted --until 2200-01-01T00:00:00Z > /dev/null
  $ see lines '(marked) until 2200'
  $ "$TQ" mark openai available > /dev/null
  $ see lines 'openai  quota_exhausted (marked) -> available'
  $ : > gate
  $ see told 'openai available'
  $ cp ledger other && "$TQ" ledger flush --ledger other 2> /dev/null
  $ "$TQ" mark claude available --ledger other > /dev/null
  $ mv other ledger
  $ see told 'claude available'
  $ kill -INT $watcher
  $ wait $watcher
  $ echo "exit $?"
  $ cat errors
  $ grep -v begun lines | sed -E 's/^20[0-9-]+ [0-9:]+Z/INSTANT/; s/, in .*/, in LENGTH/'
  $ sed -n '/^openai quota/,$p' told
    exit 0
    INSTANT  openai  available -> quota_exhausted (marked) until 2100-01-01 00:00:00Z (2100-01-01 01:00:00 CET), in LENGTH
    INSTANT  claude  available -> quota_exhausted (marked) until 2100-01-01 00:00:00Z (2100-01-01 01:00:00 CET), in LENGTH
    INSTANT  claude  quota_exhausted (marked) -> available
    INSTANT  claude  available -> quota_exhausted (marked) until 2200-01-01 00:00:00Z (2200-01-01 01:00:00 CET), in LENGTH
    INSTANT  openai  quota_exhausted (marked) -> available
    INSTANT  claude  quota_exhausted (marked) -> available
    openai quota_exhausted marked 2100-01-01T00:00:00Z
    marked exhausted unti
    0
    claude quota_exhausted marked 2200-01-01T00:00:00Z
    marked exhausted unti
    0
    openai available  never
    available: 5 tokens u
    0
    claude available  never
    available: 5 tokens u
    0

watch_json
  $ . ./say.sh
  $ "$TQ" observe openai 5
  $ "$TQ" observe claude 5
  $ mkfifo documents
  $ "$TQ" watch openai later --json > documents &
  $ watcher=$!
  $ # Marked again and again until it looks: how it stands at the beginning is no transition.
  $ ( until [ -e seen ]; do
  $     "$TQ" mark openai available > /dev/null
  $     "$TQ" mark openai exhausted --for 1h > /dev/null
  $ done ) &
  $ {
  $     read -r line; echo "$line" | grep -oE '"(provider|schema)":["a-z0-9]+' | head -n 2
  $     : > seen
  $     wait $!
  $     "$TQ" mark claude exhausted --for 1h > /dev/null
  $     "$TQ" mark later exhausted --for 1h > /dev/null
  $     while read -r line; do
  $         case $line in *later*) echo "$line" | sed -E 's/"20[^"]*"/INSTANT/g; s/20[0-9-]+ [0-9:]+ UTC/TIME/g; s/in [0-9]+ (min|h)/in LENGTH/g'; break ;; *claude*) echo unasked ;; esac
  $     done
  $     "$TQ" signal claude_429.http --provider later --at now-1s > /dev/null
  $     "$TQ" signal openai_no_money.http --provider later > /dev/null
  $     while read -r line; do
  $         case $line in *'"reason":"reported"'*) echo "$line" | sed -E 's/"20[^"]*"/INSTANT/g; s/20[0-9-]+ [0-9:]+ UTC/TIME/g; s/in [0-9]+ (min|h)/in LENGTH/g'; break ;; esac
  $     done
  $ } < documents
  $ kill -TERM $watcher
  $ wait $watcher
  $ echo "exit $?"
  $ say watch ''
    "schema":1
    "provider":"openai"
    {"schema":1,"at":INSTANT,"provider":"later","from":"available","from_reason":null,"from_retry_at":null,"sentence":"marked exhausted until TIME, in LENGTH; marking it available clears it; 0 tokens used in this UTC day","state":"quota_exhausted","reason":"marked","reasons":["marked"],"retry_at":INSTANT,"limit":null,"care":1.25,"expects":null,"expected":null,"held":null,"others":null,"withheld":null,"heard_at":null,"refusal":null,"vendor":null,"axis":null,"said_at":null,"probe_at":null,"probing":false}
    {"schema":1,"at":INSTANT,"provider":"later","from":"quota_exhausted","from_reason":"marked","from_retry_at":INSTANT,"sentence":"out of money, OpenAI said at TIME and named no end; a probe is due at TIME; it ends when the probe succeeds","state":"quota_exhausted","reason":"reported","reasons":["marked","reported"],"retry_at":null,"limit":null,"care":1.25,"expects":null,"expected":null,"held":null,"others":null,"withheld":null,"heard_at":null,"refusal":"no-money","vendor":"OpenAI","axis":null,"said_at":INSTANT,"probe_at":INSTANT,"probing":false}
    exit 0
    $ tokenquota watch 
    tokenquota: watch: "": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)

watch_later
  $ # A later end of an exclusion is a transition, and so is spent after predicted; an earlier end is none.
  $ . ./say.sh
  $ "$TQ" observe claude 5
  $ "$TQ" budget claude 1M
  $ : > lines
  $ : > told
  $ "$TQ" watch openai claude --exec 'echo "$TOKENQUOTA_PROVIDER ${TOKENQUOTA_REASON:-none} ${TOKENQUOTA_UNTIL%T*}" >> told' > lines &
  $ watcher=$!
  $ see() { # FILE TEXT: waits until the file has it
  $     timeout 30 tail -n +1 -F "$1" 2> /dev/null | grep -qm1 -F "$2" || echo "$1 never has: $2"
  $ }
  $ until grep -qF ledger /proc/$watcher/maps 2> /dev/null; do :; done
  $ until [ -s lines ]; do "$TQ" mark openai available > /dev/null 2>&1; "$TQ" mark openai exhausted --until 2100-01-01 > /dev/null; done
  $ see told '2100-01-01'
  $ "$TQ" mark openai exhausted --until 2100-01-02 > /dev/null
  $ see told '2100-01-02'
  $ "$TQ" mark openai exhausted --until 2100-01-02T00:00:59Z > /dev/null
  $ "$TQ" mark openai exhausted --until 2099-01-01 > /dev/null
  $ "$TQ" mark openai exhausted --until 2101-01-01 > /dev/null
  $ see told '2101-01-01'
  $ "$TQ" observe claude 990k
  $ see told 'claude predicted'
  $ "$TQ" observe claude 20k
  $ see told 'claude spent'
  $ kill -TERM $watcher
  $ wait $watcher
  $ echo "exit $?"
  $ grep -v 'openai  available -> \|-> available' lines | sed -E 's/^20[0-9-]+ [0-9:]+Z/INSTANT/; s/, in .*/, in LENGTH/; /claude/s/until .*/until MIDNIGHT/'
  $ sed -E 's/(claude [a-z]+) .*/\1/' told | uniq | sed -n '/2100-01-02/,$p'
    exit 0
    INSTANT  openai  quota_exhausted (marked) until 2100-01-01 00:00:00Z -> quota_exhausted (marked) until 2100-01-02 00:00:00Z (2100-01-02 01:00:00 CET), in LENGTH
    INSTANT  openai  quota_exhausted (marked) until 2100-01-02 00:00:00Z -> quota_exhausted (marked) until 2101-01-01 00:00:00Z (2101-01-01 01:00:00 CET), in LENGTH
    INSTANT  claude  available -> quota_exhausted (predicted) until MIDNIGHT
    INSTANT  claude  quota_exhausted (predicted) -> quota_exhausted (spent) until MIDNIGHT
    openai marked 2100-01-02
    openai marked 2101-01-01
    claude predicted
    claude spent

watch_limit
  $ # A limit's transitions with their reason: spent, and available when it is raised.
  $ . ./say.sh
  $ "$TQ" observe openai 5
  $ "$TQ" rule openai off
  $ "$TQ" limit openai add "1000 requests per year reserve 998" > /dev/null
  $ : > lines
  $ "$TQ" watch openai > lines 2> errors &
  $ watcher=$!
  $ see() { # FILE TEXT: waits until the file has it
  $     timeout 30 tail -n +1 -F "$1" 2> /dev/null | grep -qm1 -F "$2" || echo "$1 never has: $2"
  $ }
  $ until grep -qF ledger /proc/$watcher/maps 2> /dev/null; do :; done
  $ n=0
  $ until [ -s lines ]; do # until it has begun
  $     "$TQ" mark openai exhausted --until 2100-01-0$((n = n % 9 + 1))T00:00:00Z > /dev/null
  $ done
  $ "$TQ" mark openai available > /dev/null
  $ see lines '(marked) -> available'
  $ "$TQ" observe openai 5
  $ "$TQ" observe openai 5
  $ see lines 'spent to the reserve'
  $ "$TQ" limit openai add "2000 requests per year reserve 0" > /dev/null
  $ see lines '(spent) -> available'
  $ kill -INT $watcher
  $ wait $watcher
  $ sed -nE 's/^.{20}  //; s/until .*/until TIME/; /year/p' lines; tail -n 1 lines | cut -c 23-
    openai  available -> quota_exhausted (spent to the reserve: limit 1, requests per year) until TIME
    openai  quota_exhausted (spent) -> available

watch_warn
  $ # Shares that were reached: the highest, once in a window over all watches.
  $ . ./say.sh
  $ now=$(date +%s)
  $ line() { # NAME FIVE_HOURS SEVEN_DAYS
  $     echo '{"session_id":"1","rate_limits":{"five_hour":{"used_percentage":'"$2"',"resets_at":'$((now + 6300))'},
  $     "seven_day":{"used_percentage":'"$3"',"resets_at":'$((now + 200000))'}}}' | "$TQ" statusline "$1" > /dev/null
  $ }
  $ see() { # FILE TEXT: waits until the file has it
  $     timeout 30 tail -n +1 -F "$1" 2> /dev/null | grep -qm1 -F "$2" || echo "$1 never has: $2"
  $ }
  $ line claude 55 30
  $ "$TQ" budget claude 1M
  $ "$TQ" rule claude off
  $ : > lines
  $ : > told
  $ "$TQ" watch claude --warn 50,90%,80 --exec 'echo "$TOKENQUOTA_STATE $TOKENQUOTA_LIMIT $TOKENQUOTA_PERCENT" >> told' > lines &
  $ first=$!
  $ see told 'warning 5 h 50'
  $ line other 51 0
  $ : > documents
  $ "$TQ" watch --warn 50 --json > documents &
  $ second=$!
  $ see documents other
  $ line claude 56 31
  $ line claude 93 31
  $ see told 'warning 5 h 90'
  $ kill -TERM $second
  $ wait $second
  $ "$TQ" observe claude 600k
  $ see told 'warning day 50'
  $ kill -TERM $first
  $ wait $first
  $ sort -u told
  $ grep -o '"warn_percent":50,"of":"[^"]*"' documents | sort -u
  $ grep -o '"provider":"[a-z]*","warn_percent":50,"of":"5 h"' documents
  $ # Whether a day's budget lasts depends on the hour at which this runs.
  $ sed -E "s/^20[0-9-]+ [0-9:]+Z/INSTANT/; s/(budget.* used); .*/\1; and whether it lasts/
  $     s/(resets|out) .*/\1 TIME/" lines | sort -u
  $ say watch --warn 5,x
  $ say watch --warn 101
    warning 5 h 50
    warning 5 h 90
    warning day 50
    "warn_percent":50,"of":"5 h"
    "provider":"other","warn_percent":50,"of":"5 h"
    INSTANT  claude  limit 1 (5 h) has reached 50%: 55% used; lasts, resets TIME
    INSTANT  claude  limit 1 (5 h) has reached 90%: 93% used; runs out TIME
    INSTANT  claude  the day's budget has reached 50%: 600k of 1M used; and whether it lasts
    $ tokenquota watch --warn 5,x
    tokenquota: watch: --warn "5,x": write percents from 1 to 100, at most 16 of them, as in 50,80,90
    (exit 2)
    $ tokenquota watch --warn 101
    tokenquota: watch: --warn "101": write percents from 1 to 100, at most 16 of them, as in 50,80,90
    (exit 2)
