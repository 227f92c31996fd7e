rule
  $ . ./say.sh
  $ say observe openai 400k --at 2025-03-03T09:00:00Z
  $ say budget openai 1M
  $ say rule openai
  $ say observe openai 0 --at 2025-03-03T09:00:00Z -v
  $ say rule openai original
  $ say rule openai
  $ say rule openai --json
  $ say observe openai 0 --at 2025-03-03T09:00:00Z -v
  $ say rule openai off
  $ say status openai --at 2025-03-03T09:00:00Z --json | grep -E 'rule|reason|retry'
  $ say rule openai default
  $ say rule openai --json
  $ say rule openai horizon
  $ say rule openai
  $ say rule openai horizons
  $ say rule opemai
  $ say rule
  $ say rule openai off --json
  $ say ledger create --ledger other --rule original
  $ say observe openai 5 --ledger other
  $ say rule openai --ledger other
    $ tokenquota observe openai 400k --at 2025-03-03T09:00:00Z
    $ tokenquota budget openai 1M
    $ tokenquota rule openai
    care 5/4 (default)
    $ tokenquota observe openai 0 --at 2025-03-03T09:00:00Z -v
    openai: available; 400,000 of 1,000,000 tokens used in UTC day 2025-03-03
    $ tokenquota rule openai original
    $ tokenquota rule openai
    original
    $ tokenquota rule openai --json
    {
      "schema": 1,
      "provider": "openai",
      "rule": "original",
      "care": null,
      "own": true
    }
    $ tokenquota observe openai 0 --at 2025-03-03T09:00:00Z -v
    openai: quota_exhausted (predicted) until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 15 h; 400,000 of 1,000,000 tokens used in UTC day 2025-03-03
    $ tokenquota rule openai off
        "rule": "care",
          "rule": "off",
          "reason": "marked",
          "reasons": [
          "retry_at": "2025-03-04T00:00:00Z",
    $ tokenquota rule openai default
    $ tokenquota rule openai --json
    {
      "schema": 1,
      "provider": "openai",
      "rule": "care",
      "care": 1.25,
      "own": false
    }
    $ tokenquota rule openai horizon
    $ tokenquota rule openai
    horizon
    $ tokenquota rule openai horizons
    tokenquota: rule: "horizons" is not a rule; write care, off, original, horizon or default
    (exit 2)
    $ tokenquota rule opemai
    tokenquota: rule: unknown provider "opemai"; did you mean "openai"?
    (exit 2)
    $ tokenquota rule
    tokenquota: rule: it takes a PROVIDER, and to set its rule care, off, original, horizon or default
    (exit 2)
    $ tokenquota rule openai off --json
    tokenquota: rule: --json goes with printing a rule, not with setting one
    (exit 2)
    $ tokenquota ledger create --ledger other --rule original
    other
    $ tokenquota observe openai 5 --ledger other
    $ tokenquota rule openai --ledger other
    original (default)
