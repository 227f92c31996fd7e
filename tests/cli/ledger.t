closed_streams
  $ # A standard stream that is closed is no descriptor for the ledger: nothing that is printed may land in it.
  $ "$TQ" budget openai 1k
  $ "$TQ" observe openai 5
  $ "$TQ" mark other exhausted --until 2100-01-01T00:00:00Z > /dev/null
  $ whole() { # WORDS: how it ended, and that the ledger still has what it had
  $     "$TQ" ledger check > /dev/null 2>&1 && "$TQ" ledger dump > after 2>&1
  $     sed -E 's/"(file_bytes|at)":[^,]*//g' after | cmp -s - before && echo "$1: whole" || echo "$1: DAMAGED"
  $ }
  $ "$TQ" ledger dump | sed -E 's/"(file_bytes|at)":[^,]*//g' > before
  $ "$TQ" explain typo 2>&-; whole "explain typo 2>&-: exit $?"
  $ "$TQ" explain typo <&- 2>&-; whole "explain typo <&- 2>&-: exit $?"
  $ "$TQ" explain other >&- 2>&-; whole "explain other >&- 2>&-: exit $?"
  $ "$TQ" ledger dump >&-; whole "ledger dump >&-: exit $?"
  $ "$TQ" ledger dump <&- >&- 2>&-; whole "ledger dump, all closed: exit $?"
  $ "$TQ" route other >&-; whole "route other >&-: exit $?"
  $ "$TQ" status <&- >&-; whole "status <&- >&-: exit $?"
  $ "$TQ" doctor 2>&- >&-; whole "doctor: exit $?"
  $ "$TQ" watch >&- 2>&- & watcher=$!
  $ until grep -qF ledger /proc/$watcher/maps 2> /dev/null; do :; done
  $ "$TQ" mark other available > /dev/null
  $ "$TQ" mark other exhausted --until 2100-01-01T00:00:00Z > /dev/null
  $ ls -l /proc/$watcher/fd | grep -cE ' [012] -> /.*ledger'
  $ kill -TERM $watcher
  $ wait $watcher
  $ whole "watch >&-: exit $?"
  $ printf 'x=5\n' > budgets
  $ "$TQ" replay --budgets budgets a.csv <&- >&- 2>&-; whole "replay: exit $?"
  $ cat budgets
    explain typo 2>&-: exit 2: whole
    explain typo <&- 2>&-: exit 2: whole
    explain other >&- 2>&-: exit 1: whole
    ledger dump >&-: exit 0: whole
    ledger dump, all closed: exit 0: whole
    route other >&-: exit 1: whole
    status <&- >&-: exit 1: whole
    doctor: exit 0: whole
    0
    watch >&-: exit 0: whole
    replay: exit 0: whole
    x=5

