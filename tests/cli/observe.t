instants
  $ . ./say.sh
  $ for at in 2025-03-03T10:00:00Z '2025-03-03 10:00:00.25+05:30' 2025-03-03t10:00:00z 1741000000 1741000000.5 \
  $     2024-02-29T00:00:00Z 2025-03-03T00:30:00+01:00; do
  $     say observe p 1 --at "$at" -v
  $ done
  $ for at in 2025-03-03 2025-03-03T10:00:00 2025-02-29T00:00:00Z 2025-13-01T00:00:00Z 2025-03-03T24:00:00Z \
  $     2025-03-03T10:00:60Z 2025-03-03T10:00:00.Z 2025-03-03T10:00:00+1 2025-03-03T10:00:00+24:00 \
  $     2025-03-03T10:00:00Zulu 100000000001 1741000000000 1741000000000000 1741000000000000000 \
  $     99999999999999999999 1600-01-01T00:00:00Z 2262-01-01T00:00:00Z -5 5. now- now+ now+5 nowish yesterday ''; do
  $     say observe p 1 --at "$at"
  $ done
  $ "$TQ" observe p 1 --at now-1h && "$TQ" observe p 1 --at now+4m && "$TQ" observe p 1 --at now && echo now is an instant
    $ tokenquota observe p 1 --at 2025-03-03T10:00:00Z -v
    p: available; 1 token used in UTC day 2025-03-03
    $ tokenquota observe p 1 --at 2025-03-03 10:00:00.25+05:30 -v
    p: available; 2 tokens used in UTC day 2025-03-03
    $ tokenquota observe p 1 --at 2025-03-03t10:00:00z -v
    p: available; 3 tokens used in UTC day 2025-03-03
    $ tokenquota observe p 1 --at 1741000000 -v
    p: available; 4 tokens used in UTC day 2025-03-03
    $ tokenquota observe p 1 --at 1741000000.5 -v
    p: available; 5 tokens used in UTC day 2025-03-03
    $ tokenquota observe p 1 --at 2024-02-29T00:00:00Z -v
    p: available; 1 token used in UTC day 2024-02-29
    $ tokenquota observe p 1 --at 2025-03-03T00:30:00+01:00 -v
    p: available; 1 token used in UTC day 2025-03-02
    $ tokenquota observe p 1 --at 2025-03-03
    $ tokenquota observe p 1 --at 2025-03-03T10:00:00
    tokenquota: observe: --at "2025-03-03T10:00:00" has no zone; end it in Z for UTC, or in one such as +01:00
    (exit 2)
    $ tokenquota observe p 1 --at 2025-02-29T00:00:00Z
    tokenquota: observe: --at "2025-02-29T00:00:00Z" does not exist
    (exit 2)
    $ tokenquota observe p 1 --at 2025-13-01T00:00:00Z
    tokenquota: observe: --at "2025-13-01T00:00:00Z" does not exist
    (exit 2)
    $ tokenquota observe p 1 --at 2025-03-03T24:00:00Z
    tokenquota: observe: --at "2025-03-03T24:00:00Z" does not exist
    (exit 2)
    $ tokenquota observe p 1 --at 2025-03-03T10:00:60Z
    tokenquota: observe: --at "2025-03-03T10:00:60Z" does not exist
    (exit 2)
    $ tokenquota observe p 1 --at 2025-03-03T10:00:00.Z
    tokenquota: observe: --at "2025-03-03T10:00:00.Z" is not a time; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, now+15m, 7d (7 days ago), yesterday, today or tomorrow
    (exit 2)
    $ tokenquota observe p 1 --at 2025-03-03T10:00:00+1
    tokenquota: observe: --at "2025-03-03T10:00:00+1" is not a time; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, now+15m, 7d (7 days ago), yesterday, today or tomorrow
    (exit 2)
    $ tokenquota observe p 1 --at 2025-03-03T10:00:00+24:00
    tokenquota: observe: --at "2025-03-03T10:00:00+24:00" does not exist
    (exit 2)
    $ tokenquota observe p 1 --at 2025-03-03T10:00:00Zulu
    tokenquota: observe: --at "2025-03-03T10:00:00Zulu" is not a time; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, now+15m, 7d (7 days ago), yesterday, today or tomorrow
    (exit 2)
    $ tokenquota observe p 1 --at 100000000001
    tokenquota: observe: --at "100000000001" is before 2001, and no date; write 20260305 or 2026-03-05
    (exit 2)
    $ tokenquota observe p 1 --at 1741000000000
    $ tokenquota observe p 1 --at 1741000000000000
    $ tokenquota observe p 1 --at 1741000000000000000
    $ tokenquota observe p 1 --at 99999999999999999999
    tokenquota: observe: --at "99999999999999999999" is not between 1678 and 2261
    (exit 2)
    $ tokenquota observe p 1 --at 1600-01-01T00:00:00Z
    tokenquota: observe: --at "1600-01-01T00:00:00Z" is not between 1678 and 2261
    (exit 2)
    $ tokenquota observe p 1 --at 2262-01-01T00:00:00Z
    tokenquota: observe: --at "2262-01-01T00:00:00Z" is not between 1678 and 2261
    (exit 2)
    $ tokenquota observe p 1 --at -5
    tokenquota: observe: --at "-5" is before 2001, and no date; write 20260305 or 2026-03-05
    (exit 2)
    $ tokenquota observe p 1 --at 5.
    tokenquota: observe: --at "5." is not a time; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, now+15m, 7d (7 days ago), yesterday, today or tomorrow
    (exit 2)
    $ tokenquota observe p 1 --at now-
    tokenquota: observe: --at "now-" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
    (exit 2)
    $ tokenquota observe p 1 --at now+
    tokenquota: observe: --at "now+" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
    (exit 2)
    $ tokenquota observe p 1 --at now+5
    tokenquota: observe: --at "now+5" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
    (exit 2)
    $ tokenquota observe p 1 --at nowish
    tokenquota: observe: --at "nowish" is not a time; write now, now+15m or now-15m
    (exit 2)
    $ tokenquota observe p 1 --at yesterday
    $ tokenquota observe p 1 --at 
    tokenquota: observe: --at "" is not a time; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, now+15m, 7d (7 days ago), yesterday, today or tomorrow
    (exit 2)
    now is an instant

