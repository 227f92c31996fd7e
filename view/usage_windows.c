/* usage_windows.c: a usage report by window: its responses in the order of time, counted in limits.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "usage.h"
#include "windows.h"

static int compare(const void *left, const void *right)
{
    const struct usage_cell *a = left, *b = right;

    if (a->at_ns != b->at_ns)
        return a->at_ns < b->at_ns ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

/* Finds the provider of a row, at first by its name. */
static int provider_of(const struct usage_report *usage, struct windows *windows, uint32_t row,
                       struct tq_provider **provider)
{
    const char *name = usage->texts[row];
    int answer = *provider ? 0 : tq_ledger_provider(windows->ledger, name, strlen(name), 0, provider);

    return answer == 0 ? windows_meet(windows, *provider) : answer;
}

int usage_feed(struct usage_report *usage, struct windows *windows)
{
    struct tq_provider **providers = calloc(usage->text_count + 1, sizeof(struct tq_provider *));
    int answer = providers ? 0 : TQ_ENOMEM;

    if (usage->cell_count > 0)
        qsort(usage->cells, usage->cell_count, sizeof *usage->cells, compare);
    for (size_t i = 0; i < usage->cell_count && answer >= 0; i++) {
        const struct usage_cell *cell = &usage->cells[i];
        struct tq_provider **provider = &providers[cell->row];
        struct tq_usage parts = usage_of_cell(cell);

        if (cell->at_ns < 0 || cell->at_ns >= TQ_NOW_END_NS) /* of no window */
            continue;
        answer = provider_of(usage, windows, cell->row, provider);
        if (answer == 0)
            answer = tq_provider_observe_usage(*provider, &parts, cell->at_ns, NULL);
        if (answer >= 0)
            windows_count_stated(windows, *provider, &parts, cell->at_ns);
        if (answer >= 0)
            answer = windows_look(windows, *provider, cell->at_ns);
    }
    free(providers);
    if (answer >= 0)
        answer = windows_end(windows);
    return answer < 0 ? listener_fail(usage->listener, "%s", tq_strerror(answer)) : 0;
}

json_t *usage_windows_json(const struct usage_report *usage, const struct windows *windows, int64_t since_ns,
                           int64_t until_ns)
{
    char name[TQ__ZONE_NAME_BYTES];

    zone_name(name, usage->request.at_ns, usage->request.local);
    /* clang-format off */
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
                     "by", usage_by_word(usage->request.by),
                     "zone", usage->request.local ? "local" : "UTC",
                     "zone_name", name,
                     "files", number_json((int64_t)usage->files),
                     "entries", number_json((int64_t)usage->entries),
                     "bad_lines", number_json((int64_t)usage->bad_lines),
                     "live_elsewhere", number_json(usage->live_elsewhere),
                     "limits",
                     windows_rows_json(windows, since_ns, until_ns, usage->request.at_ns));
    /* clang-format on */
}
