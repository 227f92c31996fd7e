route
  $ . ./say.sh
  $ say observe openai 5 --at $A
  $ say route openai anthropic --at $A
  $ say mark openai exhausted --until tomorrow --at $A
  $ say route openai anthropic --at $A
  $ say mark anthropic exhausted --for 1h --at $A
  $ say route openai anthropic --at $A
  $ say route anthropic openai --at $A
  $ say route openai anthropic --at $A --json
  $ say route openai anthropic never-counted --at $A --json
  $ say route openai anthropic --at 2025-03-03T17:45:30Z
  $ say route
  $ say route openai ''
  $ say route "$(printf 'a\001b')" openai
  $ say route openai --at $A --wait
  $ say route openai --timeout 5s
  $ say route openai --wait --timeout soon
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota route openai anthropic --at 2025-03-03T16:45:30Z
    openai
    $ tokenquota mark openai exhausted --until tomorrow --at 2025-03-03T16:45:30Z
    openai: quota_exhausted (marked) until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h 15 min; 5 tokens used in UTC day 2025-03-03
    $ tokenquota route openai anthropic --at 2025-03-03T16:45:30Z
    anthropic
    $ tokenquota mark anthropic exhausted --for 1h --at 2025-03-03T16:45:30Z
    anthropic: quota_exhausted (marked) until 2025-03-03 17:45:30Z (2025-03-03 18:45:30 CET), in 1 h; 0 tokens used in UTC day 2025-03-03
    $ tokenquota route openai anthropic --at 2025-03-03T16:45:30Z
    anthropic	2025-03-03T17:45:30Z	marked
    (exit 1)
    $ tokenquota route anthropic openai --at 2025-03-03T16:45:30Z
    anthropic	2025-03-03T17:45:30Z	marked
    (exit 1)
    $ tokenquota route openai anthropic --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "provider": "anthropic",
      "probe": false,
      "policy": "order",
      "need": null,
      "room": null,
      "state": "quota_exhausted",
      "reason": "marked",
      "reasons": [
        "marked"
      ],
      "retry_at": "2025-03-03T17:45:30Z",
      "limit": null,
      "care": 1.25,
      "expects": null,
      "expected": null,
      "held": null,
      "others": null,
      "withheld": null,
      "heard_at": null,
      "refusal": null,
      "vendor": null,
      "axis": null,
      "said_at": null,
      "probe_at": null,
      "probing": false
    }
    (exit 1)
    $ tokenquota route openai anthropic never-counted --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "provider": "never-counted",
      "probe": false,
      "policy": "order",
      "need": null,
      "room": null,
      "state": "available",
      "reason": null,
      "reasons": [],
      "retry_at": null,
      "limit": null,
      "care": null,
      "expects": null,
      "expected": null,
      "held": null,
      "others": null,
      "withheld": null,
      "heard_at": null,
      "refusal": null,
      "vendor": null,
      "axis": null,
      "said_at": null,
      "probe_at": null,
      "probing": false
    }
    $ tokenquota route openai anthropic --at 2025-03-03T17:45:30Z
    anthropic
    $ tokenquota route
    tokenquota: route: it takes PROVIDERs, the best first, as in: tokenquota route openai anthropic
    (exit 2)
    $ tokenquota route openai 
    tokenquota: route: "": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota route ab openai
    tokenquota: route: "a\x01b": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota route openai --at 2025-03-03T16:45:30Z --wait
    tokenquota: route: --wait goes with the clock: leave --at out
    (exit 2)
    $ tokenquota route openai --timeout 5s
    tokenquota: route: --timeout goes with --wait
    (exit 2)
    $ tokenquota route openai --wait --timeout soon
    tokenquota: route: --timeout "soon" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
    (exit 2)