near_names
  $ # A name that was never counted, beside one that was and looks like it, is counted and said.
  $ . ./say.sh
  $ say observe openai 5 --at $A
  $ say observe opneai 5 --at $A
  $ say observe opneai 5 --at $A
  $ say observe openai:1 5 --at $A
  $ say route 'openai:*' --at $A
  $ say observe openai:2 5 --at $A
  $ say observe claude 5 --at $A
  $ say observe claude-api 5 --at $A
  $ say route opanai --at $A
  $ say route cluade --at $A
  $ say route openai:3 openai:1 --at $A
  $ say route claud claude --at $A
  $ say mark cluade exhausted --for 1h --at $A
  $ say route nothing-like-it --at $A
  $ say budget opanai
  $ "$TQ" route opanai --at $A --json | head -n 3
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota observe opneai 5 --at 2025-03-03T16:45:30Z
    tokenquota: observe: note: "opneai" was never counted before; did you mean "openai"?
    $ tokenquota observe opneai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota observe openai:1 5 --at 2025-03-03T16:45:30Z
    tokenquota: observe: note: "openai:1" was never counted before; did you mean "openai"?
    $ tokenquota route openai:* --at 2025-03-03T16:45:30Z
    tokenquota: route: note: "openai:*" was never counted before; did you mean "openai:1"?
    openai:*
    $ tokenquota observe openai:2 5 --at 2025-03-03T16:45:30Z
    $ tokenquota observe claude 5 --at 2025-03-03T16:45:30Z
    $ tokenquota observe claude-api 5 --at 2025-03-03T16:45:30Z
    $ tokenquota route opanai --at 2025-03-03T16:45:30Z
    tokenquota: route: note: "opanai" was never counted before; did you mean "openai"?
    opanai
    $ tokenquota route cluade --at 2025-03-03T16:45:30Z
    tokenquota: route: note: "cluade" was never counted before; did you mean "claude"?
    cluade
    $ tokenquota route openai:3 openai:1 --at 2025-03-03T16:45:30Z
    openai:3
    $ tokenquota route claud claude --at 2025-03-03T16:45:30Z
    claud
    $ tokenquota mark cluade exhausted --for 1h --at 2025-03-03T16:45:30Z
    tokenquota: mark: note: "cluade" was never counted before; did you mean "claude"?
    cluade: quota_exhausted (marked) until 2025-03-03 17:45:30Z (2025-03-03 18:45:30 CET), in 1 h; 0 tokens used in UTC day 2025-03-03
    $ tokenquota route nothing-like-it --at 2025-03-03T16:45:30Z
    nothing-like-it
    $ tokenquota budget opanai
    tokenquota: budget: unknown provider "opanai"; did you mean "openai"?
    (exit 2)
    tokenquota: route: note: "opanai" was never counted before; did you mean "openai"?
    {
      "schema": 1,
      "provider": "opanai",

observe
  $ . ./say.sh
  $ say observe openai 1200 --at $A
  $ say rule openai off
  $ say budget openai 5k
  $ say observe openai 3.5k --at $A --verbose
  $ say observe openai 200 --at $A --check
  $ say observe openai 100 --at $A --check
  $ say observe openai 1 --at $A -vc
  $ say observe anthropic 100k --at $A -v
  $ say observe openai 0 --at 2025-03-04T00:00:00Z -v
  $ say observe --at $A -v -- -odd-name- 5
  $ say_same observe openai 1 --at $A --json
    $ tokenquota observe openai 1200 --at 2025-03-03T16:45:30Z
    $ tokenquota rule openai off
    $ tokenquota budget openai 5k
    $ tokenquota observe openai 3.5k --at 2025-03-03T16:45:30Z --verbose
    openai: available; 4,700 of 5,000 tokens used in UTC day 2025-03-03
    $ tokenquota observe openai 200 --at 2025-03-03T16:45:30Z --check
    $ tokenquota observe openai 100 --at 2025-03-03T16:45:30Z --check
    (exit 1)
    $ tokenquota observe openai 1 --at 2025-03-03T16:45:30Z -vc
    openai: quota_exhausted (spent) until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h 15 min; 5,001 of 5,000 tokens used in UTC day 2025-03-03
    (exit 1)
    $ tokenquota observe anthropic 100k --at 2025-03-03T16:45:30Z -v
    anthropic: available; 100,000 tokens used in UTC day 2025-03-03
    $ tokenquota observe openai 0 --at 2025-03-04T00:00:00Z -v
    openai: available; 0 of 5,000 tokens used in UTC day 2025-03-04
    $ tokenquota observe --at 2025-03-03T16:45:30Z -v -- -odd-name- 5
    -odd-name-: available; 5 tokens used in UTC day 2025-03-03
    $ tokenquota observe openai 1 --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "version": "NUMBER",
      "path": "ledger",
      "at": "2025-03-03T16:45:30Z",
      "day_ends_at": "2025-03-04T00:00:00Z",
      "ledger": {
        "history_days": 64,
        "rule": "care",
        "providers": 3,
        "slots": 3,
        "file_bytes": BYTES,
        "late": 1,
        "too_old": 0,
        "clock": 0,
        "saturated": 0,
        "ahead": 0,
        "rebuilt": 0,
        "recovered": 0
      },
      "providers": [
        {
          "provider": "openai",
          "used": 5002,
          "budget": 5000,
          "burn_rate_per_hour": 298,
          "projection": 7164,
          "lasts": false,
          "sentence": "budget spent: 5,002 of 5,000 tokens used in this UTC day; out until 2025-03-04 00:00:00 UTC, in 7 h 15 min, or until the budget is raised",
          "pool": null,
          "holds": null,
          "limits": [],
          "rule": "off",
          "cut_off": null,
          "state": "quota_exhausted",
          "reason": "spent",
          "reasons": [
            "spent"
          ],
          "retry_at": "2025-03-04T00:00:00Z",
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
      ]
    }

observe_clock
  $ . ./say.sh
  $ # What a limit refuses is said, counted, and changes nothing.
  $ say observe openai 7 --at 2019-12-31T23:59:59Z
  $ "$TQ" observe openai 7 --at now+2d 2>&1 | sed 's/[0-9-]\{10\} [0-9:]\{8\}Z/INSTANT/g'
  $ say observe openai 7 --at $A
  $ say ledger create --ledger small --days 8
  $ say observe openai 7 --at $A --ledger small
  $ say observe openai 7 --at 2025-02-23T12:00:00Z --ledger small
  $ say observe openai 7 --at 2025-02-24T12:00:00Z --ledger small
  $ "$TQ" ledger check | grep -E '^(clock|late|too old)'
  $ "$TQ" ledger check --ledger small | grep -E '^(clock|late|too old)'
  $ say ledger dump --ledger small | grep openai
    $ tokenquota observe openai 7 --at 2019-12-31T23:59:59Z
    tokenquota: observe: "openai": not counted: 2019-12-31 23:59:59Z is before 2020; is --at right?
    (exit 2)
    tokenquota: observe: "openai": not counted: INSTANT is more than 5 minutes ahead of the clock, which says INSTANT
    $ tokenquota observe openai 7 --at 2025-03-03T16:45:30Z
    $ tokenquota ledger create --ledger small --days 8
    small
    $ tokenquota observe openai 7 --at 2025-03-03T16:45:30Z --ledger small
    $ tokenquota observe openai 7 --at 2025-02-23T12:00:00Z --ledger small
    tokenquota: observe: "openai": not counted: 2025-02-23 is too old; the ledger keeps 8 days
    (exit 2)
    $ tokenquota observe openai 7 --at 2025-02-24T12:00:00Z --ledger small
    late               0  records of an earlier day, counted for it
    too old            0  records of a day that is no longer kept, refused
    clock              2  records before 2020 or ahead of the clock, refused
    late               1  records of an earlier day, counted for it
    too old            1  records of a day that is no longer kept, refused
    clock              0  records before 2020 or ahead of the clock, refused
    {"provider":"openai","budget":null,"rule":null,"care":null,"pool":null,"weights_thousandths":{"input":1000,"cache_read":1000,"cache_write":1000,"output":1000},"price_micro_usd":{"input":null,"cache_read":null,"cache_write":null,"output":null},"overage":"allow","cut":"share","marked":false,"retry_at":null,"limits":[],"days":[{"day":"2025-03-03","used":7},{"day":"2025-02-24","used":7}]}

observe_quiet
  $ . ./say.sh
  $ say observe openai 1200 --at $A
  $ say observe openai 1200
    $ tokenquota observe openai 1200 --at 2025-03-03T16:45:30Z
    $ tokenquota observe openai 1200

observe_same
  $ # The library's own arithmetic, done again by awk: the first record of a day with used x 24 h > budget x elapsed.
  $ "$TQ" replay "$cases/../../sample/usage.csv" -b openai=5M --rule original | awk '/-> quota_exhausted/ { print substr($1, 9) "T" $2 }'
  $ awk -F'[-:TZ,]' '$8 == "openai" {
  $     if ($3 != day) { day = $3; used = 0; out = 0 }
  $     used += $9 + $10
  $     elapsed = $4 * 3600 + $5 * 60 + $6
  $     if (!out && (used >= 5000000 || used * 86400 > 5000000 * elapsed)) { out = 1; print $3 "T" $4 ":" $5 ":" $6 "Z" }
  $ }' "$cases/../../sample/usage.csv"
    02T14:32:46Z
    03T17:29:10Z
    04T13:17:52Z
    05T13:53:46Z
    02T14:32:46Z
    03T17:29:10Z
    04T13:17:52Z
    05T13:53:46Z

