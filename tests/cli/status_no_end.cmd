# Another program may mark without an end.
. ./fill.sh
say mark openai exhausted --until 2261-12-31T23:59:59Z --at $A
COLUMNS=160 say status openai --at $A
