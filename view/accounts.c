/* accounts.c: which account gets a call of a log, and how much quota of each lapsed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "accounts.h"

#include "base/list.h"
#include "base/number.h"
#include "json.h"

int accounts_add(struct accounts *accounts, struct tq_provider *provider, uint32_t number)
{
    size_t count = accounts->count;
    struct account *items;
    struct tq_provider **providers;

    for (size_t i = 0; i < count; i++)
        if (accounts->items[i].provider == number)
            return 0;
    items = tq__list_room(accounts->items, count, &accounts->capacity, sizeof *items);
    if (!items)
        return TQ_ENOMEM;
    accounts->items = items;
    providers = tq__list_room(accounts->providers, count, &accounts->provider_capacity, sizeof *providers);
    if (!providers)
        return TQ_ENOMEM;
    accounts->providers = providers;
    providers[count] = provider;
    items[count] = (struct account){.provider = number, .name = tq_provider_name(provider)};
    accounts->count++;
    return 0;
}

void accounts_free(struct accounts *accounts)
{
    free(accounts->items);
    free(accounts->providers);
}

/* ---- windows --------------------------------------------------------------------------------- */

/* How long the window of a limit is by its kind; 0: it has no reset, or no amount that could lapse. */
static int64_t length_of(const struct tq_limit *limit)
{
    static const int64_t days[] = {[TQ_WINDOW_DAY] = 1,
                                   [TQ_WINDOW_WEEK] = 7,
                                   [TQ_WINDOW_MONTH] = 31,
                                   [TQ_WINDOW_QUARTER] = 92,
                                   [TQ_WINDOW_YEAR] = 366};

    if (limit->amount == 0 || limit->window > TQ_WINDOW_FIRST_USE)
        return 0;
    return limit->window <= TQ_WINDOW_YEAR ? days[limit->window] * INT64_C(86400000000000) : limit->length_ns;
}

/* Finds the longest limit of an account, when that was not done, and how it stands; NULL: there is none. */
static const struct tq_limit_state *longest(struct account *account, const struct tq_limit_state *states,
                                            int count)
{
    const struct tq_limit_state *found = NULL;

    for (int i = 0; i < count; i++)
        if (account->limit != 0 ? states[i].number == account->limit
                                : length_of(&states[i].limit) > (found ? length_of(&found->limit) : 0))
            found = &states[i];
    account->limit = found ? found->number : 0;
    return found;
}

/* Looks at the window that holds an instant. */
static int look(struct account *account, struct tq_provider *provider, int64_t at_ns)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    int count = tq_provider_limits(provider, at_ns, states, TQ_LIMITS_MAX);
    const struct tq_limit_state *state;
    int64_t left;

    if (count < 0)
        return count;
    state = longest(account, states, count);
    account->end_at_ns = state ? state->end_at_ns : 0;
    if (account->end_at_ns == 0)
        return 0;
    left = state->used < state->limit.amount ? state->limit.amount - state->used : 0;
    account->left = tq__multiply_divide(left, LAPSED_WHOLE, state->limit.amount, false);
    return 0;
}

/* Ends the windows of an account that ended by an instant, also those without a call. */
static int turn(struct account *account, struct tq_provider *provider, int64_t at_ns)
{
    int answer = 0;

    if (account->end_at_ns == 0)
        return look(account, provider, at_ns);
    while (answer == 0 && account->end_at_ns != 0 && account->end_at_ns <= at_ns) {
        account->windows++;
        account->lapsed += account->left;
        answer = look(account, provider, account->end_at_ns);
    }
    return answer;
}

/* ---- calls ----------------------------------------------------------------------------------- */

int accounts_place(struct accounts *accounts, struct tq_ledger *ledger, int64_t at_ns, int64_t tokens,
                   uint32_t *number)
{
    struct tq_route route = {.size = sizeof route, .policy = accounts->policy, .last = accounts->last};
    struct account *account;
    int answer = 0;

    for (size_t i = 0; i < accounts->count && answer == 0; i++)
        answer = turn(&accounts->items[i], accounts->providers[i], at_ns);
    if (answer == 0)
        answer = tq_ledger_route(ledger, accounts->providers, accounts->count, at_ns, 0, &route);
    if (answer < 0)
        return answer;
    if (answer == 1) {
        accounts->refused_calls++;
        accounts->refused_tokens = tq__add_saturated(accounts->refused_tokens, tokens);
        return 1;
    }
    account = &accounts->items[route.chosen];
    account->calls++;
    account->tokens = tq__add_saturated(account->tokens, tokens);
    accounts->switches += accounts->last != 0 && accounts->last != route.chosen + 1;
    accounts->last = (uint32_t)route.chosen + 1;
    *number = account->provider;
    return 0;
}

int accounts_note(struct accounts *accounts, int64_t at_ns)
{
    size_t last = accounts->last - 1;

    return look(&accounts->items[last], accounts->providers[last], at_ns);
}

int64_t accounts_windows(const struct accounts *accounts)
{
    int64_t windows = 0;

    for (size_t i = 0; i < accounts->count; i++)
        windows += accounts->items[i].windows;
    return windows;
}

int64_t accounts_lapsed(const struct accounts *accounts)
{
    int64_t lapsed = 0;

    for (size_t i = 0; i < accounts->count; i++)
        lapsed += accounts->items[i].lapsed;
    return lapsed;
}

/* ---- as JSON --------------------------------------------------------------------------------- */

/* What lapsed of all windows, in millionths; null when none ended. */
static json_t *lapsed_json(int64_t lapsed, int64_t windows)
{
    return windows > 0 ? number_json(lapsed / windows / (LAPSED_WHOLE / 1000000)) : json_null();
}

json_t *accounts_json(const struct accounts *accounts)
{
    json_t *array = json_array();

    for (size_t i = 0; i < accounts->count; i++) {
        const struct account *account = &accounts->items[i];

        json_array_append_new(array, json_pack("{s:o, s:o, s:o, s:o, s:o}", "account",
                                               text_json(account->name), "calls", number_json(account->calls),
                                               "tokens", number_json(account->tokens), "windows",
                                               number_json(account->windows), "lapsed_ppm",
                                               lapsed_json(account->lapsed, account->windows)));
    }
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "policy", tq_policy_name(accounts->policy),
                     "refused_calls", number_json(accounts->refused_calls), "refused_tokens",
                     number_json(accounts->refused_tokens), "switches", number_json(accounts->switches),
                     "windows", number_json(accounts_windows(accounts)), "lapsed_ppm",
                     lapsed_json(accounts_lapsed(accounts), accounts_windows(accounts)), "accounts", array);
}