observe_usage
  $ . ./say.sh
  $ say observe openai --usage openai_200.http --at $A -v
  $ tail -n 3 openai_200.http > body.json
  $ say observe openai --usage body.json --at $A -v
  $ "$TQ" observe openai --usage - --at $A -v < body.json
  $ say observe openai --usage body.json --profile openai --check --at $A
  $ cat > events <<'END'
  $ event: message_start
  $ data: {"type":"message_start","message":{"usage":{"input_tokens":10,"cache_creation_input_tokens":100,"cache_read_input_tokens":5000,"output_tokens":1}}}
  $ 
  $ event: message_delta
  $ data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":50}}
  $ 
  $ event: message_stop
  $ data: {"type":"message_stop"}
  $ 
  $ END
  $ say observe claude --usage events --at $A -v
  $ say signal openai_429.http --provider openai --at $A | tail -n 2
  $ say observe openai --usage body.json --at 2025-03-03T16:45:33Z -v
  $ say observe openai --usage body.json --sent-at 2025-03-03T16:45:32Z --at 2025-03-03T16:45:33Z -v
  $ say observe openai --usage openai_429.http --at $A
  $ say observe openai 5 --usage body.json
  $ say observe --usage body.json
  $ say observe openai 5 --profile openai
  $ say observe openai 5 --sent-at now
  $ say observe openai --usage nowhere.json
  $ say observe openai --usage body.json --profile opemai
  $ say observe openai --usage body.json --sent-at soon
    $ tokenquota observe openai --usage openai_200.http --at 2025-03-03T16:45:30Z -v
    openai: available; 221 tokens used in UTC day 2025-03-03
    $ tokenquota observe openai --usage body.json --at 2025-03-03T16:45:30Z -v
    openai: available; 442 tokens used in UTC day 2025-03-03
    openai: available; 663 tokens used in UTC day 2025-03-03
    $ tokenquota observe openai --usage body.json --profile openai --check --at 2025-03-03T16:45:30Z
    $ tokenquota observe claude --usage events --at 2025-03-03T16:45:30Z -v
    claude: available; 160 tokens used in UTC day 2025-03-03
    openai: wait 12 s: OpenAI throttles tokens, and said so at 2025-03-03 16:45:30 UTC; it ends sooner if a request sent later succeeds
    (exit 1)
    $ tokenquota observe openai --usage body.json --at 2025-03-03T16:45:33Z -v
    openai: throttled: wait 9 s; 1,105 tokens used in UTC day 2025-03-03
    $ tokenquota observe openai --usage body.json --sent-at 2025-03-03T16:45:32Z --at 2025-03-03T16:45:33Z -v
    openai: available; 1,326 tokens used in UTC day 2025-03-03
    $ tokenquota observe openai --usage openai_429.http --at 2025-03-03T16:45:30Z
    tokenquota: observe: "openai": not counted: the response does not say what it used
    (exit 2)
    $ tokenquota observe openai 5 --usage body.json
    tokenquota: observe: with --usage it takes a PROVIDER and no TOKENS
    (exit 2)
    $ tokenquota observe --usage body.json
    tokenquota: observe: it takes a PROVIDER and a number of TOKENS, as in: tokenquota observe openai 1200
    (exit 2)
    $ tokenquota observe openai 5 --profile openai
    tokenquota: observe: --profile and --sent-at go with --usage
    (exit 2)
    $ tokenquota observe openai 5 --sent-at now
    tokenquota: observe: --profile and --sent-at go with --usage
    (exit 2)
    $ tokenquota observe openai --usage nowhere.json
    tokenquota: observe: nowhere.json: No such file or directory
    (exit 2)
    $ tokenquota observe openai --usage body.json --profile opemai
    tokenquota: observe: there is no profile "opemai"; did you mean "openai"?
    (exit 2)
    $ tokenquota observe openai --usage body.json --sent-at soon
    tokenquota: observe: --sent-at "soon" is not a time; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, now+15m, 7d (7 days ago), yesterday, today or tomorrow
    (exit 2)

