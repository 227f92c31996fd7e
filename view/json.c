/* json.c: numbers, instants and text as JSON, and the document's way out.
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <string.h>

#include <tokenquota.h>

#include "json.h"

#define EXACT_MOST ((INT64_C(1) << 53) - 1)

json_t *number_json(int64_t n)
{
    char text[24];

    if (n < 0)
        return json_null();
    if (n <= EXACT_MOST)
        return json_integer(n);
    snprintf(text, sizeof(text), "%" PRId64, n);
    return json_string(text);
}

json_t *instant_json(int64_t at_ns)
{
    return json_string(format_rfc3339(at_ns).s);
}

json_t *text_json(const char *text)
{
    char out[512];

    text_clean(out, sizeof(out), text, strlen(text), false);
    return json_string(out);
}

json_t *retry_json(int state, int64_t retry_at_ns)
{
    bool known = state == TQ_QUOTA_EXHAUSTED && retry_at_ns < TQ_NOW_END_NS;

    return known ? instant_json(retry_at_ns) : json_null();
}

int json_print(json_t *document, bool one_line)
{
    size_t flags = (one_line ? JSON_COMPACT : JSON_INDENT(2)) | JSON_REAL_PRECISION(15);
    int result = document ? json_dumpf(document, stdout, flags) : -1;

    json_decref(document);
    if (result < 0 && !ferror(stdout)) { /* a failed write is told at the end */
        report("out of memory");
        return -1;
    }
    putc('\n', stdout);
    return 0;
}

int classes_json(json_t *object, const struct classes *classes)
{
    int failed = json_object_set_new(object, "responses", number_json(classes->responses));

    failed |= json_object_set_new(object, "input", number_json(classes->input));
    failed |= json_object_set_new(object, "cache_write", number_json(classes->cache_write));
    failed |= json_object_set_new(object, "cache_read", number_json(classes->cache_read));
    failed |= json_object_set_new(object, "output", number_json(classes->output));
    failed |= json_object_set_new(object, "other", number_json(classes->other));
    failed |= json_object_set_new(object, "total", number_json(classes_total(classes)));
    return failed ? -1 : 0;
}