route_policy
  $ # Three accounts with a week each, which end on three days: a has 40 % left for 6 days, b 30 % for 2, c all for 4.
  $ . ./say.sh
  $ "$TQ" ledger create --rule off > /dev/null
  $ for week in a=Sunday b=Thursday c=Saturday; do
  $     "$TQ" limit ${week%=*} add "1M tokens per week from ${week#*=} reserve 100k" --at $A > /dev/null
  $ done
  $ "$TQ" observe a 600k --at $A > /dev/null
  $ "$TQ" observe b 700k --at $A > /dev/null
  $ say route a b c --at $A
  $ say route a b c --policy order --at $A
  $ say route a b c --policy sticky --at $A
  $ say route a b c --policy sticky --last c --at $A
  $ say route a b c --policy pressure --at $A
  $ say route a b --policy pressure --at $A
  $ say route a b --policy sticky-pressure --last a --at $A
  $ say route b c --policy sticky-pressure --last b --at $A
  $ say route b c --policy sticky-pressure --last '' --at $A
  $ "$TQ" mark c exhausted --for 1h --at $A > /dev/null
  $ say route a b c --policy sticky --last c --at $A
  $ say route a b c --policy pressure --use-reserve --at $A
  $ say route a b c --policy pressure --at $A --json | grep -E 'provider|policy|need|room'
  $ # What the ledger does not know comes behind what it knows, but a last choice stays.
  $ say route never a --policy pressure --at $A
  $ say route never a --policy sticky --at $A
  $ say route a never --policy sticky --last never --at $A
  $ say route a never --policy sticky-pressure --last never --at $A
  $ say route c never other --policy sticky-pressure --last other --at $A
  $ say route a --policy best
  $ say route a --last a
  $ say route a --policy pressure --last a
  $ say route a --policy sticky --last d
    $ tokenquota route a b c --at 2025-03-03T16:45:30Z
    a
    $ tokenquota route a b c --policy order --at 2025-03-03T16:45:30Z
    a
    $ tokenquota route a b c --policy sticky --at 2025-03-03T16:45:30Z
    a
    $ tokenquota route a b c --policy sticky --last c --at 2025-03-03T16:45:30Z
    c
    $ tokenquota route a b c --policy pressure --at 2025-03-03T16:45:30Z
    c
    $ tokenquota route a b --policy pressure --at 2025-03-03T16:45:30Z
    b
    $ tokenquota route a b --policy sticky-pressure --last a --at 2025-03-03T16:45:30Z
    b
    $ tokenquota route b c --policy sticky-pressure --last b --at 2025-03-03T16:45:30Z
    c
    $ tokenquota route b c --policy sticky-pressure --last  --at 2025-03-03T16:45:30Z
    c
    $ tokenquota route a b c --policy sticky --last c --at 2025-03-03T16:45:30Z
    a
    $ tokenquota route a b c --policy pressure --use-reserve --at 2025-03-03T16:45:30Z
    b
    $ tokenquota route a b c --policy pressure --at 2025-03-03T16:45:30Z --json
      "provider": "b",
      "policy": "pressure",
      "need": null,
      "room": null,
    $ tokenquota route never a --policy pressure --at 2025-03-03T16:45:30Z
    a
    $ tokenquota route never a --policy sticky --at 2025-03-03T16:45:30Z
    a
    $ tokenquota route a never --policy sticky --last never --at 2025-03-03T16:45:30Z
    never
    $ tokenquota route a never --policy sticky-pressure --last never --at 2025-03-03T16:45:30Z
    a
    $ tokenquota route c never other --policy sticky-pressure --last other --at 2025-03-03T16:45:30Z
    other
    $ tokenquota route a --policy best
    tokenquota: route: --policy "best": write order, sticky, pressure or sticky-pressure
    (exit 2)
    $ tokenquota route a --last a
    tokenquota: route: --last goes with --policy sticky or sticky-pressure
    (exit 2)
    $ tokenquota route a --policy pressure --last a
    tokenquota: route: --last goes with --policy sticky or sticky-pressure
    (exit 2)
    $ tokenquota route a --policy sticky --last d
    tokenquota: route: --last "d" is none of the PROVIDERs
    (exit 2)

route_need
  $ . ./say.sh
  $ "$TQ" ledger create --rule off > /dev/null
  $ "$TQ" limit a add "1M tokens per day reserve 100k" --at $A > /dev/null
  $ "$TQ" limit b add "200k tokens per week" --at $A > /dev/null
  $ "$TQ" observe a 600k --at $A > /dev/null
  $ say route a b --need 300k --at $A
  $ say route a b --need 300001 --at $A
  $ say route a b --need 300001 --use-reserve --at $A
  $ say route b --need 300k --at $A
  $ say route b new --need 300k --at $A
  $ say route a b --need 500k --at $A --json | grep -E 'provider|need|room|state|retry'
  $ say route b --need 300k --at $A --json | grep -E 'provider|need|room|state|retry'
  $ say route a --need 1 --at $A --json | grep -E 'provider|need|room|state|retry'
  $ say route new --need 1 --at $A --json | grep -E 'provider|need|room|state|retry'
  $ "$TQ" mark a exhausted --for 1h --at $A > /dev/null
  $ say route a --need 500k --at $A
  $ say route a --need 0
  $ say route a --need much
  $ say route a --need -5
    $ tokenquota route a b --need 300k --at 2025-03-03T16:45:30Z
    a
    $ tokenquota route a b --need 300001 --at 2025-03-03T16:45:30Z
    a	2025-03-04T00:00:00Z	room for 300,000 of 300,001 tokens
    (exit 1)
    $ tokenquota route a b --need 300001 --use-reserve --at 2025-03-03T16:45:30Z
    a
    $ tokenquota route b --need 300k --at 2025-03-03T16:45:30Z
    b	unknown	room for 200,000 of 300,000 tokens
    (exit 1)
    $ tokenquota route b new --need 300k --at 2025-03-03T16:45:30Z
    new
    $ tokenquota route a b --need 500k --at 2025-03-03T16:45:30Z --json
      "provider": "a",
      "need": 500000,
      "room": 300000,
      "state": "available",
      "retry_at": "2025-03-04T00:00:00Z",
    $ tokenquota route b --need 300k --at 2025-03-03T16:45:30Z --json
      "provider": "b",
      "need": 300000,
      "room": 200000,
      "state": "available",
      "retry_at": null,
    $ tokenquota route a --need 1 --at 2025-03-03T16:45:30Z --json
      "provider": "a",
      "need": 1,
      "room": 300000,
      "state": "available",
      "retry_at": null,
    $ tokenquota route new --need 1 --at 2025-03-03T16:45:30Z --json
      "provider": "new",
      "need": 1,
      "room": null,
      "state": "available",
      "retry_at": null,
    $ tokenquota route a --need 500k --at 2025-03-03T16:45:30Z
    a	2025-03-04T00:00:00Z	marked
    (exit 1)
    $ tokenquota route a --need 0
    tokenquota: route: --need "0" is not above 0
    (exit 2)
    $ tokenquota route a --need much
    tokenquota: route: --need "much" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
    (exit 2)
    $ tokenquota route a --need -5
    tokenquota: route: --need "-5" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
    (exit 2)

