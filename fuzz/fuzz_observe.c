/* fuzz_observe.c: any bytes as the body of POST /v1/observe: what is read can be counted, what is not is
 * said.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdbool.h>

#include "serve/records.h"
#include "target.h"

static void check_text(struct tq__span text, const char *body, size_t size)
{
    char out[RECORD_TEXT_BYTES];
    size_t len;

    HOLDS(text.at >= body && text.len <= size && text.at + text.len <= body + size);
    len = record_text(text, out);
    HOLDS(len > 0 && len < RECORD_TEXT_BYTES && out[len] == '\0');
}

static void check_record(const struct record *record, const char *body, size_t size, size_t *ids)
{
    check_text(record->name, body, size);
    HOLDS(!record->provider && record->tokens >= 0);
    HOLDS(record->at_ns >= TQ_NOW_MIN_NS && record->at_ns < TQ_NOW_END_NS);
    if (record->id.at) {
        check_text(record->id, body, size);
        ++*ids;
    }
    if (record->has_usage) {
        const struct tq_usage *usage = &record->usage;

        HOLDS(usage->size == sizeof *usage && usage->counted >= 0 && usage->cost_nano_usd >= 0);
        HOLDS(usage->input >= 0 && usage->cache_read >= 0 && usage->cache_write >= 0 && usage->output >= 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *body = malloc(size + 1);
    struct records records;
    size_t ids = 0;
    int answer;

    HOLDS(body);
    memcpy(body, data, size);
    body = realloc(body, size ? size : 1); /* a sanitizer sees what reads behind it */
    HOLDS(body);
    answer = records_read(&records, (struct tq__span){body, size}, 1772600000000000000);
    HOLDS(records.count <= RECORDS_MOST);
    if (answer == 0) {
        HOLDS(records.is_array || records.count == 1);
        for (size_t i = 0; i < records.count; i++)
            check_record(&records.items[i], body, size, &ids);
        HOLDS(ids == records.ids);
    } else {
        HOLDS(answer == RECORDS_NOT_JSON || answer == RECORDS_INVALID || answer == RECORDS_TOO_MANY);
        check_message(records.why, sizeof records.why, 0xff);
    }
    records_free(&records);
    free(body);
    return 0;
}
