# What others counted beside an import in the last days.
. ./doctor.sh
. ./claude.sh
umask 077
chmod 755 .
claude alpha/s1 "$(date -u +%Y-%m-%dT%H:%M:%SZ)" a 50
say import claude --quiet
doctor
say observe claude 500
doctor
doctor --json | grep -c '"import"'
