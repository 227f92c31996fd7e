/* json.c: the parts that JSON documents share: numbers, instants, text, days, budgets, classes of tokens.
 *
 * SPDX-License-Identifier: MIT
 */
#include "json.h"

#include <string.h>

#include "base/number.h"
#include "base/time.h"

#define EXACT_MOST ((INT64_C(1) << 53) - 1)

json_t *number_json(int64_t n)
{
    char text[TQ__NUMBER_BYTES];

    if (n < 0)
        return json_null();
    if (n <= EXACT_MOST)
        return json_integer(n);
    (void)tq__number_write(text, n, '\0');
    return json_string(text);
}

json_t *signed_json(int64_t n)
{
    return n < 0 ? json_integer(n) : number_json(n);
}

json_t *some_json(int64_t n)
{
    return n > 0 ? number_json(n) : json_null();
}

json_t *instant_json(int64_t at_ns)
{
    char text[TQ__TIME_BYTES];

    (void)tq__time_write(text, at_ns);
    return json_string(text);
}

json_t *some_instant_json(int64_t at_ns)
{
    return at_ns != 0 && at_ns < TQ_NOW_END_NS ? instant_json(at_ns) : json_null();
}

json_t *care_json(int64_t quarters)
{
    return quarters < 0 ? json_null() : json_real((double)quarters / 4.0);
}

json_t *date_json(int64_t at_ns)
{
    char text[TQ__TIME_BYTES];

    (void)tq__time_write(text, at_ns);
    return json_stringn(text, TQ__DATE_LENGTH);
}

json_t *text_json(const char *text)
{
    char out[512];

    tq__text_make_safe(out, sizeof out, tq__span_of(text), SIZE_MAX, 0);
    return json_string(out);
}

json_t *day_json(int64_t day_at_ns, const char *provider, int64_t used)
{
    return json_pack("{s:o, s:s*, s:o}", "day", date_json(day_at_ns), "provider", provider, "used",
                     number_json(used));
}

json_t *classes_json(const struct classes *classes)
{
    /* clang-format off */
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "responses", number_json(classes->responses),
                     "input", number_json(classes->input),
                     "cache_write", number_json(classes->cache_write),
                     "cache_read", number_json(classes->cache_read),
                     "output", number_json(classes->output),
                     "other", number_json(classes->other),
                     "total", number_json(classes_total(classes)));
    /* clang-format on */
}

json_t *json_join(json_t *object, json_t *more)
{
    if (!object || !more || json_object_update(object, more) < 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(more);
    return object;
}
