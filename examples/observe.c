#include <stdio.h>
#include <tokenquota.h>

int main(void)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;
    struct tq_provider *openai;
    int64_t now_ns = tq_now_ns(), retry_at_ns;

    if (tq_ledger_open(&ledger, "quota.ledger", NULL, &error) < 0) {
        printf("no ledger: %s\n", error.msg);
        return 2;
    }
    int answer = tq_ledger_provider(ledger, "openai", 6, 0, &openai);
    if (answer == 0)
        answer = tq_provider_set_budget(openai, 1000000);
    if (answer == 0)
        answer = tq_provider_observe(openai, 1200000, now_ns, NULL);
    if (answer < 0)
        printf("not counted: %s\n", tq_strerror(answer));
    else if (tq_provider_state(openai, now_ns, &retry_at_ns) == TQ_QUOTA_EXHAUSTED)
        printf("openai is out for %lld s more\n", (long long)((retry_at_ns - now_ns) / 1000000000));
    tq_ledger_close(ledger);
    return answer < 0 ? 2 : 0;
}
