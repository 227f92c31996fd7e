# tokenquota.fish: completion of tokenquota's commands, options and providers for fish.
# SPDX-License-Identifier: MIT

# The providers of the ledger that the command line names, or of the one that would be used.
function __tokenquota_providers
    set -l words (commandline -opc)
    set -l at (contains -i -- --ledger $words)
    if test -n "$at"; and set -q words[(math $at + 1)]
        $words[1] ledger names --ledger $words[(math $at + 1)] 2>/dev/null
    else
        $words[1] ledger names 2>/dev/null
    end
end

function __tokenquota_profiles
    set -l words (commandline -opc)
    echo auto
    $words[1] signal --list 2>/dev/null | cut -f1
end

# True when the command is the first argument and so many more words stand behind it, or any number.
function __tokenquota_is
    set -l words (commandline -opc)
    set -q words[2]; and test $words[2] = $argv[1]; and begin
        not set -q argv[2]; or test (count $words) -eq (math $argv[2] + 2)
    end
end

# True behind `ledger VERB`.
function __tokenquota_verb
    set -l words (commandline -opc)
    set -q words[3]; and test $words[2] = ledger; and contains -- $words[3] $argv
end

complete -c tokenquota -f

set -l first 'test (count (commandline -opc)) -eq 1'
complete -c tokenquota -n $first -a observe -d 'count the tokens that a call used'
complete -c tokenquota -n $first -a status -d 'show what was used of each budget, and who is out'
complete -c tokenquota -n $first -a route -d 'name the first provider that is available'
complete -c tokenquota -n $first -a explain -d 'say why a provider is in routing or out of it'
complete -c tokenquota -n $first -a signal -d 'show what a response says about quota, and apply it'
complete -c tokenquota -n $first -a statusline -d 'make the line that Claude Code shows'
complete -c tokenquota -n $first -a probe -d 'ask whether a provider whose end nobody knows is back'
complete -c tokenquota -n $first -a watch -d 'print each transition as it happens, run a command on it'
complete -c tokenquota -n $first -a budget -d 'set or print a budget'
complete -c tokenquota -n $first -a rule -d 'set or print what decides that a budget is exhausted'
complete -c tokenquota -n $first -a mark -d 'take a provider out of routing, or put it back'
complete -c tokenquota -n $first -a exhausted -d 'list the providers that are out'
complete -c tokenquota -n $first -a correct -d 'take tokens back off a day'
complete -c tokenquota -n $first -a reset -d 'forget what was used'
complete -c tokenquota -n $first -a forget -d 'forget a provider'
complete -c tokenquota -n $first -a import -d 'count what tools wrote down of themselves'
complete -c tokenquota -n $first -a usage -d 'show what was used, from logs and ledger'
complete -c tokenquota -n $first -a ledger -d 'look after the file'
complete -c tokenquota -n $first -a doctor -d 'find the ledger, say what is wrong with it'
complete -c tokenquota -n $first -a replay -d 'live through usage logs again'
complete -c tokenquota -n $first -a version -d 'print the version of the library that runs'
complete -c tokenquota -n $first -a help -d 'print the commands, or the help of one'
complete -c tokenquota -n $first -l version -s V -d 'print the version'
complete -c tokenquota -l help -s h -d 'print the help'

for command in observe statusline correct budget rule mark
    complete -c tokenquota -n "__tokenquota_is $command 0" -a '(__tokenquota_providers)'
end
for command in status route explain watch reset forget
    complete -c tokenquota -n "__tokenquota_is $command" -a '(__tokenquota_providers)'
end
complete -c tokenquota -n '__tokenquota_is budget 1' -a none
complete -c tokenquota -n '__tokenquota_is rule 1' -a 'horizon original off default'
complete -c tokenquota -n '__tokenquota_is probe 0' -a 'take success failure list'
complete -c tokenquota -n '__tokenquota_is probe 1' -a '(__tokenquota_providers)'
complete -c tokenquota -n '__tokenquota_is mark 1' -a 'exhausted available'
complete -c tokenquota -n '__tokenquota_is ledger 0' -a 'path create names check dump flush backup restore compact'
complete -c tokenquota -n '__tokenquota_is help 0' \
    -a 'observe status route explain signal statusline probe watch budget rule mark exhausted correct reset' \
    -a 'forget import usage ledger doctor replay version help'
for command in usage replay signal
    complete -c tokenquota -n "__tokenquota_is $command" -F
end
complete -c tokenquota -n '__tokenquota_is import 0' \
    -a 'claude codex gemini litellm openai-usage otel csv jsonl all'
complete -c tokenquota -n '__tokenquota_is import; and not __tokenquota_is import 0' -F

for command in observe status route explain signal statusline probe watch budget rule mark exhausted correct \
        reset forget import usage doctor
    complete -c tokenquota -n "__tokenquota_is $command" -l ledger -r -F -d 'use this ledger'
end
complete -c tokenquota -n '__tokenquota_verb path create names check dump flush backup restore compact' -l ledger -r -F \
    -d 'use this ledger'
for command in observe status route explain signal statusline probe mark exhausted correct import usage
    complete -c tokenquota -n "__tokenquota_is $command" -l at -x -a 'now now-1h 7d yesterday today' -d 'instead of now'
end
for command in observe signal probe
    complete -c tokenquota -n "__tokenquota_is $command" -l sent-at -x -a 'now now-1m' -d 'when the request was sent'
end
for command in observe signal
    complete -c tokenquota -n "__tokenquota_is $command" -l profile -x -a '(__tokenquota_profiles)' \
        -d 'whose response it is'
