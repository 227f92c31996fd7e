/* shim.c: the calls of Go on ledgers and providers.
 *
 * SPDX-License-Identifier: MIT
 */
#include "shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gate.h"

#define GO ((struct tq_go *)go)
#define PROVIDER ((struct tq_provider *)provider)

/* An answer with its errno. */
static int64_t whole(int64_t code)
{
    return code == TQ_ESYS ? code - (int64_t)errno * 256 : code;
}

/* The answer of a call that is made while the gate is open. */
#define GATED(call)                                                                                          \
    do {                                                                                                     \
        int64_t gated_answer;                                                                                \
        if (!enter(GO))                                                                                      \
            return TQ_GO_CLOSED;                                                                             \
        gated_answer = whole(call);                                                                          \
        leave(GO);                                                                                           \
        return gated_answer;                                                                                 \
    } while (0)

/* The same for a call that writes an instant, to at_ns. */
#define GATED_AT(call)                                                                                       \
    do {                                                                                                     \
        struct tq_go_answer gated_answer = {.code = TQ_GO_CLOSED};                                           \
        int64_t at_ns = 0;                                                                                   \
        if (!enter(GO))                                                                                      \
            return gated_answer;                                                                             \
        gated_answer.code = whole(call);                                                                     \
        gated_answer.at_ns = at_ns;                                                                          \
        leave(GO);                                                                                           \
        return gated_answer;                                                                                 \
    } while (0)

static int64_t at(int64_t now_ns)
{
    return now_ns == TQ_GO_NOW ? tq_now_ns() : now_ns;
}

/* ---- ledgers ---------------------------------------------------------------------------------------- */

int64_t tq_go_open(const char *path, const struct tq_ledger_options *options, struct tq_error *error,
                   uintptr_t *go)
{
    struct tq_go *made = aligned_alloc(CACHE_LINE, sizeof(struct tq_go));
    int answer;

    *go = 0;
    if (!made)
        return TQ_ENOMEM;
    memset(made, 0, sizeof *made);
    answer = tq_ledger_open(&made->ledger, path, options, error);
    if (answer < 0)
        free(made);
    else
        *go = (uintptr_t)made;
    return answer;
}

void tq_go_close(uintptr_t go)
{
    if (shut(GO))
        tq_ledger_close(GO->ledger);
}

void tq_go_free(uintptr_t go)
{
    tq_go_close(go);
    free(GO);
}

int64_t tq_go_provider(uintptr_t go, const char *name, size_t len, uint32_t flags, uintptr_t *provider)
{
    GATED(tq_ledger_provider(GO->ledger, name, len, flags, (struct tq_provider **)provider));
}

int64_t tq_go_run_check(uintptr_t go, uintptr_t provider)
{
    GATED(tq_run_check(PROVIDER));
}

/* Copies the name of a provider while it is sure to be there. */
static void copy_name(char out[TQ_GO_NAME], const char *name)
{
    size_t len = strlen(name);

    memcpy(out, name, len + 1);
}

static int64_t walk(struct tq_ledger *ledger, size_t capacity, uintptr_t *providers,
                    char (*names)[TQ_GO_NAME])
{
    uint64_t cursor = 0;
    struct tq_provider *provider;
    size_t count = 0;
    int answer;

    while ((answer = tq_ledger_walk(ledger, &cursor, &provider)) == 0) {
        if (count < capacity) {
            providers[count] = (uintptr_t)provider;
            copy_name(names[count], tq_provider_name(provider));
        }
        count++;
    }
    return answer < 0 ? answer : (int64_t)count;
}

