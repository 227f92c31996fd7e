/* one_provider.h: a private ledger with one provider, for the tests of one provider's fate.
 *
 * SPDX-License-Identifier: MIT
 *
 * one_provider_test(t) is a cmocka test of t, whose state is a struct one_provider.
 */
#ifndef TEST_ONE_PROVIDER_H
#define TEST_ONE_PROVIDER_H

#include "harness.h"

#define SECOND_NS INT64_C(1000000000)
#define MINUTE_NS (60 * SECOND_NS)
#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)

struct one_provider {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
};

static int one_provider_set_up(void **state)
{
    static struct one_provider one;

    if (tq_ledger_open(&one.ledger, NULL, NULL, NULL) < 0 ||
        tq_ledger_provider(one.ledger, "p", 1, 0, &one.provider) < 0)
        return -1;
    *state = &one;
    return 0;
}

static int one_provider_tear_down(void **state)
{
    tq_ledger_close(((struct one_provider *)*state)->ledger);
    return 0;
}

#define one_provider_test(test)                                                                              \
    cmocka_unit_test_setup_teardown(test, one_provider_set_up, one_provider_tear_down)

#endif
