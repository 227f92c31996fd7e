/* exhausted.c: `tokenquota exhausted` lists the providers that are out.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"
#include "view/json.h"
#include "cli/session.h"

struct listing {
    const char *ledger;
    struct instant at;
    bool all;
    bool json;
    struct tq_exhausted *items;
    size_t count;
};

#define TO(field) offsetof(struct listing, field)

static const struct option options[] = {
    {'a', "all", NULL, "include providers whose time has passed", option_flag, TO(all), NULL},
    AT_ROW,
    JSON_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static size_t ask(struct session *session, struct listing *listing, size_t capacity)
{
    struct tq_store *store = tq_ledger_store(session->ledger);

    return listing->all ? tq_store_all_exhausted(store, listing->items, capacity)
                        : tq_store_exhausted_at(store, listing->at.ns, listing->items, capacity);
}

/* Others mark meanwhile, so the list may outgrow the room that was made for it. */
static int collect(struct session *session, struct listing *listing)
{
    size_t capacity = 0;

    while ((listing->count = ask(session, listing, capacity)) > capacity) {
        capacity = listing->count + 16;

        struct tq_exhausted *items = realloc(listing->items, capacity * sizeof(*items));

        if (!items) {
            report("out of memory");
            return -1;
        }
        listing->items = items;
    }
    return 0;
}

/* The first to be back first. */
static int compare(const void *left, const void *right)
{
    const struct tq_exhausted *a = left, *b = right;

    if (a->retry_at_ns != b->retry_at_ns)
        return a->retry_at_ns < b->retry_at_ns ? -1 : 1;
    return strcmp(a->provider, b->provider);
}

/* Why it is out, for as long as it is. */
static void read_why(struct session *session, const struct listing *listing, const struct tq_exhausted *item,
                     struct tq_verdict *verdict)
{
    struct tq_provider *provider;

    *verdict = (struct tq_verdict){.at_ns = listing->at.ns};
    if (tq_ledger_provider(session->ledger, item->provider, strlen(item->provider), TQ_PROVIDER_EXISTING,
                           &provider) == 0)
        verdict_read(provider, listing->at.ns, verdict);
}

static int put_json(struct session *session, const struct listing *listing)
{
    json_t *array = json_array();

    for (size_t i = 0; i < listing->count; i++) {
        const struct tq_exhausted *item = &listing->items[i];
        int state = item->retry_at_ns > listing->at.ns ? TQ_QUOTA_EXHAUSTED : TQ_AVAILABLE;
        bool known = item->retry_at_ns < TQ_NOW_END_NS;
        json_t *retry_at = known ? instant_json(item->retry_at_ns) : json_null();
        struct tq_verdict verdict;

        read_why(session, listing, item, &verdict);

        const char *reason = verdict.reason ? tq_reason_name(verdict.reason) : NULL;

        json_array_append_new(array, json_pack("{s:s, s:s, s:s?, s:o}", "provider", item->provider, "state",
                                               tq_state_name(state), "reason", reason, "retry_at", retry_at));
    }
    return json_print(json_pack("{s:i, s:o, s:o}", "schema", SCHEMA, "at", instant_json(listing->at.ns),
                                "exhausted", array),
                      false);
}

static int put_text(struct session *session, const struct listing *listing)
{
    struct style style;
    int name = 0;

    style_init(&style, NULL);
    for (size_t i = 0; i < listing->count; i++) {
        int columns = text_columns(listing->items[i].provider, strlen(listing->items[i].provider));

        name = columns > name ? columns : name;
    }
    for (size_t i = 0; i < listing->count; i++) {
        const struct tq_exhausted *item = &listing->items[i];
        struct tq_verdict verdict;

        read_why(session, listing, item, &verdict);
        text_put_name(&style, item->provider, name, true);
        fputs("  ", stdout);
        if (verdict_is_wait(&verdict))
            fputs(verdict_reason(&verdict).s, stdout);
        else if (item->retry_at_ns > listing->at.ns)
            until_put(stdout, item->retry_at_ns, listing->at.ns);
        else
            printf("until %sZ (%s), which has passed", format_utc(item->retry_at_ns).s,
                   format_local(item->retry_at_ns).s);
        if (*verdict_reason(&verdict).s && !verdict_is_wait(&verdict))
            printf("; %s", verdict_reason(&verdict).s);
        putchar('\n');
    }
    return 0;
}

static int work(struct session *session, void *context)
{
    struct listing *listing = context;
    bool any = false;

    if (collect(session, listing) < 0)
        return CLI_ERROR;
    if (listing->count)
        qsort(listing->items, listing->count, sizeof(*listing->items), compare);
    for (size_t i = 0; i < listing->count; i++)
        any |= listing->items[i].retry_at_ns > listing->at.ns;
    if ((listing->json ? put_json(session, listing) : put_text(session, listing)) < 0)
        return CLI_ERROR;
    return any ? CLI_NO : CLI_YES;
}

static int run(void *request, char **operands, int count)
{
    struct listing *listing = request;
    int answer = session_work(listing->ledger, SESSION_READ, work, listing);

    (void)operands, (void)count;
    free(listing->items);
    return answer;
}

const struct command cmd_exhausted = {
    .name = "exhausted",
    .operands = "",
    .summary = "list the providers that are out, and until when",
    .options = options,
    .notes = "\n"
             "Exit status: 0 if no provider is out, 1 if one is, 2 on an error.\n",
    .request_bytes = sizeof(struct listing),
    .needs = "for one provider use: tokenquota status PROVIDER",
    .run = run,
};
