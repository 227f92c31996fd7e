limit
  $ . ./say.sh
  $ say observe openai 0 --at $A
  $ say limit
  $ say limit openai
  $ say limit openai add "5M tokens per day America/Los_Angeles" --at $A
  $ say limit openai add 900 requests per 5h first-use reserve 10% --at $A
  $ say limit openai add '$40 per month from the 5th' --at $A
  $ say limit openai add "2M tokens per minute refill" --at $A
  $ say limit openai add "750k tokens once" --at $A
  $ say limit openai add "5M tokens per 7d from 2026-04-11T00:45Z" --at $A
  $ say limit openai add "300k output per 24h rolling" --at $A
  $ say limit openai add "input per day" --at $A
  $ say limit openai add "weighted per day" --at $A
  $ say observe openai 120k --at $A
  $ say limit openai list --at $A
  $ say limit openai add "6M tokens per day America/Los_Angeles" --at $A
  $ say limit openai remove 8
  $ say limit openai remove 8
  $ say limit anthropic add "10k tokens per week from Sunday" --at $A
  $ COLUMNS=200 say limit --at $A
    $ tokenquota observe openai 0 --at 2025-03-03T16:45:30Z
    $ tokenquota limit
    There are no limits; one begins with: tokenquota limit PROVIDER add "5M tokens per day"
    $ tokenquota limit openai
    openai has no limits; one begins with: tokenquota limit openai add "5M tokens per day"
    $ tokenquota limit openai add 5M tokens per day America/Los_Angeles --at 2025-03-03T16:45:30Z
    limit 1: 5M tokens per day America/Los_Angeles;
             0 used, 0%; lasts, resets 09:00, in 15 h 15 min
    $ tokenquota limit openai add 900 requests per 5h first-use reserve 10% --at 2025-03-03T16:45:30Z
    limit 2: 900 requests per 5h first-use reserve 10%;
             0 used, 0%; begins with a call
    $ tokenquota limit openai add $40 per month from the 5th --at 2025-03-03T16:45:30Z
    limit 3: $40 per month from the 5th;
             $0.00 used, 0%; lasts, resets Wed 01:00, in 1 d 8 h
    $ tokenquota limit openai add 2M tokens per minute refill --at 2025-03-03T16:45:30Z
    limit 4: 2M tokens per minute refill; 0 used, 0%
    $ tokenquota limit openai add 750k tokens once --at 2025-03-03T16:45:30Z
    limit 5: 750k tokens once; 0 used, 0%; never resets
    $ tokenquota limit openai add 5M tokens per 7d from 2026-04-11T00:45Z --at 2025-03-03T16:45:30Z
    limit 6: 5M tokens per 7d from 2025-03-01T00:45Z;
             0 used, 0%; lasts, resets Sat 01:45, in 4 d 8 h
    $ tokenquota limit openai add 300k output per 24h rolling --at 2025-03-03T16:45:30Z
    limit 7: 300k output per 24h rolling; 0 used, 0%; lasts
    $ tokenquota limit openai add input per day --at 2025-03-03T16:45:30Z
    limit 8: input per day; 0 used; resets 01:00, in 7 h 15 min
    $ tokenquota limit openai add weighted per day --at 2025-03-03T16:45:30Z
    tokenquota: limit: "openai": the provider has 8 limits: remove one
    (exit 2)
    $ tokenquota observe openai 120k --at 2025-03-03T16:45:30Z
    $ tokenquota limit openai list --at 2025-03-03T16:45:30Z
    openai
      1  5M tokens per day America/Los_Angeles;
         120k used, 2%; lasts, resets 09:00, in 15 h 15 min
      2  900 requests per 5h first-use reserve 10%; 1 used, 0%; resets 22:45, in 5 h
      3  $40 per month from the 5th;
         $0.00 used, 0%; lasts, resets Wed 01:00, in 1 d 8 h
      4  2M tokens per minute refill; 120k used, 6%
      5  750k tokens once; 120k used, 16%; never resets
      6  5M tokens per 7d from 2025-03-01T00:45Z;
         120k used, 2%; lasts, resets Sat 01:45, in 4 d 8 h
      7  300k output per 24h rolling; 0 used, 0%; lasts
      8  input per day; 0 used; resets 01:00, in 7 h 15 min
    openai, limit 3 (month): 1 record without a cost, not counted; a price of each class gives one: tokenquota set --help
    $ tokenquota limit openai add 6M tokens per day America/Los_Angeles --at 2025-03-03T16:45:30Z
    limit 1: 6M tokens per day America/Los_Angeles;
             120k used, 2%; lasts, resets 09:00, in 15 h 15 min
    $ tokenquota limit openai remove 8
    $ tokenquota limit openai remove 8
    tokenquota: limit: "openai" has no limit 8; `tokenquota limit openai` lists its limits
    (exit 2)
    $ tokenquota limit anthropic add 10k tokens per week from Sunday --at 2025-03-03T16:45:30Z
    limit 1: 10k tokens per week from Sunday;
             0 used, 0%; lasts, resets Sun 01:00, in 5 d 8 h
    $ tokenquota limit --at 2025-03-03T16:45:30Z
    anthropic
      1  10k tokens per week from Sunday; 0 used, 0%; lasts, resets Sun 01:00, in 5 d 8 h
    openai
      1  6M tokens per day America/Los_Angeles; 120k used, 2%; lasts, resets 09:00, in 15 h 15 min
      2  900 requests per 5h first-use reserve 10%; 1 used, 0%; resets 22:45, in 5 h
      3  $40 per month from the 5th; $0.00 used, 0%; lasts, resets Wed 01:00, in 1 d 8 h
      4  2M tokens per minute refill; 120k used, 6%
      5  750k tokens once; 120k used, 16%; never resets
      6  5M tokens per 7d from 2025-03-01T00:45Z; 120k used, 2%; lasts, resets Sat 01:45, in 4 d 8 h
      7  300k output per 24h rolling; 0 used, 0%; lasts
    openai, limit 3 (month): 1 record without a cost, not counted; a price of each class gives one: tokenquota set --help