end
for command in observe status route explain signal probe watch budget rule mark exhausted correct import usage doctor replay
    complete -c tokenquota -n "__tokenquota_is $command" -l json -d 'print JSON'
end
complete -c tokenquota -n '__tokenquota_verb backup restore' -F
complete -c tokenquota -n '__tokenquota_verb restore' -l yes -s y -d 'do not ask'
complete -c tokenquota -n '__tokenquota_verb check' -l json -d 'print JSON'
for command in observe status explain correct
    complete -c tokenquota -n "__tokenquota_is $command" -l verbose -s v -d 'print more'
end
for command in status statusline usage doctor replay
    complete -c tokenquota -n "__tokenquota_is $command" -l color -x -a 'auto always never' -d 'when to use colour'
end
for command in reset forget
    complete -c tokenquota -n "__tokenquota_is $command" -l yes -s y -d 'do not ask'
end
complete -c tokenquota -n '__tokenquota_is observe' -l usage -s u -r -F -d 'the tokens are what this response says'
complete -c tokenquota -n '__tokenquota_is observe' -l check -s c -d 'exit with 1 when exhausted'
complete -c tokenquota -n '__tokenquota_is status' -l watch -s w -d 'stay, and show each change'
complete -c tokenquota -n '__tokenquota_is status' -l days -d 'every day that is kept, too'
complete -c tokenquota -n '__tokenquota_is route' -l wait -s w -d 'wait until one is available'
complete -c tokenquota -n '__tokenquota_is route' -l timeout -s t -x -d 'wait at most'
complete -c tokenquota -n '__tokenquota_is route' -l no-probe -d 'never take a probe'
complete -c tokenquota -n '__tokenquota_is signal' -l provider -s p -x -a '(__tokenquota_providers)' -d 'apply it'
complete -c tokenquota -n '__tokenquota_is signal' -l count -s c -d 'count what was used, too'
complete -c tokenquota -n '__tokenquota_is signal' -l for-model -d 'the provider is the model of the request'
complete -c tokenquota -n '__tokenquota_is signal' -l status -x -a '200 402 403 429 503 529' -d 'of HTTP'
complete -c tokenquota -n '__tokenquota_is signal' -l pass -d 'write the body on to standard output'
complete -c tokenquota -n '__tokenquota_is signal' -l quiet -s q -d 'print no report'
complete -c tokenquota -n '__tokenquota_is signal' -l list -d 'print the profiles'
complete -c tokenquota -n '__tokenquota_is watch' -l exec -s x -r -d 'run this on each transition'
complete -c tokenquota -n '__tokenquota_is mark' -l until -s u -x -a 'now+15m now+1h tomorrow' -d 'until when'
complete -c tokenquota -n '__tokenquota_is mark' -l for -s f -x -d 'for how long'
complete -c tokenquota -n '__tokenquota_is exhausted' -l all -s a -d 'those whose time has passed, too'
complete -c tokenquota -n '__tokenquota_is reset' -l all -s a -d 'of all providers'
complete -c tokenquota -n '__tokenquota_verb create' -l system -d 'the one of the machine'
complete -c tokenquota -n '__tokenquota_verb create' -l group -x -a '(__fish_complete_groups)' -d 'who may count on it'
complete -c tokenquota -n '__tokenquota_verb create' -l days -x -a '8 16 32 64' -d 'days kept'
complete -c tokenquota -n '__tokenquota_verb create' -l rule -x -a 'horizon original off' \
    -d 'of providers without their own'
complete -c tokenquota -n '__tokenquota_verb flush' -l every -s e -x -d 'again and again'
complete -c tokenquota -n '__tokenquota_is replay' -l budget -s b -x -d 'PROVIDER=TOKENS a day'
complete -c tokenquota -n '__tokenquota_is replay' -l budgets -s B -r -F -d 'the same from a file'
complete -c tokenquota -n '__tokenquota_is replay' -l rule -s r -x -a 'horizon original off' -d 'what predicts'
complete -c tokenquota -n '__tokenquota_is replay' -l as-is -d 'keep the order of the log'
complete -c tokenquota -n '__tokenquota_is replay' -l strict -d 'stop at the first bad line'
complete -c tokenquota -n '__tokenquota_is replay' -l quiet -s q -d 'print no transitions'
complete -c tokenquota -n '__tokenquota_is replay' -l days -d 'print every day'
for command in import usage
    complete -c tokenquota -n "__tokenquota_is $command" -l provider -s p -x -a '{tool} {model}' -d 'name, a template'
    complete -c tokenquota -n "__tokenquota_is $command" -l since -x -a '7d yesterday today' -d 'from here on'
end
complete -c tokenquota -n '__tokenquota_is import' -l count -x -a 'counted total' -d 'what is counted'
complete -c tokenquota -n '__tokenquota_is import' -l dry-run -s n -d 'change nothing'
complete -c tokenquota -n '__tokenquota_is import' -l follow -s f -d 'go on'
complete -c tokenquota -n '__tokenquota_is import' -l quiet -s q -d 'print nothing'
complete -c tokenquota -n '__tokenquota_is usage' -l by -s b -x -a 'day week month session model provider tool'
complete -c tokenquota -n '__tokenquota_is usage' -l until -x -a 'now' -d 'up to here'
complete -c tokenquota -n '__tokenquota_is usage' -l source -s s -x \
    -a 'claude codex gemini litellm openai-usage otel csv jsonl' -d 'of one tool'
complete -c tokenquota -n '__tokenquota_is usage' -l local -d 'days of the local zone'
