/* json.c: the parts that JSON documents share: numbers, instants, text, days, budgets, classes of tokens.
 *
 * SPDX-License-Identifier: MIT
 */
#include "json.h"

#include <string.h>

#include "base/number.h"
#include "base/time.h"

#define EXACT_MOST ((INT64_C(1) << 53) - 1)
#define DEPTH_MOST 16 /* of our documents */

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

json_t *document_json(json_t *members)
{
    return json_join(json_pack("{s:i}", "schema", SCHEMA), members);
}

/* Takes the null members of one object out. */
static void drop_nulls(json_t *object)
{
    json_t *value;
    const char *key;
    void *next;

    json_object_foreach_safe(object, next, key, value) if (json_is_null(value)) json_object_del(object, key);
}

/* What is inside a value: the item behind the one before, from *place = 0 on; NULL at the end. */
static json_t *item_next(json_t *value, size_t *place, void **member)
{
    if (json_is_array(value))
        return json_array_get(value, (*place)++);
    if (!json_is_object(value))
        return NULL;
    *member = (*place)++ == 0 ? json_object_iter(value) : json_object_iter_next(value, *member);
    return *member ? json_object_iter_value(*member) : NULL;
}

json_t *json_known(json_t *value)
{
    struct {
        json_t *value;
        void *member;
        size_t place;
    } stack[DEPTH_MOST] = {{.value = value}};
    size_t depth = 1;

    drop_nulls(value);
    while (depth > 0) {
        json_t *item = item_next(stack[depth - 1].value, &stack[depth - 1].place, &stack[depth - 1].member);

        if (!item) {
            depth--;
            continue;
        }
        drop_nulls(item);
        if (depth < DEPTH_MOST) {
            stack[depth].value = item;
            stack[depth].member = NULL;
            stack[depth++].place = 0;
        }
    }
    return value;
}