limit_json
  $ . ./say.sh
  $ say limit openai add "5M tokens per day America/Los_Angeles reserve 10%" --at $A --json
  $ say limit openai add '$40 per month from the 5th' --at $A
  $ say observe openai 120k --at $A
  $ say observe openai --input 1000 --at $A
  $ say limit --at $A --json
  $ say limit openai list --at $A
    $ tokenquota limit openai add 5M tokens per day America/Los_Angeles reserve 10% --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "provider": "openai",
      "limits": [
        {
          "number": 1,
          "limit": "5M tokens per day America/Los_Angeles reserve 10%",
          "unit": "tokens",
          "window": "day",
          "first": null,
          "length_ns": null,
          "anchor_at": null,
          "zone": "America/Los_Angeles",
          "amount": 5000000,
          "reserve": null,
          "reserve_share": 1000,
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
          "share_ppm": 0,
          "start_at": "2025-03-03T08:00:00Z",
          "end_at": "2025-03-04T08:00:00Z",
          "until": null,
          "uncosted": null,
          "taken": false,
          "said": null
        }
      ]
    }
    $ tokenquota limit openai add $40 per month from the 5th --at 2025-03-03T16:45:30Z
    limit 2: $40 per month from the 5th;
             $0.00 used, 0%; lasts, resets Wed 01:00, in 1 d 8 h
    $ tokenquota observe openai 120k --at 2025-03-03T16:45:30Z
    $ tokenquota observe openai --input 1000 --at 2025-03-03T16:45:30Z
    $ tokenquota limit --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "at": "2025-03-03T16:45:30Z",
      "providers": [
        {
          "provider": "openai",
          "limits": [
            {
              "number": 1,
              "limit": "5M tokens per day America/Los_Angeles reserve 10%",
              "unit": "tokens",
              "window": "day",
              "first": null,
              "length_ns": null,
              "anchor_at": null,
              "zone": "America/Los_Angeles",
              "amount": 5000000,
              "reserve": null,
              "reserve_share": 1000,
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
              "used": 121000,
              "share_ppm": 24200,
              "start_at": "2025-03-03T08:00:00Z",
              "end_at": "2025-03-04T08:00:00Z",
              "until": null,
              "uncosted": null,
              "taken": false,
              "said": null
            },
            {
              "number": 2,
              "limit": "$40 per month from the 5th",
              "unit": "cost",
              "window": "month",
              "first": 5,
              "length_ns": null,
              "anchor_at": null,
              "zone": null,
              "amount": 40000000,
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
              "share_ppm": 0,
              "start_at": "2025-02-05T00:00:00Z",
              "end_at": "2025-03-05T00:00:00Z",
              "until": null,
              "uncosted": 2,
              "taken": false,
              "said": null
            }
          ]
        }
      ]
    }
    $ tokenquota limit openai list --at 2025-03-03T16:45:30Z
    openai
      1  5M tokens per day America/Los_Angeles reserve 10%;
         121k used, 2%; lasts, resets 09:00, in 15 h 15 min
      2  $40 per month from the 5th;
         $0.00 used, 0%; lasts, resets Wed 01:00, in 1 d 8 h
    openai, limit 2 (month): 2 records without a cost, not counted; a price of each class gives one: tokenquota set --help

