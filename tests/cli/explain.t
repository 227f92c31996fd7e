explain
  $ . ./say.sh
  $ say observe openai 1200 --at $A
  $ say explain openai --at $A
  $ say budget openai 5k
  $ say explain openai --at $A --verbose
  $ say signal claude_429.http --provider claude --at $A > /dev/null
  $ say explain openai claude --at $A
  $ say explain claude --at $A --verbose
  $ say explain claude --at $A --json
  $ say signal openai_no_money.http --provider broke --at $A > /dev/null
  $ say_about explain broke --at $A --verbose
  $ say rule openai original
  $ say observe openai 4k --at $A
  $ say explain openai --at $A
  $ say explain
  $ say explain opemai
  $ say explain openai --at soon
    $ tokenquota observe openai 1200 --at 2025-03-03T16:45:30Z
    $ tokenquota explain openai --at 2025-03-03T16:45:30Z
    openai: available: 1,200 tokens used in this UTC day, without a budget
    $ tokenquota budget openai 5k
    $ tokenquota explain openai --at 2025-03-03T16:45:30Z --verbose
    openai: available: 1,200 of 5,000 tokens used in this UTC day, 3,800 left
      at this pace 1,719 by 01:00 CET; the budget lasts
      rule       care
      care       5/4
      used       1,200
      budget     5,000
      left       3,800
    $ tokenquota explain openai claude --at 2025-03-03T16:45:30Z
    openai: available: 1,200 of 5,000 tokens used in this UTC day, 3,800 left
      at this pace 1,719 by 01:00 CET; the budget lasts
    claude: out of quota in 5 h, Anthropic (subscription) said at 2025-03-03 16:45:30 UTC; a probe is due at 2025-03-03 17:45:30 UTC; out until 2025-03-03 18:30:00 UTC, in 1 h 45 min; it ends sooner if a request sent later succeeds (until 19:30 local time)
      to put it back: tokenquota mark claude available
    (exit 1)
    $ tokenquota explain claude --at 2025-03-03T16:45:30Z --verbose
    claude: out of quota in 5 h, Anthropic (subscription) said at 2025-03-03 16:45:30 UTC; a probe is due at 2025-03-03 17:45:30 UTC; out until 2025-03-03 18:30:00 UTC, in 1 h 45 min; it ends sooner if a request sent later succeeds (until 19:30 local time)
      to put it back: tokenquota mark claude available
      rule       care
      care       5/4
      used       0
      budget     none
      binds      1, share in 5 h
      reason     reported
      window     5 h
      profile    anthropic-subscription: Anthropic (subscription)
      class      exhausted
      said at    2025-03-03 16:45:30Z (2025-03-03 17:45:30 CET)
      probes     0 failed
      next probe 2025-03-03 17:45:30Z (2025-03-03 18:45:30 CET)
      until      2025-03-03 18:30:00Z (2025-03-03 19:30:00 CET)
      limit 1    5h;
                 100% used; spent, resets 19:30, in 1 h 45 min; vendor, now;
                 0 here since
      limit 2    7d;
                 43% used; lasts, resets Thu 13:00, in 2 d 20 h; vendor, now;
                 0 here since
    (exit 1)
    $ tokenquota explain claude --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "at": "2025-03-03T16:45:30Z",
      "providers": [
        {
          "provider": "claude",
          "sentence": "out of quota in 5 h, Anthropic (subscription) said at 2025-03-03 16:45:30 UTC; a probe is due at 2025-03-03 17:45:30 UTC; out until 2025-03-03 18:30:00 UTC, in 1 h 45 min; it ends sooner if a request sent later succeeds",
          "clear_with": "tokenquota mark claude available",
          "pool": null,
          "limits": [
            {
              "number": 1,
              "limit": "5h",
              "unit": "share",
              "window": "stated",
              "first": null,
              "length_ns": 18000000000000,
              "anchor_at": null,
              "zone": null,
              "amount": null,
              "reserve": null,
              "reserve_share": null,
              "lasts": false,
              "state": "quota_exhausted",
              "predicted": false,
              "spent": true,
              "is_held": false,
              "is_shared": false,
              "strict": false,
              "held": null,
              "flying": null,
              "others": null,
              "withheld": null,
              "heard_at": null,
              "used": 0,
              "share_ppm": 1000000,
              "start_at": "2025-03-03T13:30:00Z",
              "end_at": "2025-03-03T18:30:00Z",
              "until": "2025-03-03T18:30:00Z",
              "uncosted": null,
              "taken": false,
              "said": {
                "share_ppm": 1000000,
                "reset_at": "2025-03-03T18:30:00Z",
                "said_at": "2025-03-03T16:45:30Z",
                "age_s": 0,
                "source": "header",
                "profile": "anthropic-subscription",
                "since": 0,
                "credit": false,
                "blocks": true,
                "stops": false,
                "overruled": false,
                "doubted": false,
                "runs_out_at": null
              }
            },
            {
              "number": 2,
              "limit": "7d",
              "unit": "share",
              "window": "stated",
              "first": null,
              "length_ns": 604800000000000,
              "anchor_at": null,
              "zone": null,
              "amount": null,
              "reserve": null,
              "reserve_share": null,
              "lasts": true,
              "state": "available",
              "predicted": false,
              "spent": false,
              "is_held": false,
              "is_shared": false,
              "strict": false,
              "held": null,
              "flying": null,
              "others": null,
              "withheld": null,
              "heard_at": null,
              "used": 0,
              "share_ppm": 425000,
              "start_at": "2025-02-27T12:00:00Z",
              "end_at": "2025-03-06T12:00:00Z",
              "until": null,
              "uncosted": null,
              "taken": false,
              "said": {
                "share_ppm": 425000,
                "reset_at": "2025-03-06T12:00:00Z",
                "said_at": "2025-03-03T16:45:30Z",
                "age_s": 0,
                "source": "header",
                "profile": "anthropic-subscription",
                "since": 0,
                "credit": false,
                "blocks": false,
                "stops": false,
                "overruled": false,
                "doubted": false,
                "runs_out_at": null
              }
            }
          ],
          "rule": "care",
          "cut_off": null,
          "used": 0,
          "budget": null,
          "left": null,
          "window_ns": 18000000000000,
          "probes_failed": 0,
          "projection": 0,
          "state": "quota_exhausted",
          "reason": "reported",
          "reasons": [
            "reported"
          ],
          "retry_at": "2025-03-03T18:30:00Z",
          "limit": {
            "number": 1,
            "level": 0,
            "unit": "share",
            "window": "stated",
            "used": null,
            "amount": null,
            "reserve": null
          },
          "care": 1.25,
          "expects": null,
          "expected": null,
          "held": null,
          "others": null,
          "withheld": null,
          "heard_at": null,
          "refusal": "exhausted",
          "vendor": "Anthropic (subscription)",
          "axis": null,
          "said_at": "2025-03-03T16:45:30Z",
          "probe_at": "2025-03-03T17:45:30Z",
          "probing": false
        }
      ]
    }
    (exit 1)
    $ tokenquota explain broke --at 2025-03-03T16:45:30Z --verbose
    broke: out of money, OpenAI said at 2025-03-03 16:45:30 UTC and named no end; a probe is due at 2025-03-03 16:5x:xx UTC; it ends when the probe succeeds
      to put it back: tokenquota mark broke available
      rule       care
      care       5/4
      used       0
      budget     none
      reason     reported
      profile    openai: OpenAI
      class      no-money
      said at    2025-03-03 16:45:30Z (2025-03-03 17:45:30 CET)
      probes     0 failed
      next probe 2025-03-03 16:5x:xxZ (2025-03-03 17:5x:xx CET)
      until      no known end
    (exit 1)
    $ tokenquota rule openai original
    $ tokenquota observe openai 4k --at 2025-03-03T16:45:30Z
    $ tokenquota explain openai --at 2025-03-03T16:45:30Z
    openai: budget spent: marked exhausted until 2025-03-04 00:00:00 UTC, in 7 h 15 min; marking it available clears it; 5,200 of 5,000 tokens used in this UTC day (until 01:00 local time)
      at this pace 7,448 by 01:00 CET
    (exit 1)
    $ tokenquota explain
    tokenquota: explain: it takes a PROVIDER, as in: tokenquota explain openai
    (exit 2)
    $ tokenquota explain opemai
    tokenquota: explain: unknown provider "opemai"; did you mean "openai"?
    (exit 2)
    $ tokenquota explain openai --at soon
    tokenquota: explain: --at "soon" is not a time; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, now+15m, 7d (7 days ago), yesterday, today or tomorrow
    (exit 2)

