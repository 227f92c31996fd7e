correct
  $ . ./say.sh
  $ say observe openai 1200 --at $A
  $ say correct openai -200 --at $A
  $ say correct openai -1k --at $A -v
  $ say correct openai -1 --at $A -v
  $ say rule openai off
  $ say budget openai 1k
  $ say observe openai 1k --at $A -v
  $ say correct openai -1 --at $A -v
  $ say_same correct openai -9 --at $A --json
  $ say correct openai -5 --at 2025-03-02T00:00:00Z -v
  $ say correct openai 5
  $ say correct openai -0
  $ say correct openai --
  $ say correct openai -x
  $ say correct opena -5
  $ say correct openai
    $ tokenquota observe openai 1200 --at 2025-03-03T16:45:30Z
    $ tokenquota correct openai -200 --at 2025-03-03T16:45:30Z
    $ tokenquota correct openai -1k --at 2025-03-03T16:45:30Z -v
    openai: available; 0 tokens used in UTC day 2025-03-03
    $ tokenquota correct openai -1 --at 2025-03-03T16:45:30Z -v
    openai: available; 0 tokens used in UTC day 2025-03-03
    $ tokenquota rule openai off
    $ tokenquota budget openai 1k
    $ tokenquota observe openai 1k --at 2025-03-03T16:45:30Z -v
    openai: quota_exhausted (spent) until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h 15 min; 1,000 of 1,000 tokens used in UTC day 2025-03-03
    $ tokenquota correct openai -1 --at 2025-03-03T16:45:30Z -v
    openai: available; 999 of 1,000 tokens used in UTC day 2025-03-03
    $ tokenquota correct openai -9 --at 2025-03-03T16:45:30Z --json
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
          "used": 990,
          "budget": 1000,
          "burn_rate_per_hour": 59,
          "projection": 1418,
          "lasts": false,
          "runs_out_at": "2025-03-03T16:55:39.393939393Z",
          "sentence": "available: 990 of 1,000 tokens used in this UTC day, 10 left",
          "pool": null,
          "holds": null,
          "limits": [],
          "rule": "off",
          "cut_off": null,
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
      ]
    }
    $ tokenquota correct openai -5 --at 2025-03-02T00:00:00Z -v
    openai: available; 0 of 1,000 tokens used in UTC day 2025-03-02
    $ tokenquota correct openai 5
    tokenquota: correct: "5": a correction takes tokens off: write -5; to add tokens use: tokenquota observe
    (exit 2)
    $ tokenquota correct openai -0
    tokenquota: correct: "-0" corrects nothing
    (exit 2)
    $ tokenquota correct openai --
    tokenquota: correct: it takes a PROVIDER and -TOKENS, as in: tokenquota correct openai -500
    (exit 2)
    $ tokenquota correct openai -x
    tokenquota: correct: unknown option "-x"; --help lists the options
    (exit 2)
    $ tokenquota correct opena -5
    tokenquota: correct: unknown provider "opena"; did you mean "openai"?
    (exit 2)
    $ tokenquota correct openai
    tokenquota: correct: it takes a PROVIDER and -TOKENS, as in: tokenquota correct openai -500
    (exit 2)