limit_strict
  $ . ./say.sh
  $ say limit openai add --strict "40k tokens per day" --at $A
  $ say status openai --at $A
  $ say explain openai --at $A
  $ say limit openai add --no-strict "40k tokens per day" --at $A
    $ tokenquota limit openai add --strict 40k tokens per day --at 2025-03-03T16:45:30Z
    limit 1: 40k tokens per day;
             0 used, 0%; strict: needs tokenquota sync, resets 01:00, in 7 h 15 min
    $ tokenquota status openai --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider  used     of     %        burn/h projection  state            reason
    openai       0      -     -             0          0  quota_exhausted  shared
    ! day        0    40k    0%  -----  strict: needs tokenquota sync, resets 01:00
    
    1 of 1 providers quota_exhausted until 2025-03-03 17:45:40 CET, in 10 s
    (exit 1)
    $ tokenquota explain openai --at 2025-03-03T16:45:30Z
    openai: the rest of limit 1 is for other machines: 0 of 40,000 tokens used in its day, 40,000 withheld for them; out until 2025-03-03 16:45:40 UTC, in 10 s, or until it hears of them: strict limits need `tokenquota sync` (until 17:45 local time)
    (exit 1)
    $ tokenquota limit openai add --no-strict 40k tokens per day --at 2025-03-03T16:45:30Z
    limit 1: 40k tokens per day; 0 used, 0%; lasts, resets 01:00, in 7 h 15 min

limit_errors
  $ . ./say.sh
  $ say limit openai
  $ say limit openai add
  $ say limit openai add "5M tokens per day rolling"
  $ say limit openai add 900 requests per 5h first-us
  $ say limit openai add "0 per month from the 5th"
  $ say limit openai add " per month"
  $ say limit openai add "2T tokens per day"
  $ say limit openai add "5M tokens per day Mars/Base"
  $ tokenquota limit openai add "$(printf '%600s' x)"
  $ say limit '' add "5M tokens per day"
  $ say limit openai add "5M tokens per day" --at $A
  $ say limit openai remove
  $ say limit openai remove 9
  $ say limit openai remove 1 2
  $ say limit openai remove 2
  $ say limit openai list x
  $ say limit openai lst
  $ say limit add openai "5M tokens per day"
  $ say limit remove openai 1
  $ say limit openai 5M tokens per week
  $ say limit opneai
  $ say limit openai --at $A
    $ tokenquota limit openai
    tokenquota: limit: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota limit openai add
    tokenquota: limit: it takes a PROVIDER and a SENTENCE, as in: tokenquota limit openai add "5M tokens per day"
    (exit 2)
    $ tokenquota limit openai add 5M tokens per day rolling
    tokenquota: limit: in "5M tokens per day rolling": "rolling" does not fit a calendar day; say "per 24h rolling"
    (exit 2)
    $ tokenquota limit openai add 900 requests per 5h first-us
    tokenquota: limit: in "900 requests per 5h first-us": "first-us" is out of place; did you mean "first-use"?
    (exit 2)
    $ tokenquota limit openai add 0 per month from the 5th
    tokenquota: limit: in "0 per month from the 5th": "per" stands where a unit is missing; say tokens, input, output, total, requests, cost or weighted
    tokenquota: limit: if you wrote $40, the shell put something else in its place: write it in single quotes
    (exit 2)
    $ tokenquota limit openai add  per month
    tokenquota: limit: in " per month": "per" is no amount and no unit; begin as in "5M tokens per day" or "$40 per month"
    tokenquota: limit: if you wrote $40, the shell put something else in its place: write it in single quotes
    (exit 2)
    $ tokenquota limit openai add 2T tokens per day
    tokenquota: limit: in "2T tokens per day": "2T" is above the most, 1,099,511,627,775
    (exit 2)
    $ tokenquota limit openai add 5M tokens per day Mars/Base
    tokenquota: limit: "Mars/Base": there is no such zone in the zone database (package tzdata): name one such as America/Los_Angeles
    (exit 2)
    tokenquota: limit: the sentence is longer than 511 bytes
    $ tokenquota limit  add 5M tokens per day
    tokenquota: limit: "": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota limit openai add 5M tokens per day --at 2025-03-03T16:45:30Z
    limit 1: 5M tokens per day; 0 used, 0%; lasts, resets 01:00, in 7 h 15 min
    $ tokenquota limit openai remove
    tokenquota: limit: it takes a PROVIDER and the number of one of its limits, 1 to 8, as in: tokenquota limit openai remove 2
    (exit 2)
    $ tokenquota limit openai remove 9
    tokenquota: limit: it takes a PROVIDER and the number of one of its limits, 1 to 8, as in: tokenquota limit openai remove 2
    (exit 2)
    $ tokenquota limit openai remove 1 2
    tokenquota: limit: it takes a PROVIDER and the number of one of its limits, 1 to 8, as in: tokenquota limit openai remove 2
    (exit 2)
    $ tokenquota limit openai remove 2
    tokenquota: limit: "openai" has no limit 2; `tokenquota limit openai` lists its limits
    (exit 2)
    $ tokenquota limit openai list x
    tokenquota: limit: unexpected "x"; list takes a PROVIDER
    (exit 2)
    $ tokenquota limit openai lst
    tokenquota: limit: unknown "lst"; did you mean "list"?
    (exit 2)
    $ tokenquota limit add openai 5M tokens per day
    tokenquota: limit: the provider comes before "add", as in: tokenquota limit openai add "5M tokens per day"
    (exit 2)
    $ tokenquota limit remove openai 1
    tokenquota: limit: the provider comes before "remove", as in: tokenquota limit openai remove 2
    (exit 2)
    $ tokenquota limit openai 5M tokens per week
    tokenquota: limit: to set a limit write: tokenquota limit openai add "5M tokens per week"
    (exit 2)
    $ tokenquota limit opneai
    tokenquota: limit: unknown provider "opneai"; did you mean "openai"?
    (exit 2)
    $ tokenquota limit openai --at 2025-03-03T16:45:30Z
    openai
      1  5M tokens per day; 0 used, 0%; lasts, resets 01:00, in 7 h 15 min

