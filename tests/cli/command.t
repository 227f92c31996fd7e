bad_command
  $ tokenquota repaly a.csv
  ! tokenquota: unknown command "repaly"; did you mean "replay"?
  [2]

bad_command_far
  $ tokenquota frobnicate
  ! tokenquota: unknown command "frobnicate"; `tokenquota help` lists the commands
  [2]

bad_overall_option
  $ tokenquota --versio
  ! tokenquota: unknown option "--versio"; did you mean "--version"?
  [2]

help
  $ tokenquota help
    usage: tokenquota COMMAND [ARGUMENT]...
    
    Counts LLM tokens per provider and tells you when a budget will not last the day.
    
      observe    count the tokens that a call used
      status     show how much of each budget was used, and which providers are out until when
      route      print a provider that is available: the first, or by a policy
      explain    say why a provider is available or out, and what would change that
      signal     show what a response says about quota, and apply it to a provider
      statusline print the status line for Claude Code, and apply the limits in its input
      probe      test whether a provider that its vendor keeps out is back, one caller at a time
      hold       set room aside for calls that run: take, settle, cancel, extend, list
      run        run a command with limits of its own, which hold for all that it starts
      watch      print each state change as it happens, and run a command on it
      poll       run a command that asks the vendor, in one process only, and apply its output
      serve      answer over HTTP, for programs that do not link the library
      sync       share limits with other machines, through a Valkey or Redis
      budget     set or print a provider's budget in tokens per UTC day
      limit      set, list or remove limits: tokens per day of a zone, requests per 5h, dollars per month
      preset     set limits from the plans of vendors: list, show, apply
      rule       set or print the rule that decides when a provider's budget or limit is exhausted
      set        change or print a provider's settings: budget, rule, care, pool, weights, price, overage, cut
      mark       take a provider out of routing until a given time, or put it back
      exhausted  list the providers that are out, and until when
      correct    subtract tokens that were counted by mistake
      reset      forget what a provider used; its budget, limits and marks stay
      forget     forget a provider: usage, limits, settings and marks
      import     count the responses in the logs that tools write, each response once
      usage      show usage by day, model, session, ..., from logs and ledger
      ledger     manage the file: path, create, names, check, dump, flush, backup, restore, compact
      doctor     find the ledger, say what is wrong with it and how to repair it
      replay     run usage logs through rules and limits: which would have run out, and when
      mcp        let agents ask how providers stand: a server of the Model Context Protocol on stdin
      hook       pause Claude Code, Codex or Gemini CLI before a limit: the command of a hook
      version    print the version of the library in use
      help       print this list, or the help of one command
    
      -V, --version   same as `tokenquota version`
      -h, --help      same as `tokenquota help`; `tokenquota COMMAND --help` explains one command
    
    Exit status: 0 yes, 1 no (a provider is exhausted), 2 an error, with a message that says why.

help_option
  $ tokenquota --help
    usage: tokenquota COMMAND [ARGUMENT]...
    
    Counts LLM tokens per provider and tells you when a budget will not last the day.
    
      observe    count the tokens that a call used
      status     show how much of each budget was used, and which providers are out until when
      route      print a provider that is available: the first, or by a policy
      explain    say why a provider is available or out, and what would change that
      signal     show what a response says about quota, and apply it to a provider
      statusline print the status line for Claude Code, and apply the limits in its input
      probe      test whether a provider that its vendor keeps out is back, one caller at a time
      hold       set room aside for calls that run: take, settle, cancel, extend, list
      run        run a command with limits of its own, which hold for all that it starts
      watch      print each state change as it happens, and run a command on it
      poll       run a command that asks the vendor, in one process only, and apply its output
      serve      answer over HTTP, for programs that do not link the library
      sync       share limits with other machines, through a Valkey or Redis
      budget     set or print a provider's budget in tokens per UTC day
      limit      set, list or remove limits: tokens per day of a zone, requests per 5h, dollars per month
      preset     set limits from the plans of vendors: list, show, apply
      rule       set or print the rule that decides when a provider's budget or limit is exhausted
      set        change or print a provider's settings: budget, rule, care, pool, weights, price, overage, cut
      mark       take a provider out of routing until a given time, or put it back
      exhausted  list the providers that are out, and until when
      correct    subtract tokens that were counted by mistake
      reset      forget what a provider used; its budget, limits and marks stay
      forget     forget a provider: usage, limits, settings and marks
      import     count the responses in the logs that tools write, each response once
      usage      show usage by day, model, session, ..., from logs and ledger
      ledger     manage the file: path, create, names, check, dump, flush, backup, restore, compact
      doctor     find the ledger, say what is wrong with it and how to repair it
      replay     run usage logs through rules and limits: which would have run out, and when
      mcp        let agents ask how providers stand: a server of the Model Context Protocol on stdin
      hook       pause Claude Code, Codex or Gemini CLI before a limit: the command of a hook
      version    print the version of the library in use
      help       print this list, or the help of one command
    
      -V, --version   same as `tokenquota version`
      -h, --help      same as `tokenquota help`; `tokenquota COMMAND --help` explains one command
    
    Exit status: 0 yes, 1 no (a provider is exhausted), 2 an error, with a message that says why.

