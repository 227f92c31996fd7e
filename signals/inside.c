/* inside.c: errors that stand inside of something else than an error's body.
 *
 * SPDX-License-Identifier: MIT
 *
 * Such a response has status 200, or none at all. It was not served, so it must not lift an earlier refusal:
 *
 *     {"choices": [{"error": {"code": 429, ...}}]}                        OpenRouter
 *     {"base_resp": {"status_code": 1008, "status_msg": "..."}}           MiniMax
 *     {"type": "error", "error": {...}, "status_code": 429, "headers": {...}}   Codex, over a WebSocket
 *
 * An exception in a binary stream becomes an error's body in eventstream.c.
 */
#include "inside.h"

#include "field.h"

struct tq__json_item tq__inside_choice(const struct tq__json_item *choices)
{
    struct tq__json_item choice, error = {.kind = TQ__JSON_NONE};
    const struct tq__json_wanted wanted = {"error", &error};
    struct tq__json json;

    if (choices->kind != TQ__JSON_ARRAY)
        return error;
    tq__json_begin(&json, choices->text, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    while (tq__json_next(&json, &choice) && tq__json_pass(&json, &choice))
        if (tq__json_members(choice.text, &wanted, 1) && error.kind == TQ__JSON_OBJECT)
            return error;
    return (struct tq__json_item){.kind = TQ__JSON_NONE};
}

/* ---- MiniMax --------------------------------------------------------------------------------- */

/* https://platform.minimax.io/docs/api-reference/errorcode. Other codes are about the request. */
static const struct {
    int64_t code;
    struct tq__error_row row;
} base_codes[] = {
    {1002, {.refusal = TQ_CLASS_THROTTLED}},
    {1008, {.refusal = TQ_CLASS_NO_MONEY}},
    {1024, {.refusal = TQ_CLASS_OVERLOADED}},
    {1033, {.refusal = TQ_CLASS_OVERLOADED}},
    {1039, {.refusal = TQ_CLASS_THROTTLED, .what = TQ_AXIS_TOKENS}},
    {1041, {.refusal = TQ_CLASS_THROTTLED, .what = TQ_AXIS_CONCURRENCY}},
    {2045, {.refusal = TQ_CLASS_THROTTLED}},
    {2056, {.refusal = TQ_CLASS_EXHAUSTED}},
};

bool tq__inside_base_resp(const struct tq__json_item *base_resp, int64_t *code, struct tq__json_item *message)
{
    struct tq__json_item number, text;
    const struct tq__json_wanted wanted[] = {{"status_code", &number}, {"status_msg", &text}};

    *code = 0;
    if (base_resp->kind != TQ__JSON_OBJECT || !tq__json_members(base_resp->text, wanted, 2) ||
        number.kind != TQ__JSON_NUMBER || tq__span_equals(number.text, "0"))
        return false;
    if (tq__value_count(number.text, code) != 0)
        *code = 0;
    *message = text;
    return true;
}

const struct tq__error_row *tq__inside_row(int64_t base_code)
{
    for (size_t i = 0; i < sizeof base_codes / sizeof base_codes[0]; i++)
        if (base_codes[i].code == base_code)
            return &base_codes[i].row;
    return NULL;
}

/* ---- status and headers ---------------------------------------------------------------------- */

uint32_t tq__inside_status(const struct tq__json_item *number)
{
    struct tq__span value = tq__json_value(number);
    int64_t status;

    if (!value.at || tq__value_scaled(value, 0, &status) != 0 || status < 400 || status > 599)
        return 0;
    return (uint32_t)status;
}

#define FIELDS_MAX 64

void tq__inside_headers(struct tq__reading *reading, const struct tq__json_item *headers)
{
    const struct tq_profile *recognised;
    struct tq_field field[FIELDS_MAX];
    struct tq__json_item item;
    struct tq__fields fields;
    struct tq__json json;
    size_t count = 0;

    if (headers->kind != TQ__JSON_OBJECT)
        return;
    tq__json_begin(&json, headers->text, TQ__JSON_LAX);
    tq__json_enter_next(&json, '{');
    while (count < FIELDS_MAX && tq__json_next(&json, &item)) {
        struct tq__span value = item.kind == TQ__JSON_STRING || item.kind == TQ__JSON_NUMBER
                                    ? item.text
                                    : (struct tq__span){NULL, 0};

        if (value.at)
            field[count++] = (struct tq_field){item.key.at, item.key.len, value.at, value.len};
    }
    tq__fields_find(field, count, false, &fields);
    recognised = reading->may_recognise ? tq__recognise(&fields) : NULL;
    if (recognised)
        tq__reading_is(reading, recognised->id);
    tq__read_fields(reading, &fields);
}