explain_limit
  $ . ./say.sh
  $ say limit openai add "1000 requests per day Asia/Tokyo" --at $A
  $ say limit openai add '$40 per 5h first-use' --at $A
  $ say observe openai 500 --at $A
  $ say explain openai --at $A
  $ say observe openai --cost 40 --at $A
  $ say explain openai --at $A
  $ say explain openai --at $A --verbose
  $ say explain openai --at $A --json
    $ tokenquota limit openai add 1000 requests per day Asia/Tokyo --at 2025-03-03T16:45:30Z
    limit 1: 1k requests per day Asia/Tokyo;
             0 used, 0%; lasts, resets 16:00, in 22 h 15 min
    $ tokenquota limit openai add $40 per 5h first-use --at 2025-03-03T16:45:30Z
    limit 2: $40 per 5h first-use; $0.00 used, 0%; begins with a call
    $ tokenquota observe openai 500 --at 2025-03-03T16:45:30Z
    $ tokenquota explain openai --at 2025-03-03T16:45:30Z
    openai: available: 500 tokens used in this UTC day; limit 1 is the nearest: 1 of 1,000 requests used in its day
    $ tokenquota observe openai --cost 40 --at 2025-03-03T16:45:30Z
    $ tokenquota explain openai --at 2025-03-03T16:45:30Z
    openai: limit 2 is spent: $40.00 of $40.00 used in its window of 5 h; out until 2025-03-03 21:45:28 UTC, in 5 h, or until the limit is raised (until 22:45 local time)
    (exit 1)
    $ tokenquota explain openai --at 2025-03-03T16:45:30Z --verbose
    openai: limit 2 is spent: $40.00 of $40.00 used in its window of 5 h; out until 2025-03-03 21:45:28 UTC, in 5 h, or until the limit is raised (until 22:45 local time)
      rule       care
      care       5/4
      used       500
      budget     none
      binds      2, cost in 5 h: $40.00 of $40.00
      reason     spent
      window     5 h
      until      2025-03-03 21:45:28Z (2025-03-03 22:45:28 CET)
      limit 1    1k requests per day Asia/Tokyo;
                 2 used, 0%; lasts, resets 16:00, in 22 h 15 min
      limit 2    $40 per 5h first-use;
                 $40.00 used, 100%; spent, resets 22:45, in 5 h
    (exit 1)
    $ tokenquota explain openai --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "at": "2025-03-03T16:45:30Z",
      "providers": [
        {
          "provider": "openai",
          "sentence": "limit 2 is spent: $40.00 of $40.00 used in its window of 5 h; out until 2025-03-03 21:45:28 UTC, in 5 h, or until the limit is raised",
          "clear_with": null,
          "pool": null,
          "limits": [
            {
              "number": 1,
              "limit": "1k requests per day Asia/Tokyo",
              "unit": "requests",
              "window": "day",
              "first": null,
              "length_ns": null,
              "anchor_at": null,
              "zone": "Asia/Tokyo",
              "amount": 1000,
              "reserve": null,
              "reserve_share": null,
              "lasts": true,
              "state": "available",
              "predicted": false,
              "spent": false,
              "is_held": false,
              "is_shared": false,
              "strict": false,
              "held": null,
              "flying": null,
              "others": null,
              "withheld": null,
              "heard_at": null,
              "used": 2,
              "share_ppm": 2000,
              "start_at": "2025-03-03T15:00:00Z",
              "end_at": "2025-03-04T15:00:00Z",
              "until": null,
              "uncosted": null,
              "taken": false,
              "said": null
            },
            {
              "number": 2,
              "limit": "$40 per 5h first-use",
              "unit": "cost",
              "window": "first-use",
              "first": null,
              "length_ns": 18000000000000,
              "anchor_at": null,
              "zone": null,
              "amount": 40000000,
              "reserve": null,
              "reserve_share": null,
              "lasts": false,
              "state": "quota_exhausted",
              "predicted": false,
              "spent": true,
              "is_held": false,
              "is_shared": false,
              "strict": false,
              "held": null,
              "flying": null,
              "others": null,
              "withheld": null,
              "heard_at": null,
              "used": 40000000,
              "share_ppm": 1000000,
              "start_at": "2025-03-03T16:45:28Z",
              "end_at": "2025-03-03T21:45:28Z",
              "until": "2025-03-03T21:45:28Z",
              "uncosted": 1,
              "taken": false,
              "said": null
            }
          ],
          "rule": "care",
          "cut_off": null,
          "used": 500,
          "budget": null,
          "left": null,
          "window_ns": 18000000000000,
          "probes_failed": 0,
          "projection": 717,
          "state": "quota_exhausted",
          "reason": "spent",
          "reasons": [
            "spent"
          ],
          "retry_at": "2025-03-03T21:45:28Z",
          "limit": {
            "number": 2,
            "level": 0,
            "unit": "cost",
            "window": "first-use",
            "used": 40000000,
            "amount": 40000000,
            "reserve": null
          },
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
      ]
    }
    (exit 1)

