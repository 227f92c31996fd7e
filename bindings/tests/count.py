"""count.py: one of the counters of test_storm.py, in Python: count.py LEDGER ALL OWN ROUNDS. See count.c.

SPDX-License-Identifier: MIT
"""
import os
import sys

import tokenquota

with tokenquota.Ledger(sys.argv[1]) as ledger:
    every, own = ledger[sys.argv[2]], ledger[sys.argv[3]]
    for _ in range(int(sys.argv[4])):
        every.observe(3)
        own.observe(1)
        os.write(1, b".")
