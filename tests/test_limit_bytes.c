/* test_limit_bytes.c: what limits cost in bytes, and that a provider without limits costs none of them.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "harness.h"
#include "src/limits.h"

static_assert(TQ__SLOT_BYTES <= TQ__SLOT_BYTES_2 + 128,
              "a provider costs at most 128 bytes more than before");
static_assert(sizeof(struct tq__limits) <= 2048, "limits cost at most 2,048 bytes a provider that has them");
static_assert(sizeof(struct tq__ring) <= 1024, "a rolling limit costs at most 1,024 bytes more");

static struct tq_provider *provider_of(struct tq_ledger *ledger, const char *name)
{
    struct tq_provider *provider;

    assert_int_equal(tq_ledger_provider(ledger, name, strlen(name), 0, &provider), 0);
    assert_int_equal(tq_provider_set_budget(provider, 1000), 0);
    assert_int_equal(tq_provider_record(provider, 1, DAY_NS, NULL), TQ_AVAILABLE);
    return provider;
}

static void set_limit(struct tq_provider *provider, const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};

    assert_int_equal(tq_limit_parse(sentence, &limit, NULL), 0);
    assert_true(tq_provider_set_limit(provider, &limit, NULL) > 0);
    assert_int_equal(tq_provider_record(provider, 1, DAY_NS, NULL), TQ_AVAILABLE);
}

static void assert_given_out(struct tq_ledger *ledger, uint32_t limits, uint32_t rings)
{
    assert_int_equal(atomic_load(&ledger->header->limits), limits);
    assert_int_equal(atomic_load(&ledger->header->rings), rings);
    assert_int_equal(atomic_load(&ledger->header->holds), 0);
}

static void test_given_out(void **state)
{
    struct tq_provider *first, *second;
    struct tq_ledger *ledger;

    (void)state;
    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    first = provider_of(ledger, "first");
    second = provider_of(ledger, "second");
    assert_int_equal(tq_provider_set_pool(first, second), 0);
    assert_given_out(ledger, 0, 0); /* a link needs none */
    set_limit(first, "1M tokens per day");
    set_limit(first, "1M tokens per week");
    assert_given_out(ledger, 1, 0);
    set_limit(second, "1M tokens per 5h rolling");
    assert_given_out(ledger, 2, 1);
    set_limit(second, "2M tokens per 5h rolling"); /* the same limit with another amount */
    assert_given_out(ledger, 2, 1);
    set_limit(second, "1M requests per 5h rolling");
    assert_given_out(ledger, 2, 2);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_given_out)};

    return cmocka_run_group_tests_name("bytes of limits", tests, NULL, NULL);
}