help_unknown
  $ tokenquota help repla
  ! tokenquota: help: unknown command "repla"; did you mean "replay"?
  [2]

no_command
  $ tokenquota
  ! usage: tokenquota COMMAND [ARGUMENT]...
  ! 
  ! Counts LLM tokens per provider and tells you when a budget will not last the day.
  ! 
  !   observe    count the tokens that a call used
  !   status     show how much of each budget was used, and which providers are out until when
  !   route      print a provider that is available: the first, or by a policy
  !   explain    say why a provider is available or out, and what would change that
  !   signal     show what a response says about quota, and apply it to a provider
  !   statusline print the status line for Claude Code, and apply the limits in its input
  !   probe      test whether a provider that its vendor keeps out is back, one caller at a time
  !   hold       set room aside for calls that run: take, settle, cancel, extend, list
  !   run        run a command with limits of its own, which hold for all that it starts
  !   watch      print each state change as it happens, and run a command on it
  !   poll       run a command that asks the vendor, in one process only, and apply its output
  !   serve      answer over HTTP, for programs that do not link the library
  !   sync       share limits with other machines, through a Valkey or Redis
  !   budget     set or print a provider's budget in tokens per UTC day
  !   limit      set, list or remove limits: tokens per day of a zone, requests per 5h, dollars per month
  !   preset     set limits from the plans of vendors: list, show, apply
  !   rule       set or print the rule that decides when a provider's budget or limit is exhausted
  !   set        change or print a provider's settings: budget, rule, care, pool, weights, price, overage, cut
  !   mark       take a provider out of routing until a given time, or put it back
  !   exhausted  list the providers that are out, and until when
  !   correct    subtract tokens that were counted by mistake
  !   reset      forget what a provider used; its budget, limits and marks stay
  !   forget     forget a provider: usage, limits, settings and marks
  !   import     count the responses in the logs that tools write, each response once
  !   usage      show usage by day, model, session, ..., from logs and ledger
  !   ledger     manage the file: path, create, names, check, dump, flush, backup, restore, compact
  !   doctor     find the ledger, say what is wrong with it and how to repair it
  !   replay     run usage logs through rules and limits: which would have run out, and when
  !   mcp        let agents ask how providers stand: a server of the Model Context Protocol on stdin
  !   hook       pause Claude Code, Codex or Gemini CLI before a limit: the command of a hook
  !   version    print the version of the library in use
  !   help       print this list, or the help of one command
  ! 
  !   -V, --version   same as `tokenquota version`
  !   -h, --help      same as `tokenquota help`; `tokenquota COMMAND --help` explains one command
  ! 
  ! Exit status: 0 yes, 1 no (a provider is exhausted), 2 an error, with a message that says why.
  [2]

vectors
  ? python3
  $ # The vectors that are made of calls the command has, each call a process of its own.
  $ python3 vectors.py "$TQ" "$cases/../vectors/seed-vectors.txt"
    28 cases, 1808 calls, 987 answers