route_probe
  $ # A probe is handed to one caller; a question about another time takes none.
  $ . ./say.sh
  $ for name in openai claude; do
  $     "$TQ" signal openai_no_money.http --provider $name --at now-10m > /dev/null
  $ done
  $ say route openai --at now | cut -f 1,3
  $ say route openai --no-probe | cut -f 1,3
  $ say route openai claude
  $ say route openai claude --json | sed -E 's/: "20[^"]*"/: "INSTANT"/'
  $ say route openai claude --no-probe --json | grep -E 'probe"|retry'
  $ say route openai claude | sed -E 's/\t20[^\t]*/\tINSTANT/'
  $ say probe success openai | sed 's/ in UTC day.*//'
  $ say route openai
    $ tokenquota route openai --at now
    openai	reported: out of money
    (exit 1)
    $ tokenquota route openai --no-probe
    openai	reported: out of money
    (exit 1)
    $ tokenquota route openai claude
    tokenquota: route: "openai" is out; this is its probe: say how it went with `tokenquota probe success` or failure
    openai
    tokenquota: route: "claude" is out; this is its probe: say how it went with `tokenquota probe success` or failure
    $ tokenquota route openai claude --json
    {
      "schema": 1,
      "provider": "claude",
      "probe": true,
      "policy": "order",
      "need": null,
      "room": null,
      "state": "quota_exhausted",
      "reason": "reported",
      "reasons": [
        "reported"
      ],
      "retry_at": null,
      "limit": null,
      "care": 1.25,
      "expects": null,
      "expected": null,
      "held": null,
      "others": null,
      "withheld": null,
      "heard_at": null,
      "refusal": "no-money",
      "vendor": "OpenAI",
      "axis": null,
      "said_at": "INSTANT",
      "probe_at": "INSTANT",
      "probing": true
    }
      "probe": false,
      "retry_at": null,
    $ tokenquota route openai claude
    openai	INSTANT	reported: out of money
    (exit 1)
    $ tokenquota probe success openai
    openai: available; 0 tokens used
    $ tokenquota route openai
    openai

route_wait
  $ . ./say.sh
  $ # Until the mark ends, until somebody takes it back, until the file is another, until it has been long enough.
  $ say observe openai 5
  $ "$TQ" mark openai exhausted --for 300ms > /dev/null
  $ say route openai --wait
  $ "$TQ" mark openai exhausted --for 1h > /dev/null
  $ ( "$TQ" route openai --wait; echo "exit $?" ) > answer &
  $ "$TQ" mark openai available > /dev/null
  $ wait $!
  $ cat answer
  $ "$TQ" mark openai exhausted --for 1h > /dev/null
  $ cp ledger other && "$TQ" ledger flush --ledger other 2> /dev/null
  $ ( "$TQ" route openai --wait --timeout 60s; echo "exit $?" ) > answer &
  $ "$TQ" mark openai available --ledger other > /dev/null
  $ mv other ledger
  $ wait $!
  $ cat answer
  $ "$TQ" mark openai exhausted --until 2100-01-01T00:00:00Z > /dev/null
  $ say route openai --wait --timeout 20ms
    $ tokenquota observe openai 5
    $ tokenquota route openai --wait
    openai
    openai
    exit 0
    openai
    exit 0
    $ tokenquota route openai --wait --timeout 20ms
    openai	2100-01-01T00:00:00Z	marked
    (exit 1)
