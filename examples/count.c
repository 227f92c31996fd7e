/* count.c: counts on the ledger that all processes share. Run by examples/shared.sh.
 *
 *     count LEDGER PROVIDER TOKENS TIMES
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tokenquota.h>

int main(int argc, char **argv)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *provider;
    struct tq_ledger *ledger;

    if (argc != 5 || tq_ledger_open(&ledger, argv[1], NULL, &error) < 0) {
        fprintf(stderr, "count: %s\n", argc == 5 ? error.msg : "four arguments, please");
        return 2;
    }
    int answer = tq_ledger_provider(ledger, argv[2], strlen(argv[2]), 0, &provider);
    for (long times = atol(argv[4]); times > 0 && answer >= 0; times--)
        answer = tq_provider_record(provider, atol(argv[3]), tq_now_ns(), NULL);
    if (answer < 0)
        fprintf(stderr, "count: not counted: %s\n", tq_strerror(answer));
    tq_ledger_close(ledger);
    return answer < 0 ? 2 : 0;
}
