#include <stdio.h>
#include <tokenquota.h>

int main(void)
{
    struct tq_tracker *tracker = tq_tracker_new();
    struct tq_store *store = tq_store_new();
    int64_t now_ns = tq_now_ns(), retry_at_ns;

    if (!tracker || !store || tq_tracker_set_budget(tracker, "openai", 1000000) < 0)
        return 2;
    int answer = tq_observe_token_usage(tracker, store, "openai", 1200000, now_ns);
    if (answer < 0)
        printf("not counted: %s\n", tq_strerror(answer));
    if (tq_store_state(store, "openai", now_ns, &retry_at_ns) == TQ_QUOTA_EXHAUSTED)
        printf("openai is out for %lld s more\n", (long long)((retry_at_ns - now_ns) / 1000000000));
    tq_store_free(store);
    tq_tracker_free(tracker);
    return 0;
}
