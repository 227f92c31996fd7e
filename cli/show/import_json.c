/* import_json.c: what an import did, as one JSON document.
 *
 * SPDX-License-Identifier: MIT
 */
#include "import.h"
#include "view/json.h"

static int set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value);
}

static json_t *count_json(uint64_t n)
{
    return number_json(n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

/* Corrections may make it less than 0, which number_json takes for unknown. */
static json_t *signed_json(int64_t n)
{
    return n < 0 ? json_integer(n) : number_json(n);
}

static json_t *files_json(const struct import_totals *totals)
{
    json_t *files = json_object();
    int failed = set(files, "found", count_json(totals->found));

    failed |= set(files, "read", count_json(totals->read));
    failed |= set(files, "unchanged", count_json(totals->unchanged));
    failed |= set(files, "broken", count_json(totals->broken));
    if (!failed)
        return files;
    json_decref(files);
    return NULL;
}

static json_t *classes_object(const struct classes *classes)
{
    json_t *object = json_object();

    if (object && classes_json(object, classes) == 0)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *providers_json(const struct import *import)
{
    json_t *list = json_array();

    for (size_t i = 0; i < import->feeds.count; i++) {
        const struct import_feed *feed = &import->feeds.items[i];
        json_t *item = json_object();
        int failed = set(item, "provider", text_json(feed->name));

        failed |= set(item, "responses", number_json(feed->responses));
        failed |= set(item, "counted", signed_json(feed->counted));
        if (failed | json_array_append_new(list, item)) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

int import_json(const struct import *import)
{
    const struct import_totals *totals = &import->totals;
    json_t *document = json_object();
    bool any = totals->once.responses > 0;
    int failed = set(document, "schema", json_integer(SCHEMA));

    failed |= set(document, "dry_run", json_boolean(import->request.dry_run));
    failed |= set(document, "files", files_json(totals));
    failed |= set(document, "lines", count_json(totals->lines));
    failed |= set(document, "bytes", count_json(totals->bytes));
    failed |= set(document, "bad_lines", count_json(totals->bad_lines));
    failed |= set(document, "skipped", count_json(totals->skipped));
    failed |= set(document, "older", count_json(totals->older));
    failed |= set(document, "older_tokens", number_json(totals->older_tokens));
    failed |= set(document, "refused_by_clock", count_json(totals->clock));
    failed |= set(document, "signals", count_json(totals->signals));
    failed |= set(document, "raw", classes_object(&totals->raw));
    failed |= set(document, "deduplicated", classes_object(&totals->once));
    failed |= set(document, "new", classes_object(&totals->fresh));
    failed |= set(document, "counted", signed_json(totals->counted));
    failed |= set(document, "first_at", any ? instant_json(totals->first_at_ns) : json_null());
    failed |= set(document, "last_at", any ? instant_json(totals->last_at_ns) : json_null());
    failed |= set(document, "providers", providers_json(import));
    if (!failed)
        return json_print(document, import->request.follow);
    json_decref(document);
    report("out of memory");
    return -1;
}
