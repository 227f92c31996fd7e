/* test_header_cxx.cc: the header alone, as C++: it compiles pedantically, and every function links.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tokenquota.h"

#include <cstdio>
#include <cstring>

/* Every function of the header, so that one without extern "C", or not exported, does not link. */
template <typename Function> static int there(const char *name, Function *function)
{
    if (function != nullptr)
        return 0;
    std::fprintf(stderr, "%s is not there\n", name);
    return 1;
}

#define THERE(name) there(#name, &name)

static int all_there()
{
    return THERE(tq_version) + THERE(tq_version_string) + THERE(tq_error_name) + THERE(tq_strerror) +
           THERE(tq_state_name) + THERE(tq_now_ns) + THERE(tq_tracker_new) + THERE(tq_tracker_free) +
           THERE(tq_tracker_set_budget) + THERE(tq_tracker_budget) + THERE(tq_tracker_used) +
           THERE(tq_tracker_record) + THERE(tq_tracker_reset) + THERE(tq_store_new) + THERE(tq_store_free) +
           THERE(tq_store_mark_quota_exhausted) + THERE(tq_store_mark_available) + THERE(tq_store_state) +
           THERE(tq_store_all_exhausted) + THERE(tq_store_exhausted_at) +
           THERE(tq_observe_token_usage) + THERE(tq_ledger_open) + THERE(tq_ledger_close) +
           THERE(tq_ledger_tracker) + THERE(tq_ledger_store) + THERE(tq_ledger_provider) +
           THERE(tq_ledger_walk) + THERE(tq_ledger_flush) + THERE(tq_ledger_statistics) +
           THERE(tq_ledger_check) + THERE(tq_ledger_compact) + THERE(tq_ledger_wait) +
           THERE(tq_provider_correct) + THERE(tq_provider_reset) + THERE(tq_provider_forget) +
           THERE(tq_provider_rule) + THERE(tq_provider_set_rule) + THERE(tq_provider_name) + THERE(tq_provider_record) +
           THERE(tq_provider_observe) + THERE(tq_provider_used) + THERE(tq_provider_budget) +
           THERE(tq_provider_set_budget) + THERE(tq_provider_state) +
           THERE(tq_provider_mark_quota_exhausted) + THERE(tq_provider_mark_available);
}

int main()
{
    tq_ledger *ledger = nullptr;
    tq_error error{};

    error.size = sizeof(error);
    if (tq_ledger_open(&ledger, "/no-such-folder/ledger", nullptr, &error) != TQ_ESYS || error.code != TQ_ESYS)
        return 1;
    if (tq_ledger_open(&ledger, nullptr, nullptr, &error) != 0)
        return 2;
    tq_tracker *tracker = tq_ledger_tracker(ledger);
    if (tq_tracker_record(tracker, "openai", 7, 0, nullptr) != 0)
        return 6;
    if (tq_tracker_used(tracker, "openai", 0) != 7)
        return 3;
    tq_ledger_close(ledger);
    if (std::strcmp(tq_state_name(TQ_QUOTA_EXHAUSTED), "quota_exhausted") != 0)
        return 4;
    return all_there() == 0 ? 0 : 5;
}
