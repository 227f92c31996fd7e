/* test_header_c17.c: the header alone, as C17: what it declares is constant, frozen and of the size it says.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tokenquota.h"
#include "tokenquota.h" /* twice is as good as once */

#include <stdio.h>
#include <string.h>

#if TQ_VERSION < 1000 || TQ_NAME_MAX != 255 || TQ_NOW_MIN_NS >= 0
#error "the constants must be good for the preprocessor"
#endif

/* What programs were compiled with stays where it is. */
_Static_assert(sizeof(struct tq_exhausted) == 16, "frozen");
_Static_assert(offsetof(struct tq_exhausted, retry_at_ns) == 8, "frozen");
_Static_assert(offsetof(struct tq_ledger_options, size) == 0, "size comes first");
_Static_assert(offsetof(struct tq_ledger_options, history_days) == 4, "fields are only appended");
_Static_assert(offsetof(struct tq_ledger_options, rule) == 8, "fields are only appended");
_Static_assert(offsetof(struct tq_ledger_options, flags) == 12, "fields are only appended");
_Static_assert(offsetof(struct tq_error, size) == 0 && offsetof(struct tq_error, code) == 4, "fields stay");
_Static_assert(offsetof(struct tq_error, sys) == 8 && offsetof(struct tq_error, msg) == 12, "fields stay");
_Static_assert(sizeof(struct tq_error) == 256, "no hole");

_Static_assert(TQ_EINVAL == -1 && TQ_ENAME == -2 && TQ_ERANGE == -3 && TQ_EAGE == -4, "pinned");
_Static_assert(TQ_ENOMEM == -5 && TQ_EFULL == -6 && TQ_ENOTSUP == -7, "pinned");
_Static_assert(TQ_RULE_DEFAULT == 0 && TQ_RULE_ORIGINAL == 1 && TQ_RULE_OFF == 2, "pinned");
_Static_assert(TQ_AVAILABLE == 0 && TQ_QUOTA_EXHAUSTED == 1 && TQ_EXHAUSTED == 1, "pinned");
_Static_assert(TQ_NOW_MIN_NS == (int64_t)-106650 * 86400000000000, "1678-01-01");
_Static_assert(TQ_NOW_END_NS == (int64_t)106651 * 86400000000000, "2262-01-01");

/* The list makes what a caller wants of it. */
#define AS_CASE(name, number, text) case number:

static int is_listed(int code)
{
    switch (code) {
        TQ_ERRORS(AS_CASE)
        return 1;
    default:
        return 0;
    }
}

int main(void)
{
    struct tq_ledger_options options = {.size = sizeof(options), .rule = TQ_RULE_ORIGINAL};
    struct tq_provider *provider = NULL;
    struct tq_ledger *ledger = NULL;

    if (tq_version() != TQ_VERSION || tq_ledger_open(&ledger, NULL, &options, NULL) != 0)
        return 1;
    if (tq_ledger_provider(ledger, "openai", 6, 0, &provider) != 0 ||
        tq_provider_record(provider, 7, 0, NULL) != 0 || tq_provider_used(provider, 0) != 7)
        return 2;
    tq_ledger_close(ledger);
    return is_listed(TQ_ENOTSUP) && !is_listed(0) && strcmp(tq_error_name(TQ_EAGE), "TQ_EAGE") == 0 ? 0 : 3;
}