explain_utc: where clocks show UTC, an end is told once
  $ . ./say.sh
  $ say mark openai exhausted --for 2h --at $A
  $ say explain openai --at $A
  $ TZ=UTC say explain openai --at $A
  $ TZ=UTC say explain openai --at 2025-03-03T16:50Z
    $ tokenquota mark openai exhausted --for 2h --at 2025-03-03T16:45:30Z
    openai: quota_exhausted (marked) until 2025-03-03 18:45:30Z (2025-03-03 19:45:30 CET), in 2 h; 0 tokens used in UTC day 2025-03-03
    $ tokenquota explain openai --at 2025-03-03T16:45:30Z
    openai: marked exhausted until 2025-03-03 18:45:30 UTC, in 2 h; marking it available clears it; 0 tokens used in this UTC day (until 19:45 local time)
      to put it back: tokenquota mark openai available
    (exit 1)
    $ tokenquota explain openai --at 2025-03-03T16:45:30Z
    openai: marked exhausted until 2025-03-03 18:45:30 UTC, in 2 h; marking it available clears it; 0 tokens used in this UTC day
      to put it back: tokenquota mark openai available
    (exit 1)
    $ tokenquota explain openai --at 2025-03-03T16:50Z
    openai: marked exhausted until 2025-03-03 18:45:30 UTC, in 1 h 56 min; marking it available clears it; 0 tokens used in this UTC day
      to put it back: tokenquota mark openai available
    (exit 1)

