lengths
  $ . ./say.sh
  $ for length in 15m 1h30m 90s 2d 500ms 1d2h3m4s5ms; do
  $     say mark p exhausted --for $length --at $A
  $ done
  $ for length in 0s 15 3x -5m 1h-5m 99999999d 99999999999999999999s 10000000000d ''; do
  $     say mark p exhausted --for "$length" --at $A
  $ done
    $ tokenquota mark p exhausted --for 15m --at 2025-03-03T16:45:30Z
    p: quota_exhausted (marked) until 2025-03-03 17:00:30Z (2025-03-03 18:00:30 CET), in 15 min; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark p exhausted --for 1h30m --at 2025-03-03T16:45:30Z
    p: quota_exhausted (marked) until 2025-03-03 18:15:30Z (2025-03-03 19:15:30 CET), in 1 h 30 min; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark p exhausted --for 90s --at 2025-03-03T16:45:30Z
    p: quota_exhausted (marked) until 2025-03-03 16:47:00Z (2025-03-03 17:47:00 CET), in 1 min 30 s; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark p exhausted --for 2d --at 2025-03-03T16:45:30Z
    p: quota_exhausted (marked) until 2025-03-05 16:45:30Z (2025-03-05 17:45:30 CET), in 2 d; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark p exhausted --for 500ms --at 2025-03-03T16:45:30Z
    p: quota_exhausted (marked) until 2025-03-03 16:45:30Z (2025-03-03 17:45:30 CET), in 1 s; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark p exhausted --for 1d2h3m4s5ms --at 2025-03-03T16:45:30Z
    p: quota_exhausted (marked) until 2025-03-04 18:48:34Z (2025-03-04 19:48:34 CET), in 1 d 3 h; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark p exhausted --for 0s --at 2025-03-03T16:45:30Z
    tokenquota: mark: --for "0s" must be longer than 0
    (exit 2)
    $ tokenquota mark p exhausted --for 15 --at 2025-03-03T16:45:30Z
    tokenquota: mark: --for "15" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
    (exit 2)
    $ tokenquota mark p exhausted --for 3x --at 2025-03-03T16:45:30Z
    tokenquota: mark: --for "3x" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
    (exit 2)
    $ tokenquota mark p exhausted --for -5m --at 2025-03-03T16:45:30Z
    tokenquota: mark: --for "-5m" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
    (exit 2)
    $ tokenquota mark p exhausted --for 1h-5m --at 2025-03-03T16:45:30Z
    tokenquota: mark: --for "1h-5m" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
    (exit 2)
    $ tokenquota mark p exhausted --for 99999999d --at 2025-03-03T16:45:30Z
    tokenquota: mark: --for "99999999d" is too long
    (exit 2)
    $ tokenquota mark p exhausted --for 99999999999999999999s --at 2025-03-03T16:45:30Z
    tokenquota: mark: --for "99999999999999999999s" is too long
    (exit 2)
    $ tokenquota mark p exhausted --for 10000000000d --at 2025-03-03T16:45:30Z
    tokenquota: mark: --for "10000000000d" is too long
    (exit 2)
    $ tokenquota mark p exhausted --for  --at 2025-03-03T16:45:30Z
    tokenquota: mark: --for "" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
    (exit 2)

