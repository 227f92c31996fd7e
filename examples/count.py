#!/usr/bin/env python3
"""count.py: counts on the ledger that all processes share, through ctypes. Run by examples/shared.sh.

    count.py LIBTOKENQUOTA.SO LEDGER PROVIDER TOKENS TIMES
"""
import ctypes
import sys


def main(library, path, provider, tokens, times):
    tq = ctypes.CDLL(library)
    tq.tq_now_ns.restype = ctypes.c_int64
    tq.tq_strerror.restype = ctypes.c_char_p
    tq.tq_ledger_tracker.restype = ctypes.c_void_p
    tq.tq_ledger_tracker.argtypes = [ctypes.c_void_p]
    tq.tq_ledger_close.argtypes = [ctypes.c_void_p]
    tq.tq_tracker_record.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p]
    ledger = ctypes.c_void_p()
    answer = tq.tq_ledger_open(ctypes.byref(ledger), path.encode(), None, None)
    if answer < 0:
        sys.exit("count.py: " + tq.tq_strerror(answer).decode())
    tracker = tq.tq_ledger_tracker(ledger)
    for _ in range(int(times)):
        answer = tq.tq_tracker_record(tracker, provider.encode(), int(tokens), tq.tq_now_ns(), None)
        if answer < 0:
            sys.exit("count.py: not counted: " + tq.tq_strerror(answer).decode())
    tq.tq_ledger_close(ledger)


if len(sys.argv) != 6:
    sys.exit(__doc__)
main(*sys.argv[1:])
