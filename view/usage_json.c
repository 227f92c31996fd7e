/* usage_json.c: the report as one JSON document.
 *
 * SPDX-License-Identifier: MIT
 */
#include "json.h"
#include "usage.h"

#define NANO 1e9

static int set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value);
}

/* Money is no count: a number with a fraction, null where the logs do not say. */
static json_t *cost_json(int64_t cost_nano_usd, int64_t costs)
{
    return costs ? json_real((double)cost_nano_usd / NANO) : json_null();
}

/* The cells of a row, model by model: they stand together, in this order. */
static json_t *models_json(const struct usage_report *usage, uint32_t row)
{
    json_t *list = json_array();
    size_t at = 0;

    while (at < usage->cell_count && usage->cells[at].row != row)
        at++;
    while (at < usage->cell_count && usage->cells[at].row == row) {
        struct usage_cell sum = usage->cells[at++];

        for (; at < usage->cell_count && usage->cells[at].row == row && usage->cells[at].model == sum.model;
             at++) {
            classes_add(&sum.classes, &usage->cells[at].classes, 1);
            sum.cost_nano_usd += usage->cells[at].cost_nano_usd;
            sum.costs += usage->cells[at].costs;
        }
        json_t *model = json_object();
        int failed = set(model, "model", text_json(usage->models.items[sum.model]));

        failed |= classes_json(model, &sum.classes);
        failed |= set(model, "cost_usd", cost_json(sum.cost_nano_usd, sum.costs));
        if (failed | json_array_append_new(list, model)) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *row_json(const struct usage_row *row)
{
    json_t *object = json_object();
    int failed = object ? classes_json(object, &row->classes) : -1;

    failed |= set(object, "cost_usd", cost_json(row->cost_nano_usd, row->costs));
    if (!failed)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *rows_json(const struct usage_report *usage, const struct usage_row *rows, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *row = row_json(&rows[i]);
        int failed = set(row, "key", text_json(rows[i].key));

        failed |= set(row, "models", models_json(usage, rows[i].number));
        if (failed | json_array_append_new(list, row)) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

int usage_json(const struct usage_report *usage, const struct usage_row *rows, size_t count,
               const struct usage_row *total)
{
    json_t *document = json_object();
    int64_t first_day = 0, last_day = 0;
    bool any = usage_span(usage, &first_day, &last_day);
    int failed = set(document, "schema", json_integer(SCHEMA));

    failed |= set(document, "by", json_string(usage_by_word(usage->request.by)));
    failed |= set(document, "zone", json_string(usage->request.local ? "local" : "UTC"));
    failed |= set(document, "first_day", any ? json_string(usage_day_text(first_day).s) : json_null());
    failed |= set(document, "last_day", any ? json_string(usage_day_text(last_day).s) : json_null());
    failed |= set(document, "files", number_json((int64_t)usage->files));
    failed |= set(document, "entries", number_json((int64_t)usage->entries));
    failed |= set(document, "bad_lines", number_json((int64_t)usage->bad_lines));
    failed |= set(document, "live_elsewhere", number_json(usage->live_elsewhere));
    failed |= set(document, "rows", rows_json(usage, rows, count));
    failed |= set(document, "totals", row_json(total));
    if (!failed)
        return json_print(document, false);
    json_decref(document);
    report("out of memory");
    return -1;
}