static int64_t out_of(struct tq_ledger *ledger, int kind, int64_t now_ns, size_t capacity,
                      uintptr_t *providers, int64_t *at_ns, char (*names)[TQ_GO_NAME])
{
    struct tq_exhausted *found = calloc(capacity ? capacity : 1, sizeof *found);
    struct tq_store *store = tq_ledger_store(ledger);
    size_t count;
    int answer = 0;

    if (!found)
        return TQ_ENOMEM;
    if (kind != TQ_GO_MARKED && (now_ns < TQ_NOW_MIN_NS || now_ns >= TQ_NOW_END_NS)) {
        free(found);
        return TQ_ERANGE; /* for which the library lists nobody */
    }
    count = kind == TQ_GO_MARKED      ? tq_store_all_exhausted(store, found, capacity)
            : kind == TQ_GO_EXHAUSTED ? tq_store_exhausted_at(store, now_ns, found, capacity)
                                      : tq_ledger_probes_due(ledger, now_ns, found, capacity);
    for (size_t i = 0; i < count && i < capacity && answer == 0; i++) {
        at_ns[i] = found[i].retry_at_ns;
        copy_name(names[i], found[i].provider);
        answer = tq_ledger_provider(ledger, names[i], strlen(names[i]), TQ_PROVIDER_EXISTING,
                                    (struct tq_provider **)&providers[i]);
    }
    free(found);
    return answer < 0 ? answer : (int64_t)count;
}

int64_t tq_go_list(uintptr_t go, int kind, int64_t now_ns, size_t capacity, uintptr_t *providers,
                   int64_t *at_ns, char (*names)[TQ_GO_NAME])
{
    if (kind == TQ_GO_ALL)
        GATED(walk(GO->ledger, capacity, providers, names));
    GATED(out_of(GO->ledger, kind, at(now_ns), capacity, providers, at_ns, names));
}

int64_t tq_go_flush(uintptr_t go)
{
    GATED(tq_ledger_flush(GO->ledger));
}

static int64_t reset_all(struct tq_ledger *ledger)
{
    tq_tracker_reset(tq_ledger_tracker(ledger));
    return 0;
}

int64_t tq_go_reset_all(uintptr_t go)
{
    GATED(reset_all(GO->ledger));
}

int64_t tq_go_statistics(uintptr_t go, struct tq_ledger_info *info)
{
    GATED(tq_ledger_statistics(GO->ledger, info));
}

int64_t tq_go_check(uintptr_t go, struct tq_ledger_info *info, struct tq_error *error)
{
    GATED(tq_ledger_check(GO->ledger, info, error));
}

int64_t tq_go_backup(uintptr_t go, const char *dest, struct tq_error *error)
{
    GATED(tq_ledger_backup(GO->ledger, dest, error));
}

int64_t tq_go_wait(uintptr_t go, uint32_t *seen, int64_t timeout_ns)
{
    GATED(tq_ledger_wait(GO->ledger, seen, timeout_ns));
}

int64_t tq_go_route(uintptr_t go, const uintptr_t *providers, size_t count, int64_t now_ns, uint32_t flags,
                    struct tq_route *route)
{
    GATED(
        tq_ledger_route(GO->ledger, (struct tq_provider *const *)providers, count, at(now_ns), flags, route));
}

/* ---- without the gate ------------------------------------------------------------------------------- */

int64_t tq_go_bare_observe(uintptr_t tracker, uintptr_t store, const char *name, size_t len, int64_t tokens,
                           int64_t now_ns)
{
    char text[TQ_GO_NAME];

    if (len >= sizeof text)
        return TQ_ENAME;
    memcpy(text, name, len);
    text[len] = '\0';
    return tq_observe_token_usage(tq_ledger_tracker(((struct tq_go *)tracker)->ledger),
                                  tq_ledger_store(((struct tq_go *)store)->ledger), text, tokens, now_ns);
}

void tq_go_nothing(void)
{
}

/* ---- providers -------------------------------------------------------------------------------------- */

struct tq_go_answer tq_go_observe(uintptr_t go, uintptr_t provider, int64_t tokens, int64_t now_ns)
{
    GATED_AT(tq_provider_observe(PROVIDER, tokens, at(now_ns), &at_ns));
}

struct tq_go_answer tq_go_state(uintptr_t go, uintptr_t provider, int64_t now_ns)
{
    GATED_AT(tq_provider_state(PROVIDER, at(now_ns), &at_ns));
}

int64_t tq_go_used(uintptr_t go, uintptr_t provider, int64_t now_ns)
{
    GATED(tq_provider_used(PROVIDER, at(now_ns)));
}

