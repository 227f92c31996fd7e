# What a killed create or compact left beside the ledger is named, what somebody works on or is none of ours is not.
. ./doctor.sh
umask 077
chmod 755 .
echo left > ledger.new-0123456789abcdef
doctor
say observe openai 5 --at $A
cp ledger ledger.new-00000000000000aa
cp ledger ledger.new-mine
cp ledger ledger.new-00000000000000aab
cp ledger other.new-00000000000000aa
mkdir ledger.new-00000000000000bb
# The lock of whoever makes one: a byte far behind the end.
python3 -c 'import fcntl, subprocess, sys
file = open(sys.argv[1], "r+b")
fcntl.lockf(file, fcntl.LOCK_SH, 1, 1 << 62)
subprocess.run(sys.argv[2:])' ledger.new-0123456789abcdef "$TQ" doctor --ledger "$PWD/ledger" | grep -A 1 left | sed "s,$PWD,HERE,"
say ledger compact > compacted
rm ledger.new-00000000000000aa ledger.new-0123456789abcdef
doctor