completion_bash
  ? bash
  $ # What bash is offered: the options that the help has, and the names of the ledger.
  $ . ./options.sh
  $ completions=$(dirname "$TQ")/../completions
  $ export completions
  $ mkdir bin && ln -s "$TQ" bin/tokenquota
  $ PATH=$PWD/bin:$PATH
  $ for name in openai open:ai 'two words' anthropic; do
  $     tokenquota observe "$name" 5
  $ done
  $ tokenquota observe elsewhere 5 --ledger other
  $ commands | while read -r command; do
  $     options "$command" > help
  $     bash -c '. "$completions/tokenquota"; _tokenquota_options "$1"' - "$command" | tr ' ' '\n' |
  $         sort | diff - help || echo "$command: bash is offered others (-) than the help has (+)"
  $ done
  $ cat > offer.bash <<'END'
  $ . "$completions/tokenquota"
  $ offer() {
  $     COMP_LINE=$1 COMP_POINT=${#1}
  $     read -r -a COMP_WORDS <<<"$1"
  $     _tokenquota 2>/dev/null
  $     printf '[%s]' "$1"
  $     printf ' %s' "${COMPREPLY[@]}"
  $     echo
  $ }
  $ offer 'tokenquota '
  $ offer 'tokenquota st'
  $ offer 'tokenquota observe '
  $ offer 'tokenquota route openai an'
  $ offer 'tokenquota status open:a'
  $ offer 'tokenquota mark two\ words '
  $ offer 'tokenquota mark openai exhausted --until t'
  $ offer 'tokenquota status --ledger other '
  $ offer 'tokenquota budget openai '
  $ offer 'tokenquota rule openai '
  $ offer 'tokenquota ledger '
  $ offer 'tokenquota ledger create --days '
  $ offer 'tokenquota ledger check --'
  $ offer 'tokenquota preset '
  $ offer 'tokenquota preset apply claude-m'
  $ offer 'tokenquota preset apply claude-pro an'
  $ offer 'tokenquota status --color '
  $ offer 'tokenquota probe '
  $ offer 'tokenquota probe take op'
  $ offer 'tokenquota signal --profile anthropic-'
  $ offer 'tokenquota signal --provider anth'
  $ offer 'tokenquota mark openai exhausted -u t'
  $ offer 'tokenquota replay --rule '
  $ END
  $ bash offer.bash
    [tokenquota ] observe status route explain signal statusline probe hold run watch poll serve sync budget limit preset rule set mark exhausted correct reset forget import usage ledger doctor replay mcp hook version help --help --version
    [tokenquota st] status statusline
    [tokenquota observe ] anthropic open:ai openai two\ words
    [tokenquota route openai an] anthropic
    [tokenquota status open:a] ai
    [tokenquota mark two\ words ] exhausted available
    [tokenquota mark openai exhausted --until t] tomorrow
    [tokenquota status --ledger other ] elsewhere
    [tokenquota budget openai ] none
    [tokenquota rule openai ] care off original horizon default
    [tokenquota ledger ] path create names check dump flush backup restore compact --help
    [tokenquota ledger create --days ] 8 16 32 64
    [tokenquota ledger check --] --json --ledger --help
    [tokenquota preset ] list show apply --help
    [tokenquota preset apply claude-m] claude-max-5x claude-max-20x
    [tokenquota preset apply claude-pro an] anthropic
    [tokenquota status --color ] auto always never
    [tokenquota probe ] take success failure list
    [tokenquota probe take op] open:ai openai
    [tokenquota signal --profile anthropic-] anthropic-subscription
    [tokenquota signal --provider anth] anthropic
    [tokenquota mark openai exhausted -u t] tomorrow
    [tokenquota replay --rule ] care off original horizon
  ! tokenquota: observe: note: "open:ai" was never counted before; did you mean "openai"?

completion_fish
  ? fish
  $ # What fish is offered: the options that the help has, and the names of the ledger.
  $ . ./options.sh
  $ completions=$(dirname "$TQ")/../completions
  $ mkdir bin home && ln -s "$TQ" bin/tokenquota
  $ PATH=$PWD/bin:$PATH
  $ HOME=$PWD/home
  $ export PATH HOME
  $ tokenquota observe openai 5
  $ tokenquota observe 'two words' 5
  $ tokenquota observe elsewhere 5 --ledger other
  $ offer() {
  $     fish -N -c "source '$completions/tokenquota.fish'; complete -C '$1'" 2>&1 | cut -f1 | sort
  $ }
  $ commands | while read -r command; do
  $     options "$command" > help
  $     offer "tokenquota $command --" | grep -vx -e --version | diff - help ||
  $         echo "$command: fish is offered others (-) than the help has (+)"
  $ done
  $ for line in 'tokenquota ' 'tokenquota observe ' 'tokenquota route openai tw' 'tokenquota mark openai ' \
  $     'tokenquota status --ledger other ' 'tokenquota budget openai ' 'tokenquota ledger ' 'tokenquota probe ' \
  $     'tokenquota preset ' 'tokenquota preset show claude-' 'tokenquota probe take two' 'tokenquota signal --profile anthropic-'; do
  $     echo "[$line]" $(offer "$line")
  $ done
    [tokenquota ] budget correct doctor exhausted explain forget help hold hook import ledger limit mark mcp observe poll preset probe replay reset route rule run serve set signal status statusline sync usage version watch
    [tokenquota observe ] openai two words
    [tokenquota route openai tw] two words
    [tokenquota mark openai ] available exhausted
    [tokenquota status --ledger other ] elsewhere
    [tokenquota budget openai ] none
    [tokenquota ledger ] backup check compact create dump flush names path restore
    [tokenquota probe ] failure list success take
    [tokenquota preset ] apply list show
    [tokenquota preset show claude-] claude-max-20x claude-max-5x claude-pro claude-team
    [tokenquota probe take two] two words
    [tokenquota signal --profile anthropic-] anthropic-subscription

ledger_apart
  $ # A user outside of the group of the machine's ledger is told once that they count on their own.
  $ exec 3>&2; . ./say.sh
  $ if [ "$(id -u)" != 0 ] || ! unshare -m mount -t tmpfs none /var/lib 2> /dev/null ||
  $     ! setpriv --reuid 65534 --regid 65534 --clear-groups "$TQ" version > /dev/null 2>&1; then
  $     exec 2>&3
  $     echo 'not root, or not allowed to mount, or no other user can run the command' >&2
  $     exit 77
  $ fi
  $ home=$(mktemp -d) && chmod 777 "$home"
  $ cat > inside.sh <<'END'
  $ mount -t tmpfs none /var/lib
  $ unset TOKENQUOTA_LEDGER
  $ as_user() { HOME=$home setpriv --reuid 65534 --regid 65534 --clear-groups "$TQ" "$@" 2>&1 | sed "s,$home,HOME,"; }
  $ as_user observe openai 5
  $ echo 'now the machine gets one'
  $ "$TQ" ledger create --system --group daemon
  $ as_user status | head -n 1 | cut -c 1-6
  $ as_user observe openai 5
  $ as_user observe openai 5
  $ as_user budget openai 5k
  $ "$TQ" observe openai 5
  $ END
  $ export home
  $ unshare -m sh inside.sh
  $ rm -rf "$home"
    now the machine gets one
    /var/lib/tokenquota/ledger
    Today:
    tokenquota: observe: note: this machine has a ledger in /var/lib/tokenquota, but you may not write it: you count on your own, HOME/.local/state/tokenquota/ledger; `tokenquota doctor` says how to join

ledger_backup
  $ # A copy and what was imported, put back as a pair; what is refused says why.
  $ . ./say.sh
  $ printf 'timestamp,provider,tokens\n2025-03-03T10:00:00Z,openai,500\n' > log.csv
  $ say import csv log.csv --at $A --quiet
  $ say observe anthropic 7 --at $A
  $ say ledger backup copy
  $ ls -l copy copy.imports | cut -c 1-10
  $ printf '2025-03-03T11:00:00Z,openai,300\n' >> log.csv
  $ say import csv log.csv --at $A --quiet
  $ say observe anthropic 70 --at $A
  $ say ledger restore copy
  $ say ledger restore copy --yes
  $ say status --at $A --json | grep -E '"(provider|used)"'
  $ say import csv log.csv --at $A --quiet
  $ say status --at $A --json | grep -E '"(provider|used)"'
  $ say ledger check | grep sound
  $ say ledger backup copy
  $ say ledger backup log.csv
  $ say ledger backup
  $ say ledger backup a b
  $ say ledger backup no/such/folder/copy
  $ say ledger restore log.csv --yes
  $ say ledger restore nothing --yes
  $ say ledger restore copy --yes --ledger log.csv
  $ : > copy.imports
  $ say ledger restore copy --yes
  $ say status --at $A --json | grep -E '"(provider|used)"'
  $ # Not while somebody has it open.
  $ rm copy.imports
  $ mkfifo documents
  $ "$TQ" status --watch --json > documents &
  $ { read -r line; "$TQ" ledger restore copy --yes 2>&1; } < documents
  $ kill $!
  $ ls | grep -E "^(copy|ledger)"
    $ tokenquota import csv log.csv --at 2025-03-03T16:45:30Z --quiet
    $ tokenquota observe anthropic 7 --at 2025-03-03T16:45:30Z
    $ tokenquota ledger backup copy
    -rw-------
    -rw-------
    $ tokenquota import csv log.csv --at 2025-03-03T16:45:30Z --quiet
    $ tokenquota observe anthropic 70 --at 2025-03-03T16:45:30Z
    $ tokenquota ledger restore copy
    tokenquota: ledger restore: there is no terminal to ask on: give --yes
    (exit 2)
    $ tokenquota ledger restore copy --yes
          "provider": "openai",
          "used": 500,
          "provider": "anthropic",
          "used": 7,
    $ tokenquota import csv log.csv --at 2025-03-03T16:45:30Z --quiet
          "provider": "openai",
          "used": 800,
          "provider": "anthropic",
          "used": 7,
    sound: no errors found
    $ tokenquota ledger backup copy
    tokenquota: ledger backup: copy.imports is there already: name a new file
    (exit 2)
    $ tokenquota ledger backup log.csv
    tokenquota: ledger backup: log.csv is there already: name a new file
    (exit 2)
    $ tokenquota ledger backup
    tokenquota: ledger backup: it takes one FILE
    (exit 2)
    $ tokenquota ledger backup a b
    tokenquota: ledger backup: it takes one FILE
    (exit 2)
    $ tokenquota ledger backup no/such/folder/copy
    tokenquota: ledger backup: no/such/folder/copy.imports: cannot make it: No such file or directory
    (exit 2)
    $ tokenquota ledger restore log.csv --yes
    tokenquota: ledger restore: log.csv is no backup of a ledger, or was cut short: name another
    (exit 2)
    $ tokenquota ledger restore nothing --yes
    tokenquota: ledger restore: nothing: No such file or directory
    (exit 2)
    $ tokenquota ledger restore copy --yes --ledger log.csv
    tokenquota: ledger restore: log.csv is not a ledger: move it away (mv), then restore
    (exit 2)
    $ tokenquota ledger restore copy --yes
    tokenquota: ledger restore: copy.imports is not whole: the backup was cut short; name another
    (exit 2)
          "provider": "openai",
          "used": 800,
          "provider": "anthropic",
          "used": 7,
    tokenquota: ledger restore: ledger is in use by other processes: try again when they have closed it
    copy
    ledger
    ledger.imports

ledger_begins
  $ . ./say.sh
  $ # Four commands make a ledger where there is none; nobody else may read it.
  $ umask 0
  $ for words in 'observe openai 5' 'budget openai 5' 'mark openai exhausted --for 1h' 'rule openai off'; do
  $     "$TQ" $words > /dev/null
  $     stat -c %a ledger
  $     rm ledger
  $ done
    600
    600
    600
    600

ledger_check
  $ . ./say.sh
  $ say observe openai 5 --at $A
  $ say observe openai 5 --at 2025-03-02T00:00:00Z
  $ say_same ledger check
  $ say_same ledger check --json
  $ say ledger check more
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota observe openai 5 --at 2025-03-02T00:00:00Z
    $ tokenquota ledger check
    ledger
    rule            care  for providers without their own
    days              64  kept of each provider
    providers          1  names
    slots              1  in use, also by forgotten and killed providers
    bytes         N  of the file
    late               1  records of an earlier day, counted for it
    too old            0  records of a day that is no longer kept, refused
    clock              0  records before 2020 or ahead of the clock, refused
    saturated          0  records of a day whose count is at its limit
    rebuilt            0  times, after a restart of the machine or in a copy
    recovered          0  names that a rebuild put back
    
    sound: no errors found
    $ tokenquota ledger check --json
    {
      "schema": 1,
      "version": "NUMBER",
      "path": "ledger",
      "ledger": {
        "history_days": 64,
        "rule": "care",
        "providers": 1,
        "slots": 1,
        "file_bytes": BYTES,
        "late": 1,
        "too_old": 0,
        "clock": 0,
        "saturated": 0,
        "ahead": 0,
        "rebuilt": 0,
        "recovered": 0
      },
      "limits_taken": 0,
      "faults": 0,
      "first_fault": null
    }
    $ tokenquota ledger check more
    tokenquota: ledger check: unexpected "more"
    (exit 2)

ledger_commands_help
  $ . ./say.sh
  $ for command in observe status route explain signal statusline probe watch budget \
  $     rule mark exhausted correct reset forget ledger doctor; do
  $     say $command --help
  $ done
    $ tokenquota observe --help
    usage: tokenquota observe [OPTION]... PROVIDER TOKENS | PROVIDER --usage FILE | PROVIDER --input TOKENS
    
    Count the tokens that a call used.
    
      -u, --usage FILE                count the tokens that this response reports; - is standard input
          --profile PROFILE           the response's format: auto, or one of `signal --list`
          --sent-at INSTANT           when the request was sent; a success clears refusals older than this
          --input TOKENS              tokens read, but for those of a cache
          --cache-read TOKENS         tokens read from a cache
          --cache-write TOKENS        tokens written to a cache
          --output TOKENS             tokens made
          --cost DOLLARS              what the call cost: 0.0123
          --at INSTANT                use this time instead of now (RFC 3339, epoch seconds, now-15m, tomorrow)
      -c, --check                     exit with 1 if the provider is now exhausted
          --json                      print the provider's new state as JSON
      -v, --verbose                   print the provider's new state
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Write TOKENS as 1200, 1.5k or 2M. With --usage, the tokens are those that a response reports
    and that count against the vendor's limit. The response is a body, a stream, or everything
    that `curl -si` printed. --input and so on are for limits on classes of tokens; against other
    limits TOKENS count, or if there are none input, cache write and output. Creates the ledger and
    the provider if they do not exist. A message on stderr says when a new name nearly equals a known
    one.
    
    Exit status: 0 if the tokens were counted, 2 on an error. With --check: 1 if they were counted
    and the provider is exhausted.
    
      tokenquota observe openai 1200
      tokenquota observe openai --input 1000 --cache-read 4k --output 200 --cost 0.0123
      curl -s https://api.openai.com/v1/responses ... | tokenquota observe openai --usage -
    $ tokenquota status --help
    usage: tokenquota status [OPTION]... [PROVIDER]...
    
    Show how much of each budget was used, and which providers are out until when.
    
      -w, --watch                     keep running, and show each change; Ctrl-C ends it
          --json                      print one JSON document; with --watch, one per line
          --prometheus                print metrics in Prometheus's text form instead
          --days                      also print every day that the ledger keeps
      -v, --verbose                   also print the ledger's own numbers
          --at INSTANT                use this time instead of now (RFC 3339, epoch seconds, now-15m, tomorrow)
          --color WHEN                use colour: auto, always or never
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Without a PROVIDER, shows all of them. Days are UTC days. Without a ledger it says so; with
    --watch it waits until there is one.
    
    --prometheus is for the textfile collector of node_exporter (docs/metrics.md). Of more than 200
    providers it shows the most urgent ones, and adds the others up.
    
    Exit status: 0 if all shown are available, or there is no ledger; 1 if one is not; 2 on an
    error. With --prometheus: 0 if the metrics were written.
    
      tokenquota status --watch
    $ tokenquota route --help
    usage: tokenquota route [OPTION]... PROVIDER...
    
    Print a provider that is available: the first, or by a policy.
    
      -w, --wait                      if all are out, wait until one is available
      -t, --timeout LENGTH            wait at most this long: 90s, 15m, 1h
          --policy POLICY             which of the available: order (default), sticky, pressure, sticky-pressure
          --last PROVIDER             your last choice, for the sticky policies; may be empty
          --need TOKENS               pass by those that have less room than this: 20000, 20k
          --hold AMOUNT               hold this much of it for your call: 20k, '$0.40'; may be repeated
      -f, --for LENGTH                the lease of that hold (10m)
          --no-probe                  never take a probe (a test request to a provider that its vendor refused)
          --use-reserve               count the reserve of limits as left
          --at INSTANT                use this time instead of now, and take no probe
          --json                      print one JSON document instead
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    If none is available, prints the one that will be available first, the time, and the reason,
    separated by tabs. A provider with no recorded usage counts as available, and so does every
    provider while there is no ledger. A message on stderr says when such a name may be misspelt.
    A provider that its vendor keeps out is offered to one caller at a time when its probe is due; a
    message on stderr says so: see `tokenquota probe --help`. The time above is that of the probe if
    it comes first. On an error, nothing is printed on stdout.
    
    POLICY chooses among the available. order: the first. sticky: --last while it is available,
    because a switch loses the prompt cache; else the first. pressure: the one with most left of
    its longest window for the time until that resets. sticky-pressure: --last, until another
    has 1.5 times its pressure. Nothing is remembered: say --last when a call was served.
    
    With --hold, takes a hold as `tokenquota hold take` does, and prints its id behind the name, separated
    by a tab. One whose room another caller took meanwhile is passed by. End it with `hold settle`.
    
    Exit status: 0 if one is available, 1 if none is, 2 on an error.
    
      provider=$(tokenquota route openai anthropic) || echo "wait: $provider"
      last=$(tokenquota route claude-1 claude-2 --policy sticky-pressure --last "$last")
    $ tokenquota explain --help
    usage: tokenquota explain [OPTION]... PROVIDER...
    
    Say why a provider is available or out, and what would change that.
    
          --use-reserve               for a caller that may use the reserve of limits
      -v, --verbose                   print the numbers as well
          --at INSTANT                use this time instead of now (RFC 3339, epoch seconds, now-15m, tomorrow)
          --json                      print one JSON document instead
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Exit status: 0 if every named provider is available, 1 if one is not, 2 on an error.
    
      tokenquota explain openai --verbose
    $ tokenquota signal --help
    usage: tokenquota signal [OPTION]... [FILE|-]
    
    Show what a response says about quota, and apply it to a provider.
    
      -p, --provider PROVIDER         apply the response to this provider
      -c, --count                     also count the tokens that the response reports
          --for-model                 the provider is the request's model, not an account
          --profile PROFILE           the response's format: auto, or one of `signal --list`
          --status NUMBER             the HTTP status, if the input does not have it
          --sent-at INSTANT           when the request was sent; a success clears refusals older than this
          --at INSTANT                when the response came, if not now
          --pass                      write the body to standard output instead of the report
      -q, --quiet                     print no report
          --json                      print one JSON document instead
          --list                      print the profiles: name, vendor, seen live or documented, source
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    FILE, or standard input, is a response as `curl -si` prints it, or a body alone. If it holds
    several responses in a row, the last one counts. Without --provider, nothing is changed. A
    success clears a refusal only if its --sent-at is later than the refusal. --pass writes the
    body to standard output unchanged, even if something else fails; a message on stderr says
    when the provider is out.
    
    Exit status: 0 for no refusal, 1 for a refusal; with --provider, 0 if it is available, 1 if it
    is not; 2 on an error.
    
      curl -si https://api.openai.com/v1/responses ... | tokenquota signal --provider openai
      curl -si ... | tokenquota signal --provider openai --count --pass | jq .output
    $ tokenquota statusline --help
    usage: tokenquota statusline [OPTION]... NAME
    
    Print the status line for Claude Code, and apply the limits in its input.
    
      -f, --format TEXT               print this, with {5h}, {7d}, {state} and others in it
          --at INSTANT                use this time instead of now (RFC 3339, epoch seconds, now-15m, tomorrow)
          --color WHEN                use colour: auto, always or never
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Reads the JSON that Claude Code gives to the command of its status line, applies both windows
    of the subscription to the provider NAME, and prints one line. In ~/.claude/settings.json:
    
      "statusLine": {"type": "command", "command": "tokenquota statusline claude"}
    
    In the TEXT of --format these are replaced; what nobody knows is -:
    
      {5h} {7d} {7d_opus}          how much of a window is used, by its length and the vendor's name
      {5h_reset} {5h_left}         when that window ends, and how long that is
      {state} {runs_out}           of NAME; when the first of its windows is used up at this pace
      {model} {folder} {branch}    of the session in Claude Code
      {cost} {context} {session}   its dollars, how full its context is, its name
    
    Two {{ are one brace.
    
    Exit status: always 0. If something fails, the line says so, and stderr says why.
    $ tokenquota probe --help
    usage: tokenquota probe [OPTION]... take|success|failure PROVIDER | list
    
    Test whether a provider that its vendor keeps out is back, one caller at a time.
    
          --sent-at INSTANT           with success: when the request was sent, if not when the probe was taken
          --at INSTANT                use this time instead of now (RFC 3339, epoch seconds, now-15m, tomorrow)
          --json                      print one JSON document instead
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    take     reserves the probe for you for two minutes: send one request, and report the result
    success  reports that the request was served: the provider is available again
    failure  reports that it failed without an answer from the vendor; the next probe is due later
    list     prints the providers whose probe is due and free, a tab, and since when it is due
    
    A probe is due 5 minutes after a refusal with no known end, an hour after one with an end, and at
    once when a later reading has room. Each failure makes the wait longer, up to an hour.
    
    If the vendor answered, hand its response to `tokenquota signal --provider` instead.
    
    Exit status: 0 on success; `take`: 0 if the probe is yours, 1 if it is not; 2 on an error.
    
      tokenquota probe take openai && ask-openai && tokenquota probe success openai
    $ tokenquota watch --help
    usage: tokenquota watch [OPTION]... [PROVIDER]...
    
    Print each state change as it happens, and run a command on it.
    
      -x, --exec COMMAND              run this by sh -c on each transition, one at a time
      -w, --warn PERCENTS             also tell when so much of a limit or budget is used, once a window: 50,80,90
          --json                      print one JSON document per line
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Without a PROVIDER, watches all of them. Their states at the start are not printed. While a
    provider is out, a new reason is a change too, and so is an end that moves a minute or more
    later. Without a ledger, waits until there is one. COMMAND gets TOKENQUOTA_PROVIDER,
    TOKENQUOTA_STATE, TOKENQUOTA_REASON, TOKENQUOTA_UNTIL (RFC 3339, or empty) and
    TOKENQUOTA_SENTENCE in its environment. If providers change while COMMAND runs, it is run
    again afterwards, once per changed provider, with the current state.
    
    With --warn, of all processes that watch one tells of a limit that has reached a percent; each
    tells of the day's budget. The highest percent is told, with TOKENQUOTA_STATE=warning,
    TOKENQUOTA_LIMIT and TOKENQUOTA_PERCENT. For a limit that the vendor states or speaks of its
    share counts.
    
    Exit status: 0 after Ctrl-C or SIGTERM, 2 on an error.
    
      tokenquota watch --exec 'notify-send "$TOKENQUOTA_PROVIDER" "$TOKENQUOTA_SENTENCE"'
    $ tokenquota budget --help
    usage: tokenquota budget [OPTION]... PROVIDER [TOKENS|none]
    
    Set or print a provider's budget in tokens per UTC day.
    
          --json                      print the budget as JSON
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Write TOKENS as 5000000, 5M or 1.5k. `none`, or 0, removes the budget. A budget that is used
    up takes the provider out at once. The next `tokenquota observe` makes a new prediction.
    
    Exit status: 0 on success, 2 on an error.
    
      tokenquota budget openai 5M
    $ tokenquota rule --help
    usage: tokenquota rule [OPTION]... PROVIDER [care|off|original|horizon|default]
    
    Set or print the rule that decides when a provider's budget or limit is exhausted.
    
          --json                      print the rule as JSON
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    care      exhausted when less is left than 5/4 of what the last half hour used, or, in the last
              quarter, than 5/4 of a mean call; every record is a new decision. The 5/4 is its care:
              `tokenquota set PROVIDER care=2`. It holds for the budget and for limits
    off       no prediction: exhausted when it is used up
    original  exhausted when the day's average rate so far would exceed the budget; lasts until the
              day ends
    horizon   what care replaces, for ledgers that were made with it: exhausted when less of the
              budget is left than the last half hour used; from 9/10 of it on until the day ends
    default   the ledger's rule, which is care unless the ledger was created with another
    
    original and horizon predict nothing of limits.
    
    Exit status: 0 on success, 2 on an error.
    
      tokenquota rule openai original
    $ tokenquota mark --help
    usage: tokenquota mark [OPTION]... PROVIDER exhausted|available
    
    Take a provider out of routing until a given time, or put it back.
    
      -u, --until INSTANT             until then (RFC 3339, 20260305, epoch seconds, now+15m, tomorrow)
      -f, --for LENGTH                for this long: 15m, 1h30m, 2d
          --at INSTANT                use this time instead of now (RFC 3339, epoch seconds, now-15m, tomorrow)
          --json                      print the provider's new state as JSON
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    A new mark replaces the old one. A day means its 00:00 UTC. `available` clears every reason
    why the provider is out but its own budget and limits, and says which words of the vendor it
    overrules: read again, they do not count. Prints the provider's new state.
    
    Exit status: 0 on success, 2 on an error.
    
      tokenquota mark openai exhausted --until tomorrow
    $ tokenquota exhausted --help
    usage: tokenquota exhausted [OPTION]...
    
    List the providers that are out, and until when.
    
      -a, --all                       include providers whose time has passed
          --at INSTANT                use this time instead of now (RFC 3339, epoch seconds, now-15m, tomorrow)
          --json                      print one JSON document instead
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Exit status: 0 if no provider is out, 1 if one is, 2 on an error.
    $ tokenquota correct --help
    usage: tokenquota correct [OPTION]... PROVIDER -TOKENS
    
    Subtract tokens that were counted by mistake.
    
          --at INSTANT                correct the UTC day of this instant instead of today
          --json                      print the provider's new state as JSON
      -v, --verbose                   print the provider's new state
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    The day's count does not fall below 0.
    
    Exit status: 0 on success, 2 on an error.
    
      tokenquota correct openai -500
    $ tokenquota reset --help
    usage: tokenquota reset [OPTION]... PROVIDER|--all
    
    Forget what a provider used; its budget, limits and marks stay.
    
      -a, --all                       reset every provider
      -y, --yes                       do not ask
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Asks first on a terminal. Without a terminal, --all needs --yes.
    
    Exit status: 0 on success, 1 if you did not agree, 2 on an error.
    $ tokenquota forget --help
    usage: tokenquota forget [OPTION]... PROVIDER...
    
    Forget a provider: usage, limits, settings and marks.
    
      -y, --yes                       do not ask
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Asks first on a terminal; without a terminal it needs --yes. The name keeps using space in the
    file until `tokenquota ledger compact`. It comes back when something is counted or set for it.
    The limits, budget and marks of a pool no longer hold for the providers in it.
    
    Exit status: 0 on success, 1 if you did not agree, 2 on an error.
    $ tokenquota ledger --help
    usage: tokenquota ledger VERB [OPTION]...
    
    Manage the file: path, create, names, check, dump, flush, backup, restore, compact.
    
      path     print the path of the ledger, whether it exists or not
      create   create the ledger, with options
      names    print the providers' names, one per line, in byte order
      check    check every word of the ledger, and print its own statistics
      dump     print everything in the ledger as one JSON document
      flush    write what was counted to the disk, to survive a power failure
      backup   write a copy of the ledger and of its imported responses
      restore  replace the contents of the ledger by those of a backup
      compact  rewrite the file without forgotten providers, in this version's format
    
      -h, --help                      print this help
    
    `tokenquota ledger VERB --help` prints the options of a verb.
    $ tokenquota doctor --help
    usage: tokenquota doctor [OPTION]...
    
    Find the ledger, say what is wrong with it and how to repair it.
    
          --json                      print one JSON document instead
          --color WHEN                use colour: auto, always or never
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Changes nothing, but reads the rules of the limits' time zones anew. Each line is ok, note
    (worth knowing) or bad, with advice below it.
    
    Exit status: 0 if nothing is bad, 1 if something is, 2 on an error.

ledger_compact
  $ . ./say.sh
  $ say observe openai 5 --at $A
  $ say observe anthropic 6 --at $A
  $ say budget openai 5M
  $ say forget anthropic --yes
  $ "$TQ" ledger check | grep -E '^(providers|slots)'
  $ "$TQ" ledger compact | sed 's/[0-9,]* bytes on the disk, [0-9,]* before/BYTES/'
  $ "$TQ" ledger check | grep -E '^(providers|slots)'
  $ say status --at $A --json | grep -E '"(provider|used|budget)"'
  $ # Not while somebody has it open.
  $ mkfifo documents
  $ "$TQ" status --watch --json > documents &
  $ { read -r line; "$TQ" ledger compact 2>&1 | sed "s,[0-9][0-9]*,NUMBER,g"; } < documents
  $ kill $!
  $ say ledger compact now
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota observe anthropic 6 --at 2025-03-03T16:45:30Z
    $ tokenquota budget openai 5M
    $ tokenquota forget anthropic --yes
    providers          2  names
    slots              2  in use, also by forgotten and killed providers
    ledger: BYTES
    providers          1  names
    slots              1  in use, also by forgotten and killed providers
          "provider": "openai",
          "used": 5,
          "budget": 5000000,
    tokenquota: ledger compact: ledger is in use by other processes: try again when they have closed it
    $ tokenquota ledger compact now
    tokenquota: ledger compact: unexpected "now"
    (exit 2)

ledger_create
  $ . ./say.sh
  $ umask 0
  $ say ledger create --days 8 --rule original
  $ stat -c %a ledger
  $ say ledger create
  $ "$TQ" ledger check | head -3
  $ for words in '--days 9' '--days' '--rule horizons' 'there' '--ledger no/such/folder/ledger'; do
  $     "$TQ" ledger create $words 2>&1 | sed "s,$PWD/,,"
  $ done
    $ tokenquota ledger create --days 8 --rule original
    ledger
    600
    $ tokenquota ledger create
    tokenquota: ledger create: there is something at ledger already; `tokenquota doctor` says what
    (exit 2)
    ledger
    rule        original  for providers without their own
    days               8  kept of each provider
    tokenquota: ledger create: --days "9": write 8, 16, 32 or 64
    tokenquota: ledger create: --days needs a value: --days DAYS
    tokenquota: ledger create: --rule "horizons": write care, off, original or horizon
    tokenquota: ledger create: unexpected "there"; name a path with --ledger
    tokenquota: ledger create: no/such/folder is not there: make the folder (mkdir -p)

ledger_damaged
  $ . ./say.sh
  $ say_here() {
  $     say "$@" 2>&1 | sed "s,$PWD/,,g"
  $ }
  $ # What is no ledger, or no longer one, is refused: each word of the file's first line changed, and cut short.
  $ say observe openai 5 --at $A
  $ say observe anthropic 6 --at $A
  $ cp ledger sound
  $ for at in 0 8 16 24; do
  $     cp sound ledger
  $     printf '\377\377\377\377' | dd of=ledger bs=1 seek=$at conv=notrunc status=none
  $     "$TQ" ledger check > said 2>&1
  $     echo "$at: exit $?"
  $ done
  $ cp sound ledger
  $ truncate -s 100 ledger
  $ say_here ledger check
  $ truncate -s 0 ledger
  $ say_here ledger check
  $ say_here observe openai 1
  $ say_here doctor | sed -n 's/^bad *//p; s/^ *->/->/p'
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota observe anthropic 6 --at 2025-03-03T16:45:30Z
    0: exit 2
    8: exit 2
    16: exit 2
    24: exit 2
    $ tokenquota ledger check
    tokenquota: ledger check: ledger is not a ledger: move it away (mv) and a new one is made
    (exit 2)
    $ tokenquota ledger check
    tokenquota: ledger check: ledger is not a ledger: move it away (mv) and a new one is made
    (exit 2)
    $ tokenquota observe openai 1
    tokenquota: observe: ledger is not a ledger: move it away (mv) and a new one is made
    (exit 2)
    open     ledger is not a ledger: move it away (mv) and a new one is made

ledger_dump
  $ . ./say.sh
  $ say observe openai 5 --at $A
  $ say observe openai 6 --at 2025-03-01T00:00:00Z
  $ say observe anthropic 9223372036854775807 --at $A
  $ say budget openai 5M
  $ say rule openai original
  $ say mark gemini exhausted --until tomorrow --at $A
  $ say observe '"quoted" \name' 1 --at 2020-01-01T00:00:00Z
  $ say_same ledger dump
  $ say ledger dump all
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota observe openai 6 --at 2025-03-01T00:00:00Z
    $ tokenquota observe anthropic 9223372036854775807 --at 2025-03-03T16:45:30Z
    $ tokenquota budget openai 5M
    $ tokenquota rule openai original
    $ tokenquota mark gemini exhausted --until tomorrow --at 2025-03-03T16:45:30Z
    gemini: quota_exhausted (marked) until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h 15 min; 0 tokens used in UTC day 2025-03-03
    $ tokenquota observe "quoted" \name 1 --at 2020-01-01T00:00:00Z
    $ tokenquota ledger dump
    {"schema":1,"version": "NUMBER",
    "path":"ledger",
    "ledger":{"history_days":64,"rule":"care","providers":4,"slots":4,"file_bytes": BYTES,"late":1,"too_old":0,"clock":0,"saturated":1,"ahead":0,"rebuilt":0,"recovered":0},
    "providers":[
    {"provider":"\"quoted\" \\name","budget":null,"rule":null,"care":null,"pool":null,"weights_thousandths":{"input":1000,"cache_read":1000,"cache_write":1000,"output":1000},"price_micro_usd":{"input":null,"cache_read":null,"cache_write":null,"output":null},"overage":"allow","cut":"share","marked":false,"retry_at":null,"limits":[],"days":[{"day":"2020-01-01","used":1}]},
    {"provider":"anthropic","budget":null,"rule":null,"care":null,"pool":null,"weights_thousandths":{"input":1000,"cache_read":1000,"cache_write":1000,"output":1000},"price_micro_usd":{"input":null,"cache_read":null,"cache_write":null,"output":null},"overage":"allow","cut":"share","marked":false,"retry_at":null,"limits":[],"days":[{"day":"2025-03-03","used":"9223372036854775807"}]},
    {"provider":"gemini","budget":null,"rule":null,"care":null,"pool":null,"weights_thousandths":{"input":1000,"cache_read":1000,"cache_write":1000,"output":1000},"price_micro_usd":{"input":null,"cache_read":null,"cache_write":null,"output":null},"overage":"allow","cut":"share","marked":true,"retry_at":"2025-03-04T00:00:00Z","limits":[],"days":[]},
    {"provider":"openai","budget":5000000,"rule":"original","care":null,"pool":null,"weights_thousandths":{"input":1000,"cache_read":1000,"cache_write":1000,"output":1000},"price_micro_usd":{"input":null,"cache_read":null,"cache_write":null,"output":null},"overage":"allow","cut":"share","marked":false,"retry_at":null,"limits":[],"days":[{"day":"2025-03-03","used":5},{"day":"2025-03-01","used":6}]}
    ]}
    $ tokenquota ledger dump all
    tokenquota: ledger dump: unexpected "all"
    (exit 2)

ledger_flush
  $ . ./say.sh
  $ say observe openai 5
  $ say ledger flush
  $ say ledger flush 1s
  $ say ledger flush --every never
  $ # Again and again, on the file that has the name by then; it ends when the name is gone.
  $ "$TQ" ledger flush --every 1ms 2> said &
  $ flusher=$!
  $ cp ledger other && "$TQ" ledger flush --ledger other 2> /dev/null && mv other ledger
  $ say observe openai 5
  $ rm ledger
  $ wait $flusher
  $ echo "exit $?"
  $ sed "s,$PWD/,," said
    $ tokenquota observe openai 5
    $ tokenquota ledger flush
    $ tokenquota ledger flush 1s
    tokenquota: ledger flush: unexpected "1s"; to flush repeatedly use: --every LENGTH
    (exit 2)
    $ tokenquota ledger flush --every never
    tokenquota: ledger flush: --every "never" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
    (exit 2)
    $ tokenquota observe openai 5
    exit 2
    tokenquota: ledger flush: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS

ledger_help
  $ . ./say.sh
  $ say ledger
  $ for verb in create names check dump flush backup restore compact; do
  $     say ledger $verb --help
  $ done
    $ tokenquota ledger
    usage: tokenquota ledger VERB [OPTION]...
    
    Manage the file: path, create, names, check, dump, flush, backup, restore, compact.
    
      path     print the path of the ledger, whether it exists or not
      create   create the ledger, with options
      names    print the providers' names, one per line, in byte order
      check    check every word of the ledger, and print its own statistics
      dump     print everything in the ledger as one JSON document
      flush    write what was counted to the disk, to survive a power failure
      backup   write a copy of the ledger and of its imported responses
      restore  replace the contents of the ledger by those of a backup
      compact  rewrite the file without forgotten providers, in this version's format
    
      -h, --help                      print this help
    
    `tokenquota ledger VERB --help` prints the options of a verb.
    (exit 2)
    $ tokenquota ledger create --help
    usage: tokenquota ledger create [OPTION]...
    
    Create the ledger, with options.
    
          --system                    create the machine's ledger, for all members of --group; needs root
          --group GROUP               the group that may count on the machine's ledger
          --days DAYS                 days to keep for each provider: 8, 16, 32 or 64 (64)
          --rule RULE                 for providers without a rule: care, off, original or horizon (care)
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Without options it creates what `tokenquota observe` creates by itself. --system creates
    /var/lib/tokenquota/ledger, on which all members of the group count. Prints the path.
    
    Exit status: 0 on success, 2 on an error.
    
      sudo tokenquota ledger create --system --group llm
    $ tokenquota ledger names --help
    usage: tokenquota ledger names [OPTION]...
    
    Print the providers' names, one per line, in byte order.
    
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    A name never contains a line end. Exit status: 0 on success, 2 on an error.
    $ tokenquota ledger check --help
    usage: tokenquota ledger check [OPTION]...
    
    Check every word of the ledger, and print its own statistics.
    
          --json                      print one JSON document instead
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Other programs may keep counting meanwhile.
    
    Exit status: 0 if the ledger is sound, 1 if it is not, 2 on an error.
    $ tokenquota ledger dump --help
    usage: tokenquota ledger dump [OPTION]...
    
    Print everything in the ledger as one JSON document.
    
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Providers are sorted by name, each with its days from 2020 on, the newest first.
    
    Exit status: 0 on success, 2 on an error.
    $ tokenquota ledger flush --help
    usage: tokenquota ledger flush [OPTION]...
    
    Write what was counted to the disk, to survive a power failure.
    
      -e, --every LENGTH              flush repeatedly, at this interval (1s, 500ms), until a signal ends it
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    You do not need it for programs that crash: they lose nothing. Without it, the kernel writes
    the file within about half a minute.
    
    Exit status: 0 on success, 2 on an error.
    
      tokenquota ledger flush --every 1s
    $ tokenquota ledger backup --help
    usage: tokenquota ledger backup [OPTION]... FILE
    
    Write a copy of the ledger and of its imported responses.
    
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Other programs may keep counting. FILE must not exist; it may be on any disk. The imported
    responses, if there are any, go to FILE.imports. When the command ends, both files are on the
    disk, and only you can read them.
    
    Exit status: 0 on success, 2 on an error.
    
      tokenquota ledger backup /mnt/backups/ledger-$(date +%F)
    $ tokenquota ledger restore --help
    usage: tokenquota ledger restore [OPTION]... FILE
    
    Replace the contents of the ledger by those of a backup.
    
      -y, --yes                       do not ask
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Asks first on a terminal; without a terminal it needs --yes. No program may have the ledger
    open. The ledger keeps its owner and its permissions. The imported responses are replaced
    too: by FILE.imports, or, if it does not exist, by nothing, so that the next import counts all
    logs. If the command is interrupted, both files are the old ones or both are restored.
    
    Exit status: 0 on success, 1 if you did not agree, 2 on an error.
    $ tokenquota ledger compact --help
    usage: tokenquota ledger compact [OPTION]...
    
    Rewrite the file without forgotten providers, in this version's format.
    
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    No program may have the ledger open. If the command is interrupted, the old file or the new
    one is there, complete.
    
    Exit status: 0 on success, 2 on an error.

ledger_none
  $ . ./say.sh
  $ say_same status --json
  $ for words in status exhausted 'route openai' 'budget openai' 'rule openai' 'correct openai -1' \
  $     'mark openai available' 'reset openai' 'forget openai -y' 'ledger names' 'ledger check' 'ledger dump' \
  $     'ledger flush' 'ledger backup copy' 'ledger compact'; do
  $     say $words
  $ done
  $ ls ledger
  $ say status --ledger no/such/folder/ledger
  $ say observe openai 1 --ledger "no/such/folder/ledger"
    $ tokenquota status --json
    {
      "schema": 1,
      "version": "NUMBER",
      "path": "ledger",
      "ledger": null,
      "providers": []
    }
    $ tokenquota status
    there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    $ tokenquota exhausted
    tokenquota: exhausted: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota route openai
    tokenquota: route: note: there is no ledger at ledger yet, so "openai" is available
    openai
    $ tokenquota budget openai
    tokenquota: budget: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota rule openai
    tokenquota: rule: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota correct openai -1
    tokenquota: correct: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota mark openai available
    tokenquota: mark: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota reset openai
    tokenquota: reset: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota forget openai -y
    tokenquota: forget: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota ledger names
    tokenquota: ledger names: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota ledger check
    tokenquota: ledger check: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota ledger dump
    tokenquota: ledger dump: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota ledger flush
    tokenquota: ledger flush: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota ledger backup copy
    tokenquota: ledger backup: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota ledger compact
    tokenquota: ledger compact: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    ls: cannot access 'ledger': No such file or directory
    $ tokenquota status --ledger no/such/folder/ledger
    there is no ledger at no/such/folder/ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    $ tokenquota observe openai 1 --ledger no/such/folder/ledger
    tokenquota: observe: no/such/folder is not there: make the folder (mkdir -p)
    (exit 2)

ledger_path
  $ . ./say.sh
  $ say ledger path
  $ say ledger path --ledger a/b
  $ TOKENQUOTA_LEDGER=
  $ say ledger path
  $ unset TOKENQUOTA_LEDGER
  $ say ledger path --ledger ''
  $ say ledger path x
  $ say ledger pth
  $ say ledger --ledger x path
  $ say ledger nothing
  $ say ledger path --help
    $ tokenquota ledger path
    ledger
    $ tokenquota ledger path --ledger a/b
    a/b
    $ tokenquota ledger path
    tokenquota: ledger path: $TOKENQUOTA_LEDGER is empty; give a path, or unset it
    (exit 2)
    $ tokenquota ledger path --ledger 
    tokenquota: ledger path: --ledger is empty; give a path
    (exit 2)
    $ tokenquota ledger path x
    tokenquota: ledger path: unexpected "x"
    (exit 2)
    $ tokenquota ledger pth
    tokenquota: ledger: unknown "pth"; did you mean "ledger path"?
    (exit 2)
    $ tokenquota ledger --ledger x path
    tokenquota: ledger: write the verb before its options, as in: tokenquota ledger check --ledger
    (exit 2)
    $ tokenquota ledger nothing
    tokenquota: ledger: unknown "nothing"; `tokenquota ledger --help` lists the verbs
    (exit 2)
    $ tokenquota ledger path --help
    usage: tokenquota ledger path [OPTION]...
    
    Print the path of the ledger, whether it exists or not.
    
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Uses the first that applies: --ledger; $TOKENQUOTA_LEDGER; /var/lib/tokenquota/ledger,
    if it exists and you may write it (for root always); $XDG_STATE_HOME/tokenquota/ledger;
    without that variable, ~/.local/state/tokenquota/ledger.

ledger_path_root
  $ [ "$(id -u)" = 0 ] || { echo 'not run as root' >&2; exit 77; }
  $ unset TOKENQUOTA_LEDGER
  $ "$TQ" ledger path
    /var/lib/tokenquota/ledger

ledger_path_user
  $ # Where it is for a user: in the folder for state, made for nobody else.
  $ as_user=
  $ if [ "$(id -u)" = 0 ]; then
  $     setpriv --reuid 65534 --regid 65534 --clear-groups "$TQ" version > /dev/null 2>&1 ||
  $         { echo 'run as root, and no other user can run the command' >&2; exit 77; }
  $     as_user='setpriv --reuid 65534 --regid 65534 --clear-groups'
  $ fi
  $ if [ -w /var/lib/tokenquota/ledger ]; then
  $     echo 'this machine has a ledger of its own' >&2
  $     exit 77
  $ fi
  $ unset TOKENQUOTA_LEDGER
  $ umask 0
  $ home=$(mktemp -d) && chmod 777 "$home" && cd "$home" || exit
  $ HOME=$home $as_user "$TQ" ledger path | sed "s,$home/,HOME/,"
  $ HOME=$home $as_user "$TQ" observe openai 5 && find .local -printf '%m %p\n' | sort -k2
  $ XDG_STATE_HOME=$home/state $as_user "$TQ" ledger path | sed "s,$home/,HOME/,"
  $ XDG_STATE_HOME=relative HOME=$home $as_user "$TQ" ledger path | sed "s,$home/,HOME/,"
  $ HOME= $as_user "$TQ" ledger path || echo "(exit $?)"
  $ cd / && rm -rf "$home"
    HOME/.local/state/tokenquota/ledger
    700 .local
    700 .local/state
    700 .local/state/tokenquota
    600 .local/state/tokenquota/ledger
    HOME/state/tokenquota/ledger
    HOME/.local/state/tokenquota/ledger
    (exit 2)
  ! tokenquota: ledger path: no home directory; set HOME, or TOKENQUOTA_LEDGER to the ledger's path

ledger_rebuilt
  $ . ./say.sh
  $ say_here() {
  $     say "$@" 2>&1 | sed "s,$PWD/,,g"
  $ }
  $ # Another boot than the one the ledger was last open in: the first command says that it rebuilt, in one line.
  $ say observe openai 5 --at $A
  $ boot() {
  $     printf '\125\125\125\125' | dd of=ledger bs=1 seek=88 conv=notrunc status=none
  $ }
  $ boot
  $ say_here observe openai 6 --at $A
  $ say observe openai 7 --at $A
  $ say status openai --at $A | grep openai
  $ boot
  $ say_here ledger compact | sed -E 's/[0-9,]+ bytes.*/BYTES/'
  $ boot
  $ say_here doctor | grep -E 'rebuilt|check'
  $ say_here ledger check | grep -E 'rebuilt|recovered|sound'
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota observe openai 6 --at 2025-03-03T16:45:30Z
    tokenquota: observe: ledger was rebuilt, because the machine was started anew: 1 name
    $ tokenquota observe openai 7 --at 2025-03-03T16:45:30Z
    $ tokenquota status openai --at 2025-03-03T16:45:30Z
    openai      18      -     -                        1         26  available
    $ tokenquota ledger compact
    tokenquota: ledger compact: ledger was rebuilt, because the machine was started anew: 1 name
    ledger: BYTES
    note  open     ledger was rebuilt, because the machine was started anew: 1 name
    ok    check    1 provider, no errors found
    note  power    3 times the index was rebuilt after a restart of the machine, or in a copy
    rebuilt            3  times, after a restart of the machine or in a copy
    recovered          3  names that a rebuild put back
    sound: no errors found

ledger_system
  $ # The machine's ledger, on a /var/lib that only this case sees.
  $ exec 3>&2; . ./say.sh
  $ if [ "$(id -u)" != 0 ] || ! unshare -m mount -t tmpfs none /var/lib 2> /dev/null; then
  $     exec 2>&3
  $     echo 'not root, or not allowed to mount' >&2
  $     exit 77
  $ fi
  $ cat > inside.sh <<'END'
  $ . ./say.sh
  $ mount -t tmpfs none /var/lib
  $ unset TOKENQUOTA_LEDGER
  $ umask 077
  $ say ledger create --system
  $ say ledger create --group daemon
  $ say ledger create --system --group no-such-group
  $ say ledger create --system --group daemon --ledger here
  $ say ledger create --system --group daemon
  $ say ledger create --system --group daemon
  $ stat -c '%a %U %G %n' /var/lib/tokenquota /var/lib/tokenquota/ledger
  $ say observe openai 5
  $ say ledger names
  $ END
  $ unshare -m sh inside.sh
    $ tokenquota ledger create --system
    tokenquota: ledger create: --system and --group GROUP go together
    (exit 2)
    $ tokenquota ledger create --group daemon
    tokenquota: ledger create: --system and --group GROUP go together
    (exit 2)
    $ tokenquota ledger create --system --group no-such-group
    tokenquota: ledger create: there is no group "no-such-group"; make it: groupadd no-such-group
    (exit 2)
    $ tokenquota ledger create --system --group daemon --ledger here
    tokenquota: ledger create: --system is for /var/lib/tokenquota/ledger: leave --ledger out
    (exit 2)
    $ tokenquota ledger create --system --group daemon
    /var/lib/tokenquota/ledger
    $ tokenquota ledger create --system --group daemon
    tokenquota: ledger create: there is something at /var/lib/tokenquota/ledger already; `tokenquota doctor` says what
    (exit 2)
    2770 root daemon /var/lib/tokenquota
    660 root daemon /var/lib/tokenquota/ledger
    $ tokenquota observe openai 5
    $ tokenquota ledger names
    openai

no_ledger_waits
  $ # Before there is a ledger, and after it was taken away, what watches waits for one.
  $ see() { # FILE TEXT: waits until the file has it
  $     timeout 30 tail -n +1 -F "$1" 2> /dev/null | grep -qm1 -F "$2" || echo "$1 never has: $2"
  $ }
  $ : > lines; : > errors; : > documents
  $ "$TQ" watch > lines 2>> errors & watcher=$!
  $ "$TQ" status --watch --json > documents 2>> errors & shower=$!
  $ see errors 'watch: there is no ledger at ledger yet: waiting for one'
  $ see errors 'status: there is no ledger at ledger yet: waiting for one'
  $ "$TQ" observe openai 5
  $ see documents '"openai"'
  $ until grep -qF ledger /proc/$watcher/maps 2> /dev/null; do :; done
  $ n=0
  $ until [ -s lines ]; do "$TQ" mark begun-$((n += 1)) exhausted --for 1h > /dev/null 2>&1; done
  $ mv ledger away
  $ until [ "$(grep -c waiting errors)" = 4 ]; do sleep 0.1; done
  $ "$TQ" observe claude 5
  $ see documents '"claude"'
  $ until grep -qF /ledger /proc/$watcher/maps 2> /dev/null; do :; done # else it may never know that there was one
  $ mv ledger gone
  $ until [ "$(grep -c 'watch: there' errors)" = 3 ]; do sleep 0.1; done
  $ kill -TERM $watcher
  $ wait $watcher; echo "watch: exit $?"
  $ { kill -TERM $shower; wait $shower; status=$?; } 2> /dev/null # a shell may say that it was killed, or not
  $ echo "status: exit $status"
  $ sort -u errors
    watch: exit 0
    status: exit 143
    tokenquota: status: there is no ledger at ledger yet: waiting for one
    tokenquota: watch: there is no ledger at ledger yet: waiting for one
