/* test_header_c99.c: the header alone, as C99: it compiles pedantically, and a program that uses it runs.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tokenquota.h"

#include <stdio.h>
#include <string.h>

#define CHECK(condition)                                                                                     \
    ((condition) ? 0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), 1))

int main(void)
{
    struct tq_tracker *tracker = tq_tracker_new();
    struct tq_store *store = tq_store_new();
    struct tq_exhausted list[1];
    int64_t now_ns = INT64_C(1714521600000000000), retry_at_ns = -1;
    int faults = 0;

    faults += CHECK(tracker != NULL && store != NULL);
    faults += CHECK(tq_tracker_set_budget(tracker, "openai", 1000) == 0);
    faults += CHECK(tq_observe_token_usage(tracker, store, "openai", 1000, now_ns) == TQ_EXHAUSTED);
    faults += CHECK(tq_tracker_used(tracker, "openai", now_ns) == 1000);
    faults += CHECK(tq_store_state(store, "openai", now_ns, &retry_at_ns) == TQ_QUOTA_EXHAUSTED);
    faults += CHECK(retry_at_ns == INT64_C(1714608000000000000));
    faults += CHECK(tq_store_exhausted_at(store, now_ns, list, 1) == 1);
    faults += CHECK(strcmp(list[0].provider, "openai") == 0);
    tq_store_free(store);
    tq_tracker_free(tracker);
    return faults != 0;
}
