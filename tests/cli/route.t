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
      "state": "quota_exhausted",
      "reason": "marked",
      "reasons": [
        "marked"
      ],
      "retry_at": "2025-03-03T17:45:30Z",
      "limit": null,
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
      "state": "available",
      "reason": null,
      "reasons": [],
      "retry_at": null,
      "limit": null,
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
      "state": "quota_exhausted",
      "reason": "reported",
      "reasons": [
        "reported"
      ],
      "retry_at": null,
      "limit": null,
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
