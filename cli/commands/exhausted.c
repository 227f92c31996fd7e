/* exhausted.c: `tokenquota exhausted` lists the providers that are out.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"
#include "view/json.h"
#include "cli/session.h"

enum {
    OPTION_ALL,
    OPTION_AT,
    OPTION_JSON,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_ALL] = {'a', "all", NULL, "those whose time has passed, too: worth a probe"},
    [OPTION_AT] = AT_SPEC,
    [OPTION_JSON] = JSON_SPEC,
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

struct listing {
    const char *ledger;
    const char *at;
    int64_t at_ns;
    bool all;
    bool json;
    struct tq_exhausted *items;
    size_t count;
};

static size_t ask(struct session *session, struct listing *listing, size_t capacity)
{
    struct tq_store *store = tq_ledger_store(session->ledger);

    return listing->all ? tq_store_all_exhausted(store, listing->items, capacity)
                        : tq_store_exhausted_at(store, listing->at_ns, listing->items, capacity);
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

    *verdict = (struct tq_verdict){.at_ns = listing->at_ns};
    if (tq_ledger_provider(session->ledger, item->provider, strlen(item->provider), TQ_PROVIDER_EXISTING,
                           &provider) == 0)
        verdict_read(provider, listing->at_ns, verdict);
}

static int put_json(struct session *session, const struct listing *listing)
{
    json_t *array = json_array();

    for (size_t i = 0; i < listing->count; i++) {
        const struct tq_exhausted *item = &listing->items[i];
        int state = item->retry_at_ns > listing->at_ns ? TQ_QUOTA_EXHAUSTED : TQ_AVAILABLE;
        bool known = item->retry_at_ns < TQ_NOW_END_NS;
        json_t *retry_at = known ? instant_json(item->retry_at_ns) : json_null();
        struct tq_verdict verdict;

        read_why(session, listing, item, &verdict);

        const char *reason = verdict.reason ? tq_reason_name(verdict.reason) : NULL;

        json_array_append_new(array, json_pack("{s:s, s:s, s:s?, s:o}",
                                               "provider", item->provider,
                                               "state", tq_state_name(state),
                                               "reason", reason,
                                               "retry_at", retry_at));
    }
    return json_print(json_pack("{s:i, s:o, s:o}",
                                "schema", SCHEMA,
                                "at", instant_json(listing->at_ns),
                                "exhausted", array), false);
}

static int put_text(struct session *session, const struct listing *listing)
{
    struct style style;
    int name = 0;

    if (style_init(&style, "auto") < 0)
        return -1;
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
        else if (item->retry_at_ns > listing->at_ns)
            until_put(stdout, item->retry_at_ns, listing->at_ns);
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
        any |= listing->items[i].retry_at_ns > listing->at_ns;
    if ((listing->json ? put_json(session, listing) : put_text(session, listing)) < 0)
        return CLI_ERROR;
    return any ? CLI_NO : CLI_YES;
}

static int run(int argc, char **argv)
{
    struct listing listing = {0};
    const struct option_target targets[] = {
        [OPTION_ALL] = {.flag = &listing.all},        [OPTION_AT] = {.value = &listing.at},
        [OPTION_JSON] = {.flag = &listing.json},      [OPTION_LEDGER] = {.value = &listing.ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_exhausted, targets), answer;

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (operands > 0) {
        report("unexpected \"%s\": of one provider it is said by: tokenquota status PROVIDER", argv[0]);
        return CLI_ERROR;
    }
    if (instant_now(listing.at, &listing.at_ns) < 0)
        return CLI_ERROR;
    answer = session_work(listing.ledger, SESSION_READ, work, &listing);
    free(listing.items);
    return answer;
}

const struct command cmd_exhausted = {
    .name = "exhausted",
    .operands = "",
    .summary = "list the providers that are out, and until when",
    .options = options,
    .notes = "\n"
             "Exit status: 0 none is exhausted, 1 some are, 2 an error.\n",
    .run = run,
};
