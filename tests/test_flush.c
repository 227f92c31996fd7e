/* test_flush.c: with TQ_OPEN_FLUSH_ALWAYS, what the disk says is what the record says.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"

#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)

static int disk; /* what the disk says: an errno, 0 for all is well */

/* Takes the place of the C library's. */
int fdatasync(int fd)
{
    (void)fd;
    errno = disk;
    return disk == 0 ? 0 : -1;
}

/* It was counted, and may be lost with the power: all that it decided is there and told. */
static void test_disk_fails(void **state)
{
    static const uint32_t rules[] = {TQ_RULE_OFF, TQ_RULE_ORIGINAL};

    for (size_t r = 0; r < 2; r++) {
        struct tq_ledger *ledger =
            open_file_with(scratch_path(state, "ledger"), 8, TQ_RULE_OFF, TQ_OPEN_FLUSH_ALWAYS);
        struct tq_provider *provider = handle(ledger, r ? "a" : "b");
        struct tq_tracker *tracker = tq_ledger_tracker(ledger);
        int64_t retry_at_ns = UNWRITTEN;

        assert_int_equal(tq_provider_set_rule(provider, rules[r]), 0);
        assert_int_equal(tq_provider_set_budget(provider, 10), 0);
        disk = EIO;
        assert_int_equal(tq_provider_record(provider, 1, MAY_DAY_NS, &retry_at_ns), TQ_ESYS);
        assert_int_equal(errno, EIO);
        assert_int_equal(retry_at_ns, 0);
        assert_int_equal(tq_tracker_record(tracker, tq_provider_name(provider), 1, NOON_NS, NULL), TQ_ESYS);
        assert_int_equal(tq_provider_observe(provider, 8, NOON_NS, &retry_at_ns), TQ_ESYS);
        assert_int_equal(retry_at_ns, MAY_DAY_NS + DAY_NS);
        assert_int_equal(tq_provider_used(provider, NOON_NS), 10);
        assert_int_equal(tq_provider_state(provider, NOON_NS, NULL), TQ_QUOTA_EXHAUSTED);
        disk = 0;
        assert_int_equal(tq_provider_observe(provider, 0, NOON_NS, NULL), TQ_EXHAUSTED);
        tq_ledger_close(ledger);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {scratch_test(test_disk_fails)};

    return cmocka_run_group_tests_name("flush", tests, NULL, NULL);
}