explain_care: a budget and a limit that will not last, by the mean call and by the last half hour
  $ . ./say.sh
  $ "$TQ" budget calls 1000
  $ "$TQ" limit limit add '1200 tokens per week reserve 200' --at $A > /dev/null
  $ for hour in 06 07 08 09 10 11 12 13; do
  $     "$TQ" observe calls 120 --at 2025-03-03T$hour:00:00Z
  $     "$TQ" observe limit 120 --at 2025-03-03T$hour:00:00Z
  $ done
  $ "$TQ" budget burst 1000
  $ "$TQ" observe burst 600 --at $A
  $ say explain calls burst limit --at $A
  $ say explain calls limit --at $A --verbose
  $ say explain burst --at $A --json | grep -E '"(rule|reason|limit|care|expects|expected)"'
  $ say explain limit --at $A --json | grep -E '"(state|predicted|spent|used|until|rule|reason|care|expects|expected)"'
  $ say explain limit --use-reserve --at $A
  $ say route limit --at $A
  $ say exhausted --at $A
    $ tokenquota explain calls burst limit --at 2025-03-03T16:45:30Z
    calls: budget nearly spent: 960 of 1,000 tokens used in this UTC day, 40 left; 5/4 of a mean call are 150; out until 2025-03-04 00:00:00 UTC, in 7 h 15 min, or until the budget is raised (until 01:00 local time)
      at this pace 1,375 by 01:00 CET; the budget runs out 18:27
    burst: budget nearly spent: 600 of 1,000 tokens used in this UTC day, 400 left; at 5/4 of the pace of the last 30 minutes 750 more are expected; out until 2025-03-03 17:14:00 UTC, in 28 min 30 s, if nothing more is recorded (until 18:14 local time)
      at this pace 860 by 01:00 CET
    limit: limit 1 will not last: 960 of 1,200 tokens used in its week, 200 kept back, 40 left; 5/4 of a mean call are 150; out until 2025-03-10 00:00:00 UTC, in 6 d 8 h, or until the limit is raised; callers that use the reserve have 240 left (until Mon 01:00 local time)
    (exit 1)
    $ tokenquota explain calls limit --at 2025-03-03T16:45:30Z --verbose
    calls: budget nearly spent: 960 of 1,000 tokens used in this UTC day, 40 left; 5/4 of a mean call are 150; out until 2025-03-04 00:00:00 UTC, in 7 h 15 min, or until the budget is raised (until 01:00 local time)
      at this pace 1,375 by 01:00 CET; the budget runs out 18:27
      rule       care
      care       5/4
      used       960
      budget     1,000
      left       40
      expects    150, 5/4 times a mean call
      reason     predicted
      window     1 d
      until      2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET)
    limit: limit 1 will not last: 960 of 1,200 tokens used in its week, 200 kept back, 40 left; 5/4 of a mean call are 150; out until 2025-03-10 00:00:00 UTC, in 6 d 8 h, or until the limit is raised; callers that use the reserve have 240 left (until Mon 01:00 local time)
      rule       care
      care       5/4
      used       960
      budget     none
      binds      1, tokens per week: 960 of 1,200, 200 kept back
      expects    150, 5/4 times a mean call
      reason     predicted
      window     7 d
      until      2025-03-10 00:00:00Z (2025-03-10 01:00:00 CET)
      limit 1    1.2k tokens per week reserve 200;
                 960 used, 80%; will not last, resets Mon 01:00, in 6 d 8 h
    (exit 1)
          "rule": "care",
          "reason": "predicted",
          "limit": null,
          "care": 1.25,
          "expects": "half_hour",
          "expected": 750,
              "state": "quota_exhausted",
              "predicted": true,
              "spent": false,
              "used": 960,
              "until": "2025-03-10T00:00:00Z",
          "rule": "care",
          "used": 960,
          "state": "quota_exhausted",
          "reason": "predicted",
            "predicted"
            "used": 960,
          "care": 1.25,
          "expects": "call",
          "expected": 150,
    $ tokenquota explain limit --use-reserve --at 2025-03-03T16:45:30Z
    limit: available: 960 tokens used in this UTC day; limit 1 is the nearest: 960 of 1,200 tokens used in its week
    $ tokenquota route limit --at 2025-03-03T16:45:30Z
    limit	2025-03-10T00:00:00Z	predicted: limit 1, tokens per week
    (exit 1)
    $ tokenquota exhausted --at 2025-03-03T16:45:30Z
    burst  until 2025-03-03 17:14:00Z (2025-03-03 18:14:00 CET), in 28 min 30 s; predicted
    calls  until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h 15 min; predicted
    limit  until 2025-03-10 00:00:00Z (2025-03-10 01:00:00 CET), in 6 d 8 h; predicted: limit 1, tokens per week
    (exit 1)

