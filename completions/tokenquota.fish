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
complete -c tokenquota -n $first -a budget -d 'set or print a budget'
complete -c tokenquota -n $first -a rule -d 'set or print what decides that a budget is exhausted'
complete -c tokenquota -n $first -a mark -d 'take a provider out of routing, or put it back'
complete -c tokenquota -n $first -a exhausted -d 'list the providers that are out'
complete -c tokenquota -n $first -a correct -d 'take tokens back off a day'
complete -c tokenquota -n $first -a reset -d 'forget what was used'
complete -c tokenquota -n $first -a forget -d 'forget a provider'
complete -c tokenquota -n $first -a ledger -d 'look after the file'
complete -c tokenquota -n $first -a doctor -d 'find the ledger, say what is wrong with it'
complete -c tokenquota -n $first -a replay -d 'live through usage logs again'
complete -c tokenquota -n $first -a version -d 'print the version of the library that runs'
complete -c tokenquota -n $first -a help -d 'print the commands, or the help of one'
complete -c tokenquota -n $first -l version -s V -d 'print the version'
complete -c tokenquota -l help -s h -d 'print the help'

for command in observe correct budget rule mark
    complete -c tokenquota -n "__tokenquota_is $command 0" -a '(__tokenquota_providers)'
end
for command in status route reset forget
    complete -c tokenquota -n "__tokenquota_is $command" -a '(__tokenquota_providers)'
end
complete -c tokenquota -n '__tokenquota_is budget 1' -a none
complete -c tokenquota -n '__tokenquota_is rule 1' -a 'original off default'
complete -c tokenquota -n '__tokenquota_is mark 1' -a 'exhausted available'
complete -c tokenquota -n '__tokenquota_is ledger 0' -a 'path create names check dump flush compact'
complete -c tokenquota -n '__tokenquota_is help 0' \
    -a 'observe status route budget rule mark exhausted correct reset forget ledger doctor replay version help'
complete -c tokenquota -n '__tokenquota_is replay' -F

for command in observe status route budget rule mark exhausted correct reset forget doctor
    complete -c tokenquota -n "__tokenquota_is $command" -l ledger -r -F -d 'use this ledger'
end
complete -c tokenquota -n '__tokenquota_verb path create names check dump flush compact' -l ledger -r -F \
    -d 'use this ledger'
for command in observe status route mark exhausted correct
    complete -c tokenquota -n "__tokenquota_is $command" -l at -x -a 'now now-1h tomorrow' -d 'not now'
end
for command in observe status route budget rule mark exhausted correct replay
    complete -c tokenquota -n "__tokenquota_is $command" -l json -d 'print JSON'
end
complete -c tokenquota -n '__tokenquota_verb check' -l json -d 'print JSON'
for command in observe status correct
    complete -c tokenquota -n "__tokenquota_is $command" -l verbose -s v -d 'print more'
end
for command in status doctor replay
    complete -c tokenquota -n "__tokenquota_is $command" -l color -x -a 'auto always never' -d 'when to use colour'
end
for command in reset forget
    complete -c tokenquota -n "__tokenquota_is $command" -l yes -s y -d 'do not ask'
end
complete -c tokenquota -n '__tokenquota_is observe' -l check -s c -d 'exit with 1 when exhausted'
complete -c tokenquota -n '__tokenquota_is status' -l watch -s w -d 'stay, and show each change'
complete -c tokenquota -n '__tokenquota_is status' -l days -d 'every day that is kept, too'
complete -c tokenquota -n '__tokenquota_is route' -l wait -s w -d 'wait until one is available'
complete -c tokenquota -n '__tokenquota_is route' -l timeout -s t -x -d 'wait at most'
complete -c tokenquota -n '__tokenquota_is mark' -l until -s u -x -a 'now+15m now+1h tomorrow' -d 'until when'
complete -c tokenquota -n '__tokenquota_is mark' -l for -s f -x -d 'for how long'
complete -c tokenquota -n '__tokenquota_is exhausted' -l all -s a -d 'those whose time has passed, too'
complete -c tokenquota -n '__tokenquota_is reset' -l all -s a -d 'of all providers'
complete -c tokenquota -n '__tokenquota_verb create' -l system -d 'the one of the machine'
complete -c tokenquota -n '__tokenquota_verb create' -l group -x -a '(__fish_complete_groups)' -d 'who may count on it'
complete -c tokenquota -n '__tokenquota_verb create' -l days -x -a '8 16 32 64' -d 'days kept'
complete -c tokenquota -n '__tokenquota_verb create' -l rule -x -a 'off original' -d 'of providers without their own'
complete -c tokenquota -n '__tokenquota_verb flush' -l every -s e -x -d 'again and again'
complete -c tokenquota -n '__tokenquota_is replay' -l budget -s b -x -d 'PROVIDER=TOKENS a day'
complete -c tokenquota -n '__tokenquota_is replay' -l budgets -s B -r -F -d 'the same from a file'
complete -c tokenquota -n '__tokenquota_is replay' -l as-is -d 'keep the order of the log'
complete -c tokenquota -n '__tokenquota_is replay' -l strict -d 'stop at the first bad line'
complete -c tokenquota -n '__tokenquota_is replay' -l quiet -s q -d 'print no transitions'
complete -c tokenquota -n '__tokenquota_is replay' -l days -d 'print every day'
