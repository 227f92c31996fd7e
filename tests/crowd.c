/* crowd.c: makes many providers, crowd-000000 and so on, for tests of the daemon.
 *
 * SPDX-License-Identifier: MIT
 *
 *     crowd LEDGER COUNT [POOL]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tokenquota.h>

static int add(struct tq_ledger *ledger, struct tq_provider *pool, long number, int64_t now_ns)
{
    struct tq_provider *provider;
    char name[32];
    int len = snprintf(name, sizeof name, "crowd-%06ld", number);
    int answer = tq_ledger_provider(ledger, name, (size_t)len, 0, &provider);

    if (answer == 0 && pool)
        answer = tq_provider_set_pool(provider, pool);
    return answer < 0 ? answer : tq_provider_observe(provider, number + 1, now_ns, NULL);
}

int main(int argc, char **argv)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *pool = NULL;
    struct tq_ledger *ledger;
    long count = argc >= 3 ? atol(argv[2]) : 0;
    int answer = 0;

    if (count < 1 || tq_ledger_open(&ledger, argv[1], NULL, &error) < 0) {
        fprintf(stderr, "crowd LEDGER COUNT [POOL]: %s\n", count < 1 ? "wrong arguments" : error.msg);
        return 2;
    }
    if (argc > 3)
        answer = tq_ledger_provider(ledger, argv[3], strlen(argv[3]), 0, &pool);
    for (long i = 0; i < count && answer >= 0; i++)
        answer = add(ledger, pool, i, tq_now_ns());
    if (answer < 0)
        fprintf(stderr, "crowd: %s\n", tq_strerror(answer));
    tq_ledger_close(ledger);
    return answer < 0 ? 2 : 0;
}