explain_lasts
  $ . ./lasts.sh
  $ say explain openai kimi claude --at $A
  $ say explain openai kimi claude --at 2026-03-05T00:10:00Z
  $ "$TQ" observe kimi 500k --at $A
  $ say explain kimi --at $A
  $ say explain kimi --at $A --json | sed -n '/"projection"/,/"state"/p'
  $ say explain openai --at $A --verbose
    $ tokenquota explain openai kimi claude --at 2026-03-05T15:00:00Z
    openai: available: 2,940,000 of 4,000,000 tokens used in this UTC day, 1,060,000 left; limit 4 is the nearest: 2,940,000 of 4,000,000 tokens used
      at this pace 4.71M by 01:00 CET; the budget runs out 21:24; 8 of 10 days like this end between 2.94M and 3.32M
      at its pace limit 1 (day Los_Angeles) runs out 01:40, in 9 h 40 min
      at its pace limit 3 (1 d rolling) runs out 02:42, in 10 h 43 min
    kimi: available: 560,000 of 1,000,000 tokens used in this UTC day, 440,000 left
      at this pace 896k by 01:00 CET; the budget lasts; 560k is more than on any of the last 14 days
    claude: available: 0 tokens used in this UTC day, without a budget
      at its pace limit 1 (5 h) runs out 17:22, in 1 h 23 min
    $ tokenquota explain openai kimi claude --at 2026-03-05T00:10:00Z
    openai: limit 5 is spent: 1,000,000 of 1,000,000 tokens used and not refilled; out until 2026-03-05 14:29:25 UTC, in 14 h 20 min, or until the limit is raised (until 15:29 local time)
      8 of 10 days like this end between 2.94M and 3.32M
    kimi: available: 560,000 of 1,000,000 tokens used in this UTC day, 440,000 left
      560k is more than on any of the last 14 days
    claude: available: 0 tokens used in this UTC day, without a budget
      at its pace limit 1 (5 h) runs out 17:22, in 16 h 13 min
    (exit 1)
    $ tokenquota explain kimi --at 2026-03-05T15:00:00Z
    kimi: budget spent: 1,060,000 of 1,000,000 tokens used in this UTC day; out until 2026-03-06 00:00:00 UTC, in 9 h, or until the budget is raised (until 01:00 local time)
      at this pace 1.70M by 01:00 CET; 1.06M is more than on any of the last 14 days
    (exit 1)
          "projection": 1696000,
          "interval": {
            "percent": 80,
            "days": 14
          },
          "lasts": false,
          "state": "quota_exhausted",
    $ tokenquota explain openai --at 2026-03-05T15:00:00Z --verbose
    openai: available: 2,940,000 of 4,000,000 tokens used in this UTC day, 1,060,000 left; limit 4 is the nearest: 2,940,000 of 4,000,000 tokens used
      at this pace 4.71M by 01:00 CET; the budget runs out 21:24; 8 of 10 days like this end between 2.94M and 3.32M
      at its pace limit 1 (day Los_Angeles) runs out 01:40, in 9 h 40 min
      at its pace limit 3 (1 d rolling) runs out 02:42, in 10 h 43 min
      rule       off
      used       2,940,000
      budget     4,000,000
      left       1,060,000
      nearest    4, tokens once: 2,940,000 of 4,000,000
      limit 1    5M tokens per day America/Los_Angeles;
                 2.1M used, 42%; runs out 01:40, resets 09:00, in 17 h
      limit 2    900 requests per 5h first-use;
                 4 used, 0%; lasts, resets 16:30, in 30 min
      limit 3    6M tokens per 24h rolling; 2.94M used, 49%; runs out 02:42
      limit 4    4M tokens once; 2.94M used, 74%; never resets
      limit 5    1M tokens per minute refill; 0 used, 0%
      limit 6    3M tokens per 15m from 2026-03-05T15:00Z;
                 0 used, 0%; resets 16:15, in 15 min

