preset: applied as typed, and once more
  $ . ./say.sh
  $ say preset apply claude-max-5x claude
  $ say preset apply claude-max-5x claude
  $ "$TQ" limit claude add 7d reserve 10% >out
  $ say preset apply claude-max-5x claude --json
  $ say preset apply openrouter-free or
  $ "$TQ" limit or add 100 requests per day >out
  $ say preset apply openrouter-free or
  $ say preset apply gemini-free g --dry-run
  $ say preset apply gemini-free g --dry-run --json
    $ tokenquota preset apply claude-max-5x claude
    claude: Claude Max (5x)
      5h: set; the vendor states how much is used and when it ends
      7d: set; the vendor states how much is used and when it ends
    Anthropic publishes no numbers. A window of one model appears by itself when Claude states it.
    $ tokenquota preset apply claude-max-5x claude
    claude: Claude Max (5x)
      5h: unchanged; the vendor states how much is used and when it ends
      7d: unchanged; the vendor states how much is used and when it ends
    Anthropic publishes no numbers. A window of one model appears by itself when Claude states it.
    $ tokenquota preset apply claude-max-5x claude --json
    {
      "schema": 1,
      "provider": "claude",
      "preset": "claude-max-5x",
      "limits": [
        {
          "limit": "5h",
          "number": 1,
          "outcome": "unchanged",
          "has_amount": false
        },
        {
          "limit": "7d",
          "number": 2,
          "outcome": "unchanged",
          "has_amount": false
        }
      ],
      "overage": null
    }
    $ tokenquota preset apply openrouter-free or
    or: OpenRouter, models with :free
      20 requests per minute refill: set; excludes when it is used up
      50 requests per day: set; excludes when it is used up
    Limits are of the account, not of a model or key.
    $ tokenquota preset apply openrouter-free or
    or: OpenRouter, models with :free
      20 requests per minute refill: unchanged; excludes when it is used up
      50 requests per day: changed; excludes when it is used up
    Limits are of the account, not of a model or key.
    $ tokenquota preset apply gemini-free g --dry-run
    g: Gemini API, free tier
      requests per day America/Los_Angeles: would be set; no amount is known: it is only shown
    Limits are per project and per model.
    $ tokenquota preset apply gemini-free g --dry-run --json
    {
      "schema": 1,
      "provider": "g",
      "preset": "gemini-free",
      "limits": [
        {
          "limit": "requests per day America/Los_Angeles",
          "number": null,
          "outcome": "would be set",
          "has_amount": false
        }
      ],
      "overage": null
    }