mark
  $ . ./say.sh
  $ say mark openai exhausted --until tomorrow --at $A
  $ say mark openai exhausted --until 2025-03-03T17:00:00Z --at $A
  $ say mark openai exhausted --until now+15m --at $A
  $ say mark openai exhausted --for 1h30m --at $A
  $ say mark openai exhausted --until 1741000000 --at 2025-03-03T09:00:00Z
  $ say_same mark openai exhausted --for 15m --at $A --json
  $ say mark openai available --at $A
  $ say mark openai exhausted
  $ say mark openai exhausted --for 15m --until tomorrow
  $ say mark openai available --for 15m
  $ say mark openai exhausted --until 2020-01-01T00:00:00Z --at $A
  $ say mark openai exhausted --until now --at $A
  $ say mark openai exhausted --until 1741000000000
  $ say mark opena available
  $ say mark openai gone
  $ say mark openai
    $ tokenquota mark openai exhausted --until tomorrow --at 2025-03-03T16:45:30Z
    openai: quota_exhausted (marked) until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h 15 min; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark openai exhausted --until 2025-03-03T17:00:00Z --at 2025-03-03T16:45:30Z
    openai: quota_exhausted (marked) until 2025-03-03 17:00:00Z (2025-03-03 18:00:00 CET), in 14 min 30 s; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark openai exhausted --until now+15m --at 2025-03-03T16:45:30Z
    openai: quota_exhausted (marked) until 2025-03-03 17:00:30Z (2025-03-03 18:00:30 CET), in 15 min; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark openai exhausted --for 1h30m --at 2025-03-03T16:45:30Z
    openai: quota_exhausted (marked) until 2025-03-03 18:15:30Z (2025-03-03 19:15:30 CET), in 1 h 30 min; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark openai exhausted --until 1741000000 --at 2025-03-03T09:00:00Z
    openai: quota_exhausted (marked) until 2025-03-03 11:06:40Z (2025-03-03 12:06:40 CET), in 2 h 7 min; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark openai exhausted --for 15m --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "version": "NUMBER",
      "path": "ledger",
      "at": "2025-03-03T16:45:30Z",
      "day_ends_at": "2025-03-04T00:00:00Z",
      "ledger": {
        "history_days": 64,
        "rule": "care",
        "providers": 1,
        "slots": 1,
        "file_bytes": BYTES,
        "late": 0,
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
          "used": 0,
          "budget": null,
          "burn_rate_per_hour": 0,
          "projection": 0,
          "sentence": "marked exhausted until 2025-03-03 17:00:30 UTC, in 15 min; marking it available clears it; 0 tokens used in this UTC day",
          "pool": null,
          "holds": null,
          "limits": [],
          "rule": "care",
          "cut_off": null,
          "state": "quota_exhausted",
          "reason": "marked",
          "reasons": [
            "marked"
          ],
          "retry_at": "2025-03-03T17:00:30Z",
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
      ]
    }
    $ tokenquota mark openai available --at 2025-03-03T16:45:30Z
    openai: available; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark openai exhausted
    tokenquota: mark: until when? give one of --until INSTANT and --for LENGTH
    (exit 2)
    $ tokenquota mark openai exhausted --for 15m --until tomorrow
    tokenquota: mark: until when? give one of --until INSTANT and --for LENGTH
    (exit 2)
    $ tokenquota mark openai available --for 15m
    tokenquota: mark: --until and --for go with exhausted
    (exit 2)
    $ tokenquota mark openai exhausted --until 2020-01-01T00:00:00Z --at 2025-03-03T16:45:30Z
    tokenquota: mark: 2020-01-01 00:00:00Z has passed; to put the provider back: tokenquota mark PROVIDER available
    (exit 2)
    $ tokenquota mark openai exhausted --until now --at 2025-03-03T16:45:30Z
    tokenquota: mark: 2025-03-03 16:45:30Z has passed; to put the provider back: tokenquota mark PROVIDER available
    (exit 2)
    $ tokenquota mark openai exhausted --until 1741000000000
    tokenquota: mark: 2025-03-03 11:06:40Z has passed; to put the provider back: tokenquota mark PROVIDER available
    (exit 2)
    $ tokenquota mark opena available
    tokenquota: mark: unknown provider "opena"; did you mean "openai"?
    (exit 2)
    $ tokenquota mark openai gone
    tokenquota: mark: it takes a PROVIDER and exhausted or available, as in: tokenquota mark openai exhausted --for 15m
    (exit 2)
    $ tokenquota mark openai
    tokenquota: mark: it takes a PROVIDER and exhausted or available, as in: tokenquota mark openai exhausted --for 15m
    (exit 2)

