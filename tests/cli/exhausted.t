exhausted
  $ . ./say.sh
  $ say mark openai exhausted --until 2025-03-03T17:00:00Z --at $A
  $ say mark gemini exhausted --until tomorrow --at $A
  $ say observe anthropic 5 --at $A
  $ say exhausted --at $A
  $ say exhausted --json --at $A
  $ say exhausted --at 2025-03-03T17:00:00Z
  $ say exhausted --at 2025-03-04T00:00:00Z
  $ say exhausted --all --at 2025-03-04T00:00:00Z
  $ say exhausted --all --json --at 2025-03-03T17:00:00Z
  $ say limit spent add "5 tokens per day" --at $A
  $ say observe spent 9 --at $A
  $ say exhausted --all --at 2025-03-03T17:00:00Z
  $ say exhausted openai
    $ tokenquota mark openai exhausted --until 2025-03-03T17:00:00Z --at 2025-03-03T16:45:30Z
    openai: quota_exhausted (marked) until 2025-03-03 17:00:00Z (2025-03-03 18:00:00 CET), in 14 min 30 s; 0 tokens used in UTC day 2025-03-03
    $ tokenquota mark gemini exhausted --until tomorrow --at 2025-03-03T16:45:30Z
    gemini: quota_exhausted (marked) until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h 15 min; 0 tokens used in UTC day 2025-03-03
    $ tokenquota observe anthropic 5 --at 2025-03-03T16:45:30Z
    $ tokenquota exhausted --at 2025-03-03T16:45:30Z
    openai  until 2025-03-03 17:00:00Z (2025-03-03 18:00:00 CET), in 14 min 30 s; marked
    gemini  until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h 15 min; marked
    (exit 1)
    $ tokenquota exhausted --json --at 2025-03-03T16:45:30Z
    {
      "schema": 1,
      "at": "2025-03-03T16:45:30Z",
      "exhausted": [
        {
          "provider": "openai",
          "state": "quota_exhausted",
          "reason": "marked",
          "retry_at": "2025-03-03T17:00:00Z"
        },
        {
          "provider": "gemini",
          "state": "quota_exhausted",
          "reason": "marked",
          "retry_at": "2025-03-04T00:00:00Z"
        }
      ]
    }
    (exit 1)
    $ tokenquota exhausted --at 2025-03-03T17:00:00Z
    gemini  until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h; marked
    (exit 1)
    $ tokenquota exhausted --at 2025-03-04T00:00:00Z
    $ tokenquota exhausted --all --at 2025-03-04T00:00:00Z
    openai  until 2025-03-03 17:00:00Z (2025-03-03 18:00:00 CET), which has passed
    gemini  until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), which has passed
    $ tokenquota exhausted --all --json --at 2025-03-03T17:00:00Z
    {
      "schema": 1,
      "at": "2025-03-03T17:00:00Z",
      "exhausted": [
        {
          "provider": "openai",
          "state": "available",
          "reason": null,
          "retry_at": "2025-03-03T17:00:00Z"
        },
        {
          "provider": "gemini",
          "state": "quota_exhausted",
          "reason": "marked",
          "retry_at": "2025-03-04T00:00:00Z"
        }
      ]
    }
    (exit 1)
    $ tokenquota limit spent add 5 tokens per day --at 2025-03-03T16:45:30Z
    limit 1: 5 tokens per day; 0 used, 0%; lasts, resets 01:00, in 7 h 15 min
    $ tokenquota observe spent 9 --at 2025-03-03T16:45:30Z
    $ tokenquota exhausted --all --at 2025-03-03T17:00:00Z
    openai  until 2025-03-03 17:00:00Z (2025-03-03 18:00:00 CET), which has passed
    gemini  until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h; marked
    spent   until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h; spent: limit 1, tokens per day
    (exit 1)
    $ tokenquota exhausted openai
    tokenquota: exhausted: unexpected "openai"; for one provider use: tokenquota status PROVIDER
    (exit 2)
