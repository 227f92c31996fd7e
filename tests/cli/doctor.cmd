. ./doctor.sh
umask 077
chmod 755 .
doctor
say observe openai 5 --at $A
doctor
say observe openai 5 --at 2019-01-01T00:00:00Z
say observe openai 9223372036854775807 --at $A
doctor
"$TQ" doctor | sed -nE 's/^ok +(version|clock) .*/\1/p'
say doctor ledger
say doctor --color red
