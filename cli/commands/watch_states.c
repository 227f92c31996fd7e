/* watch_states.c: how the providers that are watched stood and stand, and a line for each transition between.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "view/json.h"
#include "cli/commands/watch.h"

static void append(struct watch *watch, const char *name, struct tq_provider *provider)
{
    watch->items =
        must_have(tq__list_room(watch->items, watch->count, &watch->capacity, sizeof *watch->items));
    watch->items[watch->count++] = (struct watched){.name = must_have(strdup(name)), .provider = provider};
}

/* Where a provider is among those known, or watch->count. The walk meets them in the order of the first walk,
 * some of which were forgotten since; those that came later are behind them in the list. */
static size_t find(const struct watch *watch, const struct tq_provider *provider, size_t *expected)
{
    size_t i = *expected;

    if (i < watch->ordered && watch->items[i].provider == provider)
        return (*expected)++;
    for (i = watch->ordered; i < watch->count; i++)
        if (watch->items[i].provider == provider)
            return i;
    for (i = *expected; i < watch->ordered; i++) {
        if (watch->items[i].provider == provider) {
            *expected = i + 1;
            return i;
        }
    }
    return watch->count;
}

/* Those that came since the last look. */
static int take_new(struct watch *watch, struct session *session)
{
    bool first = watch->count == 0;
    struct tq_provider *provider;
    uint64_t cursor = 0;
    size_t expected = 0;
    int answer;

    while ((answer = tq_ledger_walk(session->ledger, &cursor, &provider)) == 0)
        if (first || find(watch, provider, &expected) == watch->count)
            append(watch, tq_provider_name(provider), provider);
    if (first)
        watch->ordered = watch->count;
    return answer < 0 ? session_fail("the list of providers", answer) : 0;
}

/* Those that are named may begin to exist while they are watched. */
static int look_up(struct session *session, struct watched *item)
{
    int answer = tq_ledger_provider(session->ledger, item->name, strlen(item->name), TQ_PROVIDER_EXISTING,
                                    &item->provider);

    return answer < 0 ? session_fail(item->name, answer) : 0;
}

static int take_all(struct watch *watch, struct session *session)
{
    int result = 0;

    if (!*watch->asked.operands)
        return take_new(watch, session);
    for (size_t i = 0; i < watch->count && result == 0; i++)
        if (!watch->items[i].provider)
            result = look_up(session, &watch->items[i]);
    return result;
}

struct stand watch_stand(const struct tq_verdict *verdict)
{
    return (struct stand){verdict->state, verdict->reason, verdict->retry_at_ns};
}

/* A rule may move the end a little with each record, which is not worth an alert. An end counts as later when
 * it moved by a minute, or by a tenth of the time that was left if that is less: a throttled provider waits
 * seconds. */
static bool is_later(int64_t before_ns, int64_t after_ns, int64_t now_ns)
{
    int64_t least_ns = (before_ns - now_ns) / 10;

    if (least_ns < SECOND_NS)
        least_ns = SECOND_NS;
    if (least_ns > HOUR_NS / 60)
        least_ns = HOUR_NS / 60;
    return after_ns > before_ns && after_ns - before_ns >= least_ns;
}

bool watch_same(const struct stand *before, const struct stand *after, int64_t now_ns)
{
    return before->state == after->state && before->reason == after->reason &&
           (after->state == TQ_AVAILABLE || !is_later(before->until_ns, after->until_ns, now_ns));
}

static void put_json(const struct watched *item, const struct tq_verdict *verdict)
{
    const char *from_reason = item->seen.reason ? tq_reason_name(item->seen.reason) : NULL;
    json_t *from_retry_at = some_instant_json(item->seen.until_ns);
    char sentence[SENTENCE_BYTES];

    verdict_sentence(verdict, sentence);

    /* clang-format off */
    json_t *document = json_join(json_pack("{s:o, s:s, s:s, s:s?, s:o, s:s}",
                                           "at", instant_json(verdict->at_ns),
                                           "provider", item->name,
                                           "from", tq_state_name(item->seen.state),
                                           "from_reason", from_reason,
                                           "from_retry_at", from_retry_at,
                                           "sentence", sentence),
                                 verdict_json(verdict));
    /* clang-format on */

    json_print(document, true);
}

/* The end is named when it is what changed. */
static void put_before(const struct stand *before, const struct tq_verdict *verdict)
{
    bool wait = before->reason == TQ_REASON_THROTTLED;

    fputs(wait ? tq_reason_name(before->reason) : tq_state_name(before->state), stdout);
    if (before->reason && !wait)
        printf(" (%s)", tq_reason_name(before->reason));
    if (before->state == verdict->state && before->reason == verdict->reason)
        printf(" until %sZ", format_utc(before->until_ns).s);
}

static int put_line(const struct watch *watch, const struct watched *item, const struct tq_verdict *verdict)
{
    if (watch->asked.json) {
        put_json(item, verdict);
    } else {
        printf("%sZ  %s  ", format_utc(verdict->at_ns).s, item->name);
        put_before(&item->seen, verdict);
        fputs(" -> ", stdout);
        verdict_put(stdout, verdict);
        putchar('\n');
    }
    return report_flush_stdout() < 0 ? CLI_ERROR : 0;
}

int watch_look(struct watch *watch, struct session *session)
{
    int64_t now_ns = tq_now_ns();
    int result = take_all(watch, session);

    for (size_t i = 0; i < watch->count && result == 0; i++) {
        struct watched *item = &watch->items[i];
        struct tq_verdict verdict = {.at_ns = now_ns};
        struct stand stand;
        int state = item->provider ? verdict_read(item->provider, now_ns, 0, &verdict) : TQ_AVAILABLE;

        if (state < 0)
            return session_fail(item->name, state);
        result = watch_warn(watch, item, now_ns);
        if (result != 0)
            break;
        stand = watch_stand(&verdict);
        if (!watch->begun)
            item->seen = item->told = stand;
        if (watch_same(&item->seen, &stand, now_ns))
            continue;
        result = put_line(watch, item, &verdict);
        item->seen = stand;
        if (watch->exec && !item->queued)
            item->queued = ++watch->turns;
    }
    watch->begun |= result == 0;
    return result;
}

void watch_names(struct watch *watch)
{
    for (char **name = watch->asked.operands; *name; name++) {
        size_t i = 0;

        while (i < watch->count && strcmp(watch->items[i].name, *name) != 0)
            i++;
        if (i == watch->count)
            append(watch, *name, NULL);
    }
}

int watch_rebind(struct watch *watch, struct session *session)
{
    int result = 0;

    for (size_t i = 0; i < watch->count && result == 0; i++)
        result = look_up(session, &watch->items[i]);
    watch->ordered = 0; /* another ledger has another order */
    return result;
}

void watch_free(struct watch *watch)
{
    for (size_t i = 0; i < watch->count; i++)
        free(watch->items[i].name);
    free(watch->items);
    for (size_t i = 0; i < watch->warning_count; i++)
        warning_free(&watch->warnings[i]);
    free(watch->warnings);
}
