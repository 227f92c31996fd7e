reset
  $ . ./say.sh
  $ say observe openai 1200 --at $A
  $ say observe anthropic 7 --at $A
  $ say budget openai 5k
  $ say mark openai exhausted --for 1h --at $A
  $ say reset openai
  $ say status --at $A --json | grep -E '"(provider|used|budget|state)"'
  $ say reset --all
  $ say reset --all --yes
  $ say status --at $A --json | grep -E '"(provider|used|budget|state)"'
  $ say reset
  $ say reset openai --all
  $ say reset opemai
    $ tokenquota observe openai 1200 --at 2025-03-03T16:45:30Z
    $ tokenquota observe anthropic 7 --at 2025-03-03T16:45:30Z
    $ tokenquota budget openai 5k
    $ tokenquota mark openai exhausted --for 1h --at 2025-03-03T16:45:30Z
    openai: quota_exhausted (marked) until 2025-03-03 17:45:30Z (2025-03-03 18:45:30 CET), in 1 h; 1,200 of 5,000 tokens used in UTC day 2025-03-03
    $ tokenquota reset openai
          "provider": "openai",
          "used": 0,
          "budget": 5000,
          "state": "quota_exhausted",
          "provider": "anthropic",
          "used": 7,
          "budget": null,
          "state": "available",
    $ tokenquota reset --all
    tokenquota: reset: there is no terminal to ask on: give --yes
    (exit 2)
    $ tokenquota reset --all --yes
          "provider": "openai",
          "used": 0,
          "budget": 5000,
          "state": "quota_exhausted",
          "provider": "anthropic",
          "used": 0,
          "budget": null,
          "state": "available",
    $ tokenquota reset
    tokenquota: reset: it takes one PROVIDER, or --all
    (exit 2)
    $ tokenquota reset openai --all
    tokenquota: reset: it takes one PROVIDER, or --all
    (exit 2)
    $ tokenquota reset opemai
    tokenquota: reset: unknown provider "opemai"; did you mean "openai"?
    (exit 2)
