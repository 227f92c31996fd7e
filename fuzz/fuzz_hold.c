/* fuzz_hold.c: any bytes, read as the id of a hold: one that is found has this id, and no id makes or frees a
 * hold.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tokenquota.h"

#include "target.h"

#define NOW_NS (INT64_C(1777593600) * 1000000000)
#define LEASE_NS (INT64_C(600) * 1000000000)

static struct tq_ledger *ledger;
static struct tq_provider *model, *account;

static void hold(struct tq_provider *provider)
{
    struct tq_hold taken = {.size = sizeof taken, .flags = TQ_HOLD_NOBODY};

    HOLDS(tq_provider_hold(provider, NULL, LEASE_NS, NOW_NS, &taken) == 0);
}

/* model#00000001 in the pool account, and account#00100001 alone. */
static void set_up(void)
{
    struct tq_ledger_options options = {.size = sizeof options};

    HOLDS(tq_ledger_open(&ledger, NULL, &options, NULL) == 0);
    HOLDS(tq_ledger_provider(ledger, "model", 5, 0, &model) == 0);
    HOLDS(tq_ledger_provider(ledger, "account", 7, 0, &account) == 0);
    HOLDS(tq_provider_set_pool(model, account) == 0);
    hold(model);
    hold(account);
}

static void check_id(const char *id)
{
    struct tq_hold found = {.size = sizeof found};
    char written[TQ_HOLD_ID_MAX];
    int answer = tq_ledger_hold(ledger, id, &found);

    HOLDS(answer == 0 || answer == 1 || answer == TQ_EINVAL);
    if (answer == 0)
        HOLDS(tq_hold_id(&found, written, sizeof written) > 0 && strcmp(written, id) == 0);
    if (answer >= 0)
        HOLDS(tq_hold_extend(&found, LEASE_NS, NOW_NS) == answer);
    HOLDS(tq_provider_holds(model, NOW_NS, NULL, 0) == 1);
    HOLDS(tq_provider_holds(account, NOW_NS, NULL, 0) == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *id = malloc(size + 1); /* its end is where a sanitizer sees it */

    if (!ledger)
        set_up();
    HOLDS(id);
    memcpy(id, data, size);
    id[size] = '\0';
    check_id(id);
    free(id);
    return 0;
}
