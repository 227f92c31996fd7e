/* exhausted.c: the list of providers that are out, and of those whose probe is due, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "exhausted.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "verdict.h"

/* How many there are. Gives at most capacity of them. */
typedef size_t asking(struct tq_ledger *ledger, const struct exhausted *list, size_t capacity);

static size_t ask_out(struct tq_ledger *ledger, const struct exhausted *list, size_t capacity)
{
    return tq_store_exhausted_at(tq_ledger_store(ledger), list->at_ns, list->items, capacity);
}

static size_t ask_all(struct tq_ledger *ledger, const struct exhausted *list, size_t capacity)
{
    return tq_store_all_exhausted(tq_ledger_store(ledger), list->items, capacity);
}

static size_t ask_due(struct tq_ledger *ledger, const struct exhausted *list, size_t capacity)
{
    return tq_ledger_probes_due(ledger, list->at_ns, list->items, capacity);
}

static int compare(const void *left, const void *right)
{
    const struct tq_exhausted *a = left, *b = right;

    if (a->retry_at_ns != b->retry_at_ns)
        return a->retry_at_ns < b->retry_at_ns ? -1 : 1;
    return strcmp(a->provider, b->provider);
}

/* Others mark meanwhile, so the list may outgrow the room that was made for it. */
static int collect(struct tq_ledger *ledger, struct exhausted *list, asking *ask)
{
    size_t capacity = 0, count;

    while ((count = ask(ledger, list, capacity)) > capacity) {
        struct tq_exhausted *items = realloc(list->items, (count + 16) * sizeof *items);

        if (!items)
            return TQ_ENOMEM;
        list->items = items;
        capacity = count + 16;
    }
    list->count = count;
    if (count > 0)
        qsort(list->items, count, sizeof *list->items, compare);
    return 0;
}

static int compare_names(const void *left, const void *right)
{
    const struct tq_exhausted *a = left, *b = right;

    return strcmp(a->provider, b->provider);
}

/* Adds the marks of those that are not out. */
static int add_marks(struct tq_ledger *ledger, struct exhausted *list)
{
    struct exhausted marks = {.at_ns = list->at_ns};
    int answer = collect(ledger, &marks, ask_all);
    struct tq_exhausted *items = NULL;
    size_t count = list->count;

    if (answer == 0 && marks.count > 0 &&
        !(items = realloc(list->items, (count + marks.count) * sizeof *items)))
        answer = TQ_ENOMEM;
    if (items) {
        list->items = items;
        qsort(items, count, sizeof *items, compare_names);
        for (size_t i = 0; i < marks.count; i++)
            if (!bsearch(&marks.items[i], items, count, sizeof *items, compare_names))
                items[list->count++] = marks.items[i];
        qsort(items, list->count, sizeof *items, compare);
    }
    exhausted_free(&marks);
    return answer;
}

int exhausted_read(struct tq_ledger *ledger, int64_t at_ns, bool all, struct exhausted *list)
{
    int answer;

    *list = (struct exhausted){.at_ns = at_ns};
    answer = collect(ledger, list, ask_out);
    return answer == 0 && all ? add_marks(ledger, list) : answer;
}

int exhausted_read_due(struct tq_ledger *ledger, int64_t at_ns, struct exhausted *list)
{
    *list = (struct exhausted){.at_ns = at_ns};
    return collect(ledger, list, ask_due);
}

void exhausted_free(struct exhausted *list)
{
    free(list->items);
    *list = (struct exhausted){0};
}

void exhausted_why(struct tq_ledger *ledger, const struct exhausted *list, size_t i,
                   struct tq_verdict *verdict)
{
    const char *name = list->items[i].provider;
    struct tq_provider *provider;

    *verdict = (struct tq_verdict){.at_ns = list->at_ns};
    if (tq_ledger_provider(ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider) == 0)
        verdict_read(provider, list->at_ns, 0, verdict);
}

bool exhausted_is_out(const struct exhausted *list, size_t i)
{
    return list->items[i].retry_at_ns > list->at_ns;
}

json_t *exhausted_json(struct tq_ledger *ledger, const struct exhausted *list)
{
    size_t count = list->most > 0 && list->most < list->count ? list->most : list->count;
    json_t *array = json_array(), *document;

    for (size_t i = 0; i < count; i++) {
        int state = exhausted_is_out(list, i) ? TQ_QUOTA_EXHAUSTED : TQ_AVAILABLE;
        struct tq_verdict verdict;

        exhausted_why(ledger, list, i, &verdict);
        json_array_append_new(array, json_pack("{s:s, s:s, s:s?, s:o}", "provider", list->items[i].provider,
                                               "state", tq_state_name(state), "reason",
                                               verdict.reason ? tq_reason_name(verdict.reason) : NULL,
                                               "retry_at", some_instant_json(list->items[i].retry_at_ns)));
    }
    document = json_pack("{s:o, s:o}", "at", instant_json(list->at_ns), "exhausted", array);
    if (count < list->count)
        document =
            json_join(document, json_pack("{s:o}", "left_out", number_json((int64_t)(list->count - count))));
    return document;
}

json_t *exhausted_due_json(const struct exhausted *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_pack("{s:s, s:o}", "provider", list->items[i].provider, "due_since",
                                               instant_json(list->items[i].retry_at_ns)));
    return json_pack("{s:o, s:o}", "at", instant_json(list->at_ns), "due", array);
}