limit_error_points_at_the_word
  ? script
  $ script -qec "$TQ limit openai add '5M tokens per day rolling'" /dev/null </dev/null | tr -d '\r'
    tokenquota: limit: in "5M tokens per day rolling": "rolling" does not fit a calendar day; say "per 24h rolling"
      5M tokens per day rolling
                        ^^^^^^^

limit_stated
  $ # A window that the vendor states: its length alone, with a reserve of the vendor's share.
  $ . ./say.sh
  $ say limit claude add "7d reserve 10%" --at $A
  $ say limit claude add "7d opus reserve 20%" --at $A
  $ echo '{"session_id":"1","rate_limits":{"seven_day":{"used_percentage":91.2,"resets_at":1741262400}}}' > week.json
  $ say statusline claude --at $A < week.json
  $ say limit claude --at $A
  $ say explain claude --at $A
  $ say explain claude --at $A --json | grep clear_with
  $ say explain claude --at $A --use-reserve
    $ tokenquota limit claude add 7d reserve 10% --at 2025-03-03T16:45:30Z
    limit 1: 7d reserve 10%; no word yet
    $ tokenquota limit claude add 7d opus reserve 20% --at 2025-03-03T16:45:30Z
    limit 2: 7d opus reserve 20%; no word yet
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    7 d 91% · resets Thu 13:00 | spent to the reserve: limit 1, share in 7 d until Thu 13:00
    $ tokenquota limit claude --at 2025-03-03T16:45:30Z
    claude
      1  7d reserve 10%;
         91% used; at its reserve, resets Thu 13:00, in 2 d 20 h; vendor, now;
         0 here since
      2  7d opus reserve 20%; no word yet
    $ tokenquota explain claude --at 2025-03-03T16:45:30Z
    claude: 91.2 % of 7 d used, the vendor says, and 10 % of it is kept back; out until 2025-03-06 12:00:00 UTC, in 2 d 20 h, or until it is marked available; callers that use the reserve are served (until Thu 13:00 local time)
      to put it back: tokenquota mark claude available
    (exit 1)
          "clear_with": "tokenquota mark claude available",
    $ tokenquota explain claude --at 2025-03-03T16:45:30Z --use-reserve
    claude: available: 0 tokens used in this UTC day, without a budget

limit_far
  $ # An end that is more than a week away has a date, of which nothing is cut off.
  $ . ./say.sh
  $ "$TQ" limit openai add "100k tokens per month" --at 2026-03-01T12:00:00Z > /dev/null
  $ "$TQ" limit openai add "100k tokens once reserve 70k" --at 2026-03-01T12:00:00Z > /dev/null
  $ "$TQ" observe openai 40k --at 2026-03-05T12:00:00Z
  $ say limit openai --at 2026-03-09T00:00:00Z
  $ say status --at 2026-03-09T00:00:00Z
    $ tokenquota limit openai --at 2026-03-09T00:00:00Z
    openai
      1  100k tokens per month;
         40k used, 40%; runs out Mar 21 01:00, resets Apr 01 02:00, in 23 d
      2  100k tokens once reserve 70k; 40k used, 40%; at its reserve, never resets
    $ tokenquota status --at 2026-03-09T00:00:00Z
    Today: UTC day 2026-03-09, which ends at 01:00 CET. As of 00:00:00Z.
    provider  used     of     %        burn/h projection  state            reason
    openai       0      -     -             -          -  quota_exhausted  spent
      month    40k   100k   40%  ##---  runs out Mar 21 01:00, resets Apr 01 02:00
    ! once     40k   100k   40%  ##---  at its reserve, never resets
    
    1 of 1 providers quota_exhausted with no known end
    (exit 1)