preset: list and show
  $ . ./say.sh
  $ "$TQ" preset list | sed -n '1,2p'
  $ "$TQ" preset list --json | head -20 | grep -v '"file"'
  $ "$TQ" preset show openrouter-free | sed 's,^From .*/,From ,'
  $ say preset show openrouter-fre
  $ say preset show xyzxyzxyz
  $ say preset show
  $ say preset apply claude-pro
  $ say preset apply claude-pro ''
  $ say preset aply claude-pro claude
  $ say preset apply copilot-free c --at now
    claude-pro               Claude Pro: 5h, 7d
    claude-max-5x            Claude Max (5x): 5h, 7d
    {
      "schema": 1,
      "presets": [
        {
          "name": "claude-pro",
          "title": "Claude Pro",
          "vendor": "anthropic",
          "note": "Anthropic publishes no numbers. A window of one model appears by itself when Claude states it.",
          "overage": null,
          "limits": [
            {
              "limit": "5h",
              "source": "https://raw.githubusercontent.com/shanraisshan/claude-code-best-practice/a4d438ba72ac9980bd3b7ca46b5eb37d73df41af/reports/claude-usage-and-rate-limits.md",
              "date": "2026-11-11",
              "note": null,
              "stated": true,
              "has_amount": false
            },
            {
    openrouter-free: OpenRouter, models with :free
      20 requests per minute refill: excludes when it is used up
        https://openrouter.ai/docs/api-reference/limits, 2026-10-17
      50 requests per day: excludes when it is used up
        https://openrouter.ai/docs/api-reference/limits, 2026-10-17
        Accounts that bought credits for less than 10 dollars; the day is UTC.
    Limits are of the account, not of a model or key.
    From presets.json
    $ tokenquota preset show openrouter-fre
    tokenquota: preset show: unknown preset "openrouter-fre"; did you mean "openrouter-free"?
    (exit 2)
    $ tokenquota preset show xyzxyzxyz
    tokenquota: preset show: unknown preset "xyzxyzxyz"; `tokenquota preset list` lists them
    (exit 2)
    $ tokenquota preset show
    tokenquota: preset show: it takes the NAME of a preset
    (exit 2)
    $ tokenquota preset apply claude-pro
    tokenquota: preset apply: it takes the NAME of a preset and a PROVIDER
    (exit 2)
    $ tokenquota preset apply claude-pro 
    tokenquota: preset apply: "": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota preset aply claude-pro claude
    tokenquota: preset: unknown "aply"; did you mean "preset apply"?
    (exit 2)
    $ tokenquota preset apply copilot-free c --at now
    tokenquota: preset apply: unknown option "--at"; --help lists the options
    (exit 2)

preset: files extend and override
  $ . ./say.sh
  $ mkdir -p "$XDG_CONFIG_HOME/tokenquota"
  $ limit='{"limit":"5k requests per day","source":"https://example.com/mine","date":"2026-11-01"}'
  $ echo '{"presets":[{"name":"claude-pro","title":"Mine","vendor":"me","limits":['"$limit"']}]}' >"$XDG_CONFIG_HOME/tokenquota/presets.json"
  $ "$TQ" preset list | sed -n '1,2p'
  $ echo '{"presets":[{"name":"one","title":"One","vendor":"me","limits":['"$limit"']}]}' >one.json
  $ say preset show one --file one.json
  $ TOKENQUOTA_PRESETS=one.json "$TQ" preset list | sed -n '1,2p'
  $ sed 's/"limits"/"overage":"stop","limits"/' one.json >stop.json
  $ say preset apply one p --file stop.json
  $ "$TQ" set p | grep overage
  $ say preset list --file none.json
  $ echo '{"presets":[{"name":"one","title":"One","vendor":"me",' >one.json
  $ echo '  "limits":[{"limit":"5k reqests per day","source":"https://example.com","date":"2026-11-01"}]}]}' >>one.json
  $ say preset list --file one.json
  $ echo '{"presets":[' >one.json
  $ say preset list --file one.json
  $ TOKENQUOTA_PRESETS=none.json "$TQ" preset apply claude-pro claude
    claude-pro               Mine: 5k requests per day
    claude-max-5x            Claude Max (5x): 5h, 7d
    $ tokenquota preset show one --file one.json
    one: One
      5k requests per day: excludes when it is used up
        https://example.com/mine, 2026-11-01
    From one.json
    one                      One: 5k requests per day
    claude-pro               Mine: 5k requests per day
    $ tokenquota preset apply one p --file stop.json
    p: One
      5k requests per day: set; excludes when it is used up
      overage: stop
    overage = stop
    $ tokenquota preset list --file none.json
    tokenquota: preset list: none.json: No such file or directory
    (exit 2)
    $ tokenquota preset list --file one.json
    tokenquota: preset list: one.json:2:23: in "5k reqests per day": "reqests" is no unit; did you mean "requests"?
    (exit 2)
    $ tokenquota preset list --file one.json
    tokenquota: preset list: one.json:2:1: ']' expected near end of file
    (exit 2)
    tokenquota: preset apply: none.json: No such file or directory
  [2]

preset: texts have no control characters
  $ . ./say.sh
  $ printf '{"presets":[{"name":"one","title":"\\u001b[31mOne","vendor":"me","limits":[]}]}' > one.json
  $ say preset list --file one.json
    $ tokenquota preset list --file one.json
    tokenquota: preset list: one.json:1:28: "title" has a control character
    (exit 2)