explain_rule_against_pace
  $ # Late in the day the pace would last, but the rule says that the budget will not: nothing says that it lasts.
  $ . ./say.sh
  $ "$TQ" budget openai 100k
  $ for minute in 00 05 10 15; do "$TQ" observe openai 20k --at 2026-03-05T22:$minute:00Z; done
  $ say explain openai --at 2026-03-05T22:16:00Z
  $ say status --at 2026-03-05T22:16:00Z --json | grep -E '"(lasts|projection|reason)"'
    $ tokenquota explain openai --at 2026-03-05T22:16:00Z
    openai: budget nearly spent: 80,000 of 100,000 tokens used in this UTC day, 20,000 left; 5/4 of a mean call are 25,000; out until 2026-03-06 00:00:00 UTC, in 1 h 44 min, or until the budget is raised (until 01:00 local time)
      at this pace 86.3k by 01:00 CET
    (exit 1)
          "projection": 86228,
          "lasts": false,
          "reason": "predicted",

explain_care_of_pool
  $ # The limit of a pool is judged by the pool's rule: a pool that is off has no care, whatever the member's is.
  $ . ./say.sh
  $ "$TQ" set account rule=off
  $ "$TQ" set member care=2 pool=account
  $ "$TQ" limit account add "100k tokens per day" --at $A > /dev/null
  $ "$TQ" observe member 100k --at $A
  $ say explain member --at $A --verbose
  $ say explain member --at $A --json | grep -E '"(rule|care)"'
  $ "$TQ" rule account care
  $ say explain member --at $A --json | grep -E '"(rule|care)"'
    $ tokenquota explain member --at 2025-03-03T16:45:30Z --verbose
    member (pool account): limit 1 of its pool is spent: 100,000 of 100,000 tokens used in its day; out until 2025-03-04 00:00:00 UTC, in 7 h 15 min, or until the limit is raised (until 01:00 local time)
      rule       care
      used       100,000
      budget     none
      binds      1 of its pool, tokens per day: 100,000 of 100,000
      reason     spent
      window     1 d
      until      2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET)
    (exit 1)
          "rule": "care",
          "care": null,
          "rule": "care",
          "care": 1.25,
