probe
  $ . ./say.sh
  $ say signal openai_no_money.http --provider openai --at $A > /dev/null
  $ say_about probe take openai --at $A
  $ say_about probe list --at $A
  $ say_about probe list --at 2025-03-03T17:00:00Z
  $ say_about probe list --at 2025-03-03T17:00:00Z --json
  $ say_about probe take openai --at 2025-03-03T17:00:00Z
  $ say_about probe take openai --at 2025-03-03T17:00:01Z
  $ say_about probe take openai --at 2025-03-03T17:00:01Z --json
  $ say_about explain openai --at 2025-03-03T17:00:01Z
  $ say_about probe list --at 2025-03-03T17:00:01Z
  $ say_about probe failure openai --at 2025-03-03T17:00:02Z
  $ say_about explain openai --at 2025-03-03T17:00:02Z --verbose
  $ say_about probe take openai --at 2025-03-03T17:30:00Z --json
  $ say probe success openai --at 2025-03-03T17:30:20Z
  $ say probe success openai --at 2025-03-03T17:30:20Z
  $ say_about probe take openai --at 2025-03-03T17:30:20Z
  $ say signal openai_no_money.http --provider openai --at $A > /dev/null
  $ say probe success openai --at 2025-03-03T17:00:00Z --sent-at 2025-03-03T16:45:29Z
  $ say probe success openai --at 2025-03-03T17:00:00Z --sent-at 2025-03-03T16:59:00Z --json | grep -E '"(state|provider)"'
  $ say probe
  $ say_about probe list openai
  $ say probe give openai
  $ say_about probe take opemai
  $ say_about probe take openai --sent-at now
    $ tokenquota probe take openai --at 2025-03-03T16:45:30Z
    not before 2025-03-03 16:5x:xxZ (2025-03-03 17:5x:xx CET), in about 5 min
    (exit 1)
    $ tokenquota probe list --at 2025-03-03T16:45:30Z
    $ tokenquota probe list --at 2025-03-03T17:00:00Z
    openai	2025-03-03T16:5x:xxZ
    $ tokenquota probe list --at 2025-03-03T17:00:00Z --json
    {
      "schema": 1,
      "at": "2025-03-03T17:00:00Z",
      "due": [
        {
          "provider": "openai",
          "due_since": "2025-03-03T16:5x:xxZ"
        }
      ]
    }
    $ tokenquota probe take openai --at 2025-03-03T17:00:00Z
    yours until 2025-03-03 17:02:00Z (2025-03-03 18:02:00 CET), in 2 min
    $ tokenquota probe take openai --at 2025-03-03T17:00:01Z
    not before 2025-03-03 17:02:00Z (2025-03-03 18:02:00 CET), in 1 min 59 s
    (exit 1)
    $ tokenquota probe take openai --at 2025-03-03T17:00:01Z --json
    {
      "schema": 1,
      "provider": "openai",
      "probe": false,
      "lease_ends_at": null,
      "probe_at": "2025-03-03T17:02:00Z"
    }
    (exit 1)
    $ tokenquota explain openai --at 2025-03-03T17:00:01Z
    openai: out of money, OpenAI said and named no end; a caller has had the probe since 2025-03-03 17:00:00 UTC; it ends when the probe succeeds
      to put it back: tokenquota mark openai available
    (exit 1)
    $ tokenquota probe list --at 2025-03-03T17:00:01Z
    $ tokenquota probe failure openai --at 2025-03-03T17:00:02Z
    openai: quota_exhausted (reported: out of money) with no known end; 0 tokens used in UTC day 2025-03-03
    $ tokenquota explain openai --at 2025-03-03T17:00:02Z --verbose
    openai: out of money, OpenAI said at 2025-03-03 17:00:02 UTC and named no end; a probe is due at 2025-03-03 17:1x:xx UTC, after 1 that failed; it ends when the probe succeeds
      to put it back: tokenquota mark openai available
      rule       care
      care       5/4
      used       0
      budget     none
      reason     reported
      profile    openai: OpenAI
      class      no-money
      said at    2025-03-03 17:00:02Z (2025-03-03 18:00:02 CET)
      probes     1 failed
      next probe 2025-03-03 17:1x:xxZ (2025-03-03 18:1x:xx CET)
      until      no known end
    (exit 1)
    $ tokenquota probe take openai --at 2025-03-03T17:30:00Z --json
    {
      "schema": 1,
      "provider": "openai",
      "probe": true,
      "lease_ends_at": "2025-03-03T17:32:00Z",
      "probe_at": null
    }
    $ tokenquota probe success openai --at 2025-03-03T17:30:20Z
    openai: available; 0 tokens used in UTC day 2025-03-03
    $ tokenquota probe success openai --at 2025-03-03T17:30:20Z
    tokenquota: probe: "openai": nobody has its probe; when was the request sent? give --sent-at INSTANT
    (exit 2)
    $ tokenquota probe take openai --at 2025-03-03T17:30:20Z
    none is needed
    (exit 1)
    $ tokenquota probe success openai --at 2025-03-03T17:00:00Z --sent-at 2025-03-03T16:45:29Z
    openai: quota_exhausted (reported: out of money) with no known end; 0 tokens used in UTC day 2025-03-03
          "provider": "openai",
          "state": "available",
    $ tokenquota probe
    tokenquota: probe: it takes take, success or failure and a PROVIDER, or list, as in: tokenquota probe take openai
    (exit 2)
    tokenquota: probe: it takes take, success or failure and a PROVIDER, or list, as in: tokenquota probe take openai
    $ tokenquota probe list openai
    (exit 2)
    $ tokenquota probe give openai
    tokenquota: probe: it takes take, success or failure and a PROVIDER, or list, as in: tokenquota probe take openai
    (exit 2)
    tokenquota: probe: unknown provider "opemai"; did you mean "openai"?
    $ tokenquota probe take opemai
    (exit 2)
    tokenquota: probe: --sent-at goes with success
    $ tokenquota probe take openai --sent-at now
    (exit 2)
