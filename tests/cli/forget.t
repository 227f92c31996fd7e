forget
  $ . ./say.sh
  $ say observe openai 1200 --at $A
  $ say observe anthropic 7 --at $A
  $ say budget openai 5k
  $ say mark openai exhausted --for 1h --at $A
  $ say forget openai
  $ say forget openai nobody --yes
  $ say ledger names
  $ say forget openai --yes
  $ say ledger names
  $ say exhausted --all --at $A
  $ say status openai --at $A --json | grep -E '"(provider|used|budget|state)"'
  $ say observe openai 3 --at $A -v
  $ say ledger names
  $ say forget
    $ tokenquota observe openai 1200 --at 2025-03-03T16:45:30Z
    $ tokenquota observe anthropic 7 --at 2025-03-03T16:45:30Z
    $ tokenquota budget openai 5k
    $ tokenquota mark openai exhausted --for 1h --at 2025-03-03T16:45:30Z
    openai: quota_exhausted (marked) until 2025-03-03 17:45:30Z (2025-03-03 18:45:30 CET), in 1 h; 1,200 of 5,000 tokens used in UTC day 2025-03-03
    $ tokenquota forget openai
    tokenquota: forget: there is no terminal to ask on: give --yes
    (exit 2)
    $ tokenquota forget openai nobody --yes
    tokenquota: forget: unknown provider "nobody"; `tokenquota ledger names` lists those of ledger
    (exit 2)
    $ tokenquota ledger names
    anthropic
    openai
    $ tokenquota forget openai --yes
    $ tokenquota ledger names
    anthropic
    $ tokenquota exhausted --all --at 2025-03-03T16:45:30Z
          "provider": "openai",
          "used": 0,
          "budget": null,
          "state": "available",
    $ tokenquota observe openai 3 --at 2025-03-03T16:45:30Z -v
    openai: available; 3 tokens used in UTC day 2025-03-03
    $ tokenquota ledger names
    anthropic
    openai
    $ tokenquota forget
    tokenquota: forget: it takes the PROVIDERs to forget
    (exit 2)

forget_pool: its members lose its limits, and that is said
  $ . ./say.sh
  $ say set opus pool=claude
  $ say set haiku pool=claude
  $ say set gpt pool=codex
  $ say limit claude add 5 requests per day --at $A
  $ say forget claude codex --yes
  $ say set opus | grep pool
  $ say forget opus --yes
    $ tokenquota set opus pool=claude
    $ tokenquota set haiku pool=claude
    $ tokenquota set gpt pool=codex
    $ tokenquota limit claude add 5 requests per day --at 2025-03-03T16:45:30Z
    limit 1: 5 requests per day; 0 used, 0%; lasts, resets 01:00, in 7 h 15 min
    $ tokenquota forget claude codex --yes
    tokenquota: forget: note: "claude" is the pool of "haiku" and of 1 other: its limits, budget and marks no longer hold for them
    tokenquota: forget: note: "codex" is the pool of "gpt": its limits, budget and marks no longer hold for it
    pool = claude
    $ tokenquota forget opus --yes
