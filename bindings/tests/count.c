/* count.c: one of the counters of test_storm.py, in C.
 *
 * SPDX-License-Identifier: MIT
 *
 *     count LEDGER ALL OWN ROUNDS
 *
 * Each round counts 3 tokens for ALL, then 1 for OWN, then says so by one byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tokenquota.h>

int main(int count, char **words)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;
    struct tq_provider *all, *own;
    long rounds = count == 5 ? strtol(words[4], NULL, 10) : 0;

    if (rounds <= 0 || tq_ledger_open(&ledger, words[1], NULL, &error) < 0 ||
        tq_ledger_provider(ledger, words[2], strlen(words[2]), 0, &all) != 0 ||
        tq_ledger_provider(ledger, words[3], strlen(words[3]), 0, &own) != 0) {
        fprintf(stderr, "count: %s\n", error.msg);
        return 2;
    }
    for (; rounds > 0; rounds--)
        if (tq_provider_observe(all, 3, tq_now_ns(), NULL) < 0 ||
            tq_provider_observe(own, 1, tq_now_ns(), NULL) < 0 || write(STDOUT_FILENO, ".", 1) != 1)
            return 2;
    tq_ledger_close(ledger);
    return 0;
}