mark_overrules
  $ # What it overrules is said; a pool that keeps it out is put back by its own name.
  $ . ./say.sh
  $ sed 's/:43,/:100,/' claude_line.json > spent.json
  $ say statusline claude --at $A < spent.json
  $ say explain claude --at $A
  $ say mark claude available --at $A
  $ say statusline claude --at $A < spent.json
  $ say limit claude --at $A
  $ say signal openai_429.http --provider wait --at $A > /dev/null
  $ say mark wait available --at $A
  $ say set max pool=account
  $ say statusline max --at $A < spent.json
  $ say explain max --at $A
  $ say mark max available --at $A
  $ say mark account available --at $A
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    5 h 100% · resets 19:30 | 7 d 82% · Thu 13:00 | reported: out of quota until 19:30
    $ tokenquota explain claude --at 2025-03-03T16:45:30Z
    claude: out of quota in 5 h, Anthropic (subscription) said at 2025-03-03 16:45:30 UTC; a probe is due at 2025-03-03 17:45:30 UTC; out until 2025-03-03 18:30:00 UTC, in 1 h 45 min; it ends sooner if a request sent later succeeds (until 19:30 local time)
      to put it back: tokenquota mark claude available
      at its pace limit 2 (7 d) runs out 16:37, in 22 h 53 min
    (exit 1)
    $ tokenquota mark claude available --at 2025-03-03T16:45:30Z
    claude: available; 0 tokens used in UTC day 2025-03-03
      overruled: limit 1 (5 h), what the vendor said, which was out until 2025-03-03 18:30:00Z (2025-03-03 19:30:00 CET), in 1 h 45 min
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    5 h 100% · resets 19:30 | 7 d 82% · Thu 13:00 | available
    $ tokenquota limit claude --at 2025-03-03T16:45:30Z
    claude
      1  5h;
         100% used; overruled, resets 19:30, in 1 h 45 min; vendor, now;
         0 here since
      2  7d;
         82% used; runs out 16:37, resets Thu 13:00, in 2 d 20 h; vendor, now;
         0 here since
    $ tokenquota mark wait available --at 2025-03-03T16:45:30Z
    wait: available; 0 tokens used in UTC day 2025-03-03
      overruled: throttled: wait 12 s, which was out until 2025-03-03 16:45:42Z (2025-03-03 17:45:42 CET), in 12 s
    $ tokenquota set max pool=account
    $ tokenquota statusline max --at 2025-03-03T16:45:30Z
    5 h 100% · resets 19:30 | 7 d 82% · Thu 13:00 | reported: out of quota until 19:30
    $ tokenquota explain max --at 2025-03-03T16:45:30Z
    max (pool account): its pool is out: out of quota in 5 h, Anthropic (subscription) said at 2025-03-03 16:45:30 UTC; a probe is due at 2025-03-03 17:45:30 UTC; out until 2025-03-03 18:30:00 UTC, in 1 h 45 min; it ends sooner if a request sent later succeeds (until 19:30 local time)
      to put it back: tokenquota mark account available
    (exit 1)
    $ tokenquota mark max available --at 2025-03-03T16:45:30Z
    max: quota_exhausted (reported: out of quota) until 2025-03-03 18:30:00Z (2025-03-03 19:30:00 CET), in 1 h 45 min; 0 tokens used in UTC day 2025-03-03
      its pool keeps it out; to put that back: tokenquota mark account available
    $ tokenquota mark account available --at 2025-03-03T16:45:30Z
    account: available; 0 tokens used in UTC day 2025-03-03
      overruled: limit 1 (5 h), what the vendor said, which was out until 2025-03-03 18:30:00Z (2025-03-03 19:30:00 CET), in 1 h 45 min