observe_wrong
  $ . ./say.sh
  $ say observe
  $ say observe openai
  $ say observe openai 1 2
  $ say observe openai many
  $ say observe openai -5
  $ say observe openai 1.5
  $ say observe openai 9223372036854775808
  $ say observe '' 5
  $ say observe "$(printf 'a\001b')" 5
  $ say observe "$(printf '%256s' x)" 5
  $ say observe openai 5 --att now
  $ ls ledger 2>/dev/null
  $ say ledger names
    $ tokenquota observe
    tokenquota: observe: it takes a PROVIDER and a number of TOKENS, as in: tokenquota observe openai 1200
    (exit 2)
    $ tokenquota observe openai
    tokenquota: observe: it takes a PROVIDER and a number of TOKENS, as in: tokenquota observe openai 1200
    (exit 2)
    $ tokenquota observe openai 1 2
    tokenquota: observe: it takes a PROVIDER and a number of TOKENS, as in: tokenquota observe openai 1200
    (exit 2)
    $ tokenquota observe openai many
    tokenquota: observe: "many" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
    (exit 2)
    $ tokenquota observe openai -5
    tokenquota: observe: "-5": to subtract tokens use: tokenquota correct PROVIDER -5
    (exit 2)
    $ tokenquota observe openai 1.5
    tokenquota: observe: "1.5" is not a whole number of tokens
    (exit 2)
    $ tokenquota observe openai 9223372036854775808
    tokenquota: observe: "9223372036854775808" is too many tokens; the most is 9223372036854775807
    (exit 2)
    $ tokenquota observe  5
    tokenquota: observe: "": not counted: provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota observe ab 5
    tokenquota: observe: "a\x01b": not counted: provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota observe                                                                                                                                                                                                                                                                x 5
    tokenquota: observe: "                                                                                                                                                                                                                                                               x": not counted: provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota observe openai 5 --att now
    tokenquota: observe: unknown option "--att"; did you mean "--at"?
    (exit 2)
    ledger
    $ tokenquota ledger names

