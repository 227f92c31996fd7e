/* transition.c: how providers that are watched stood and stand, and each transition between, as data and as
 * JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "transition.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/time.h"
#include "json.h"
#include "verdict.h"

/* ---- who is watched -------------------------------------------------------------------------- */

static int append(struct watching *watching, const char *name, struct tq_provider *provider)
{
    struct watched *items =
        tq__list_room(watching->items, watching->count, &watching->capacity, sizeof *watching->items);
    char *own = strdup(name);

    if (items)
        watching->items = items;
    if (!items || !own) {
        free(own);
        return TQ_ENOMEM;
    }
    items[watching->count++] = (struct watched){.name = own, .provider = provider};
    return 0;
}

int watching_add(struct watching *watching, const char *name)
{
    watching->named = true;
    for (size_t i = 0; i < watching->count; i++)
        if (strcmp(watching->items[i].name, name) == 0)
            return 0;
    return append(watching, name, NULL);
}

/* Where a provider is among those known, or their count. The walk meets them in the order of the first walk,
 * some of which were forgotten since; those that came later are behind them in the list. */
static size_t find(const struct watching *watching, const struct tq_provider *provider, size_t *expected)
{
    size_t i = *expected;

    if (i < watching->ordered && watching->items[i].provider == provider)
        return (*expected)++;
    for (i = watching->ordered; i < watching->count; i++)
        if (watching->items[i].provider == provider)
            return i;
    for (i = *expected; i < watching->ordered; i++) {
        if (watching->items[i].provider == provider) {
            *expected = i + 1;
            return i;
        }
    }
    return watching->count;
}

/* Those that came since the last look. */
static int take_new(struct watching *watching, struct tq_ledger *ledger)
{
    bool first = watching->count == 0;
    struct tq_provider *provider;
    uint64_t cursor = 0;
    size_t expected = 0;
    int answer;

    while ((answer = tq_ledger_walk(ledger, &cursor, &provider)) == 0) {
        if (!first && find(watching, provider, &expected) < watching->count)
            continue;
        answer = append(watching, tq_provider_name(provider), provider);
        if (answer < 0)
            return answer;
    }
    if (first)
        watching->ordered = watching->count;
    return answer < 0 ? answer : 0;
}

static int look_up(struct watching *watching, struct watched *item, struct tq_ledger *ledger)
{
    int answer =
        tq_ledger_provider(ledger, item->name, strlen(item->name), TQ_PROVIDER_EXISTING, &item->provider);

    if (answer < 0)
        watching->about = item->name;
    return answer < 0 ? answer : 0;
}

int watching_update(struct watching *watching, struct tq_ledger *ledger)
{
    int answer = 0;

    watching->about = NULL;
    if (!watching->named)
        return take_new(watching, ledger);
    for (size_t i = 0; i < watching->count && answer == 0; i++) /* those that are named may begin to exist */
        if (!watching->items[i].provider)
            answer = look_up(watching, &watching->items[i], ledger);
    return answer;
}

int watching_rebind(struct watching *watching, struct tq_ledger *ledger)
{
    int answer = 0;

    watching->about = NULL;
    for (size_t i = 0; i < watching->count && answer == 0; i++)
        answer = look_up(watching, &watching->items[i], ledger);
    watching->ordered = 0; /* another ledger has another order */
    return answer;
}

void watching_free(struct watching *watching)
{
    for (size_t i = 0; i < watching->count; i++)
        free(watching->items[i].name);
    free(watching->items);
    *watching = (struct watching){0};
}

/* ---- how they stand -------------------------------------------------------------------------- */

struct stand stand_of(const struct tq_verdict *verdict)
{
    return (struct stand){verdict->state, verdict->reason, verdict->retry_at_ns};
}

/* A rule may move the end a little with each record, which is not worth an alert. An end counts as later when
 * it moved by a minute, or by a tenth of the time that was left if that is less: a throttled provider waits
 * seconds. */
static bool is_later(int64_t before_ns, int64_t after_ns, int64_t now_ns)
{
    int64_t least_ns = (before_ns - now_ns) / 10;

    if (least_ns < TQ__SECOND_NS)
        least_ns = TQ__SECOND_NS;
    if (least_ns > TQ__HOUR_NS / 60)
        least_ns = TQ__HOUR_NS / 60;
    return after_ns > before_ns && after_ns - before_ns >= least_ns;
}

bool stand_same(const struct stand *before, const struct stand *after, int64_t now_ns)
{
    return before->state == after->state && before->reason == after->reason &&
           (after->state == TQ_AVAILABLE || !is_later(before->until_ns, after->until_ns, now_ns));
}

int watched_look(struct watching *watching, size_t i, int64_t now_ns, struct tq_verdict *verdict)
{
    struct watched *item = &watching->items[i];
    struct stand stand;
    int state;

    *verdict = (struct tq_verdict){.at_ns = now_ns};
    state = item->provider ? verdict_read(item->provider, now_ns, 0, verdict) : TQ_AVAILABLE;
    if (state < 0) {
        watching->about = item->name;
        return state;
    }
    stand = stand_of(verdict);
    if (!watching->begun)
        item->seen = item->told = stand;
    return !stand_same(&item->seen, &stand, now_ns);
}

json_t *transition_json(const struct watched *item, const struct tq_verdict *verdict)
{
    const char *from_reason = item->seen.reason ? tq_reason_name(item->seen.reason) : NULL;
    char sentence[SENTENCE_BYTES];

    verdict_sentence(verdict, sentence);
    /* clang-format off */
    return json_join(json_pack("{s:o, s:s, s:s, s:s?, s:o, s:s}",
                               "at", instant_json(verdict->at_ns),
                               "provider", item->name,
                               "from", tq_state_name(item->seen.state),
                               "from_reason", from_reason,
                               "from_retry_at", some_instant_json(item->seen.until_ns),
                               "sentence", sentence),
                     verdict_json(verdict));
    /* clang-format on */
}