int64_t tq_go_correct(uintptr_t go, uintptr_t provider, int64_t tokens, int64_t now_ns)
{
    GATED(tq_provider_correct(PROVIDER, tokens, at(now_ns)));
}

struct tq_go_answer tq_go_observe_usage(uintptr_t go, uintptr_t provider, const struct tq_usage *usage,
                                        int64_t now_ns)
{
    GATED_AT(tq_provider_observe_usage(PROVIDER, usage, at(now_ns), &at_ns));
}

int64_t tq_go_apply(uintptr_t go, uintptr_t provider, const struct tq_quota_signal *signal)
{
    GATED(tq_provider_apply(PROVIDER, signal));
}

int64_t tq_go_verdict(uintptr_t go, uintptr_t provider, int64_t now_ns, struct tq_verdict *verdict)
{
    GATED(tq_provider_verdict(PROVIDER, at(now_ns), verdict));
}

int64_t tq_go_limits(uintptr_t go, uintptr_t provider, int64_t now_ns, struct tq_limit_state *out)
{
    GATED(tq_provider_limits(PROVIDER, at(now_ns), out, TQ_LIMITS_MAX));
}

int64_t tq_go_set_limit(uintptr_t go, uintptr_t provider, const struct tq_limit *limit,
                        struct tq_error *error)
{
    GATED(tq_provider_set_limit(PROVIDER, limit, error));
}

static int64_t get(struct tq_provider *provider, enum tq_go_setting setting)
{
    switch (setting) {
    case TQ_GO_BUDGET:
        return tq_provider_budget(provider);
    case TQ_GO_RULE:
        return tq_provider_rule(provider);
    case TQ_GO_CARE:
        return tq_provider_care(provider);
    case TQ_GO_OVERAGE:
        return tq_provider_overage(provider);
    }
    return TQ_EINVAL;
}

int64_t tq_go_get(uintptr_t go, uintptr_t provider, enum tq_go_setting setting)
{
    GATED(get(PROVIDER, setting));
}