terminal_ask
  ? script
  $ # On a terminal what cannot be undone is asked for. What the terminal echoes of the answer, and when, is its own.
  $ script -qec true /dev/null < /dev/null > no-pty 2>&1 || { echo "no pseudo-terminals here" >&2; exit 77; }
  $ "$TQ" observe openai 1200 --at 2025-03-03T16:45:30Z
  $ for answer in n y; do
  $     for words in 'reset openai' 'reset --all' 'forget openai'; do
  $         printf '%s\n' "$answer" | script -qec "\"\$TQ\" $words; echo exit \$?" /dev/null | tr -d '\r' |
  $             grep -oE 'Forget.*\[y/N\]|tokenquota: .*|exit [0-9]'
  $     done
  $ done
  $ "$TQ" ledger names
    Forget what "openai" used, on all days? [y/N]
    tokenquota: reset: nothing was changed
    exit 1
    Forget what all providers used, on all days? [y/N]
    tokenquota: reset: nothing was changed
    exit 1
    Forget "openai": usage, limits, settings and marks? [y/N]
    tokenquota: forget: nothing was changed
    exit 1
    Forget what "openai" used, on all days? [y/N]
    exit 0
    Forget what all providers used, on all days? [y/N]
    exit 0
    Forget "openai": usage, limits, settings and marks? [y/N]
    exit 0

