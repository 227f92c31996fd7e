hook: its help and what is wrong
  $ tokenquota hook --help
  $ tokenquota hook
  $ echo "(exit $?)"
  $ tokenquota hook claude --pause 101
  $ echo "(exit $?)"
  $ tokenquota hook claude --warn 90 --pause 80%
  $ echo "(exit $?)"
  $ tokenquota hook claude --on-error wait
  $ echo "(exit $?)"
    usage: tokenquota hook [OPTION]... PROVIDER
    
    Pause Claude Code, Codex or Gemini CLI before a limit: the command of a hook.
    
          --warn PERCENT              say so with each prompt once this much of a limit is used
          --pause PERCENT             pause once this much of a limit is used
          --max-wait LENGTH           wait at most this long, then stop (9m; keep it below the hook's timeout)
          --on-error WHAT             if it cannot decide: stop (default), or go on
          --wait                      read no input: wait until a call may be made, however long
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Reads the JSON that the tool hands its hook and answers in its form: `{}` lets the call through. It
    waits while PROVIDER is out or past --pause, and then lets the call through, so that an unattended
    run goes on after the reset. If the wait is longer than --max-wait, it ends the run with the reason
    and the command that goes on with it. docs/agents.md has the lines for each tool.
    
    The share is the largest one of PROVIDER's limits and budget and those of its pools. PROVIDER counts
    as available while nothing was counted for it, which is said. If it cannot decide, it says why in
    one line and stops.
    
    Exit status: 0 with the answer on stdout; 2 on an error, which the tools read as: stop. With
    --wait: 0 if a call may be made, 1 if --max-wait was too short, 2 on an error.
    
      tokenquota hook claude --pause 90 --wait && claude -c
    (exit 2)
    (exit 2)
    (exit 2)
    (exit 2)
  ! tokenquota: hook: it takes one PROVIDER, as in: tokenquota hook claude --warn 80 --pause 90
  ! tokenquota: hook: --pause "101" is no percent; write 1 to 100
  ! tokenquota: hook: --warn 90 comes too late: give a percent below --pause 80
  ! tokenquota: hook: --on-error "wait": write stop or go

hook: input that is no hook's stops, unless it is told to go on
  < no JSON
  $ tokenquota hook claude
  $ echo "(exit $?)"
  $ echo '{"hook_event_name": 5}' | tokenquota hook claude --on-error go
  $ echo "(exit $?)"
    (exit 2)
    {"systemMessage":"tokenquota: could not decide about \"claude\": standard input is not the JSON that a tool hands its hooks; this call goes through"}
    (exit 0)
  ! tokenquota: hook: could not decide about "claude": standard input is not the JSON that a tool hands its hooks; calls stop (--on-error go lets them through)
  ! tokenquota: hook: could not decide about "claude": standard input is not the JSON that a tool hands its hooks; this call goes through

hook: nothing was counted yet
  $ echo '{"hook_event_name":"UserPromptSubmit","session_id":"s-1"}' | tokenquota hook claude --ledger none
  $ echo '{"hook_event_name":"PreToolUse","session_id":"s-1"}' | tokenquota hook claude --ledger none
  $ echo '{"hook_event_name":"Stop","session_id":"s-1"}' | tokenquota hook claude --ledger none
    {"systemMessage":"tokenquota: there is no ledger at none yet, so \"claude\" may be called","hookSpecificOutput":{"hookEventName":"UserPromptSubmit","additionalContext":"tokenquota: there is no ledger at none yet, so \"claude\" may be called"}}
    {}
    {}