/* What does not fit is a number that is never valid. */
static uint32_t small(int64_t number)
{
    return number < 0 || number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

static int64_t set(struct tq_provider *provider, enum tq_go_setting setting, int64_t value)
{
    switch (setting) {
    case TQ_GO_BUDGET:
        return tq_provider_set_budget(provider, value);
    case TQ_GO_RULE:
        return tq_provider_set_rule(provider, small(value));
    case TQ_GO_CARE:
        return tq_provider_set_care(provider, small(value));
    case TQ_GO_OVERAGE:
        return tq_provider_set_overage(provider, small(value));
    }
    return TQ_EINVAL;
}

int64_t tq_go_set(uintptr_t go, uintptr_t provider, enum tq_go_setting setting, int64_t value)
{
    GATED(set(PROVIDER, setting, value));
}

static int64_t carry_out(struct tq_provider *provider, enum tq_go_deed deed, int64_t number)
{
    switch (deed) {
    case TQ_GO_MARK:
        return tq_provider_mark_quota_exhausted(provider, number);
    case TQ_GO_MARK_AVAILABLE:
        return tq_provider_mark_available_at(provider, at(number));
    case TQ_GO_SUCCESS:
        return tq_provider_success(provider, number);
    case TQ_GO_RESET:
        return tq_provider_reset(provider);
    case TQ_GO_FORGET:
        return tq_provider_forget(provider);
    case TQ_GO_REMOVE_LIMIT:
        return tq_provider_remove_limit(provider, small(number));
    case TQ_GO_PROBE_FAILURE:
        return tq_provider_probe_failure(provider, at(number));
    case TQ_GO_POLL_END:
        return tq_provider_poll_end(provider);
    }
    return TQ_EINVAL;
}

int64_t tq_go_do(uintptr_t go, uintptr_t provider, enum tq_go_deed deed, int64_t number)
{
    GATED(carry_out(PROVIDER, deed, number));
}

struct tq_go_answer tq_go_probe_take(uintptr_t go, uintptr_t provider, int64_t now_ns)
{
    GATED_AT(tq_provider_probe_take(PROVIDER, at(now_ns), &at_ns));
}

struct tq_go_answer tq_go_poll_begin(uintptr_t go, uintptr_t provider, int64_t every_ns, int64_t now_ns)
{
    GATED_AT(tq_provider_poll_begin(PROVIDER, every_ns, at(now_ns), &at_ns));
}

int64_t tq_go_warn_take(uintptr_t go, uintptr_t provider, int64_t number, int64_t percent, int64_t now_ns)
{
    GATED(tq_provider_warn_take(PROVIDER, small(number), small(percent), at(now_ns)));
}

static int64_t account_of(struct tq_provider *provider, uint64_t *account)
{
    *account = tq_provider_account(provider);
    return 0;
}

int64_t tq_go_account(uintptr_t go, uintptr_t provider, uint64_t *account)
{
    GATED(account_of(PROVIDER, account));
}

int64_t tq_go_set_pool(uintptr_t go, uintptr_t provider, uintptr_t pool)
{
    GATED(tq_provider_set_pool(PROVIDER, (struct tq_provider *)pool));
}

static int64_t pool_of(struct tq_provider *provider, uintptr_t *pool, char name[TQ_GO_NAME])
{
    struct tq_provider *found;
    int answer = tq_provider_pool(provider, &found);

    *pool = (uintptr_t)found;
    if (answer == 0)
        copy_name(name, tq_provider_name(found));
    return answer;
}

int64_t tq_go_pool(uintptr_t go, uintptr_t provider, uintptr_t *pool, char name[TQ_GO_NAME])
{
    GATED(pool_of(PROVIDER, pool, name));
}

int64_t tq_go_weights(uintptr_t go, uintptr_t provider, int is_set, uint32_t weights[TQ_CLASSES])
{
    GATED(is_set ? tq_provider_set_weights(PROVIDER, weights) : tq_provider_weights(PROVIDER, weights));
}

int64_t tq_go_price(uintptr_t go, uintptr_t provider, int is_set, int64_t price[TQ_CLASSES])
{
    GATED(is_set ? tq_provider_set_price(PROVIDER, price) : tq_provider_price(PROVIDER, price));
}

/* ---- holds ------------------------------------------------------------------------------------------ */

int64_t tq_go_hold(uintptr_t go, uintptr_t provider, const struct tq_amounts *amounts, int64_t lease_ns,
                   int64_t now_ns, struct tq_hold *hold)
{
    GATED(tq_provider_hold(PROVIDER, amounts, lease_ns, at(now_ns), hold));
}

int64_t tq_go_hold_settle(uintptr_t go, struct tq_hold *hold, const struct tq_usage *usage, int64_t now_ns)
{
    GATED(tq_hold_settle(hold, usage, at(now_ns)));
}

int64_t tq_go_hold_cancel(uintptr_t go, struct tq_hold *hold)
{
    GATED(tq_hold_cancel(hold));
}

int64_t tq_go_hold_extend(uintptr_t go, struct tq_hold *hold, int64_t lease_ns, int64_t now_ns)
{
    GATED(tq_hold_extend(hold, lease_ns, at(now_ns)));
}

int64_t tq_go_hold_id(uintptr_t go, const struct tq_hold *hold, char id[TQ_HOLD_ID_MAX])
{
    GATED(tq_hold_id(hold, id, TQ_HOLD_ID_MAX));
}

static int64_t find_hold(struct tq_ledger *ledger, const char *id, struct tq_hold *hold,
                         char name[TQ_GO_NAME])
{
    int answer = tq_ledger_hold(ledger, id, hold);

    if (answer >= 0)
        copy_name(name, tq_provider_name(hold->provider));
    return answer;
}

int64_t tq_go_hold_find(uintptr_t go, const char *id, struct tq_hold *hold, char name[TQ_GO_NAME])
{
    GATED(find_hold(GO->ledger, id, hold, name));
}

int64_t tq_go_holds(uintptr_t go, uintptr_t provider, int64_t now_ns, struct tq_hold_state *out,
                    size_t capacity)
{
    GATED(tq_provider_holds(PROVIDER, at(now_ns), out, capacity));
}