observe_classes
  $ . ./say.sh
  $ for unit in tokens input output total requests cost weighted; do say limit openai add $unit per day --at $A; done
  $ say set openai weights=cache_read:0.1,output:5 price=input:3,cache_read:0.3,output:15
  $ say observe openai --input 1000 --cache-read 4k --output 200 --at $A
  $ say limit openai --at $A
  $ say observe openai 100 --input 7 --cache-write 5 --at $A
  $ say observe openai 3 --cost '$1,000.25' --at $A
  $ say observe openai --cost 0.000000001 --at $A
  $ say limit openai --at $A
  $ say observe openai --usage openai_200.http --cost 0.5 --at $A
  $ say limit openai --at $A
    $ tokenquota limit openai add tokens per day --at 2025-03-03T16:45:30Z
    limit 1: tokens per day; 0 used; resets 01:00, in 7 h 15 min
    $ tokenquota limit openai add input per day --at 2025-03-03T16:45:30Z
    limit 2: input per day; 0 used; resets 01:00, in 7 h 15 min
    $ tokenquota limit openai add output per day --at 2025-03-03T16:45:30Z
    limit 3: output per day; 0 used; resets 01:00, in 7 h 15 min
    $ tokenquota limit openai add total per day --at 2025-03-03T16:45:30Z
    limit 4: total per day; 0 used; resets 01:00, in 7 h 15 min
    $ tokenquota limit openai add requests per day --at 2025-03-03T16:45:30Z
    limit 5: requests per day; 0 used; resets 01:00, in 7 h 15 min
    $ tokenquota limit openai add cost per day --at 2025-03-03T16:45:30Z
    limit 6: cost per day; $0.00 used; resets 01:00, in 7 h 15 min
    $ tokenquota limit openai add weighted per day --at 2025-03-03T16:45:30Z
    limit 7: weighted per day; 0 used; resets 01:00, in 7 h 15 min
    $ tokenquota set openai weights=cache_read:0.1,output:5 price=input:3,cache_read:0.3,output:15
    $ tokenquota observe openai --input 1000 --cache-read 4k --output 200 --at 2025-03-03T16:45:30Z
    $ tokenquota limit openai --at 2025-03-03T16:45:30Z
    openai
      1  tokens per day; 1,200 used; resets 01:00, in 7 h 15 min
      2  input per day; 5,000 used; resets 01:00, in 7 h 15 min
      3  output per day; 200 used; resets 01:00, in 7 h 15 min
      4  total per day; 5,200 used; resets 01:00, in 7 h 15 min
      5  requests per day; 1 used; resets 01:00, in 7 h 15 min
      6  cost per day; $0.01 used; resets 01:00, in 7 h 15 min
      7  weighted per day; 2,400 used; resets 01:00, in 7 h 15 min
    $ tokenquota observe openai 100 --input 7 --cache-write 5 --at 2025-03-03T16:45:30Z
    $ tokenquota observe openai 3 --cost $1,000.25 --at 2025-03-03T16:45:30Z
    $ tokenquota observe openai --cost 0.000000001 --at 2025-03-03T16:45:30Z
    $ tokenquota limit openai --at 2025-03-03T16:45:30Z
    openai
      1  tokens per day; 1,303 used; resets 01:00, in 7 h 15 min
      2  input per day; 5,012 used; resets 01:00, in 7 h 15 min
      3  output per day; 200 used; resets 01:00, in 7 h 15 min
      4  total per day; 5,215 used; resets 01:00, in 7 h 15 min
      5  requests per day; 4 used; resets 01:00, in 7 h 15 min
      6  cost per day; $1,000.26 used; resets 01:00, in 7 h 15 min
      7  weighted per day; 2,415 used; resets 01:00, in 7 h 15 min
    openai, limit 6 (day): 1 record without a cost, not counted; a price of each class gives one: tokenquota set --help
    $ tokenquota observe openai --usage openai_200.http --cost 0.5 --at 2025-03-03T16:45:30Z
    $ tokenquota limit openai --at 2025-03-03T16:45:30Z
    openai
      1  tokens per day; 1,524 used; resets 01:00, in 7 h 15 min
      2  input per day; 6,212 used; resets 01:00, in 7 h 15 min
      3  output per day; 245 used; resets 01:00, in 7 h 15 min
      4  total per day; 6,460 used; resets 01:00, in 7 h 15 min
      5  requests per day; 5 used; resets 01:00, in 7 h 15 min
      6  cost per day; $1,000.76 used; resets 01:00, in 7 h 15 min
      7  weighted per day; 2,919 used; resets 01:00, in 7 h 15 min
    openai, limit 6 (day): 1 record without a cost, not counted; a price of each class gives one: tokenquota set --help

observe_classes_errors
  $ . ./say.sh
  $ say observe openai
  $ say observe openai --input x
  $ say observe openai --cache-read -5
  $ say observe openai --cost x
  $ say observe openai --cost -1
  $ say observe openai --cost 0.0000000001
  $ say observe openai 5 --usage - --input 4
  $ say observe openai --usage - --input 4
  $ say observe openai --input 4 --profile openai
    $ tokenquota observe openai
    tokenquota: observe: it takes a PROVIDER and a number of TOKENS, as in: tokenquota observe openai 1200
    (exit 2)
    $ tokenquota observe openai --input x
    tokenquota: observe: --input "x" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
    (exit 2)
    $ tokenquota observe openai --cache-read -5
    tokenquota: observe: --cache-read "-5" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
    (exit 2)
    $ tokenquota observe openai --cost x
    tokenquota: observe: --cost "x" is not a number of dollars; write for example 0.0123
    (exit 2)
    $ tokenquota observe openai --cost -1
    tokenquota: observe: --cost "-1" is not a number of dollars; write for example 0.0123
    (exit 2)
    $ tokenquota observe openai --cost 0.0000000001
    tokenquota: observe: --cost "0.0000000001" is not a number of dollars; write for example 0.0123
    (exit 2)
    $ tokenquota observe openai 5 --usage - --input 4
    tokenquota: observe: with --usage it takes a PROVIDER and no TOKENS
    (exit 2)
    $ tokenquota observe openai --usage - --input 4
    tokenquota: observe: with --usage the response says how many tokens of each class: leave --input and so on out
    (exit 2)
    $ tokenquota observe openai --input 4 --profile openai
    tokenquota: observe: --profile and --sent-at go with --usage
    (exit 2)
