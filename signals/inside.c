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

bool tq__inside_base_resp(const struct tq__json_item *base_resp, struct tq__json_item *code,
                          struct tq__json_item *message)
{
    struct tq__json_item number, text;
    const struct tq__json_wanted wanted[] = {{"status_code", &number}, {"status_msg", &text}};

    if (base_resp->kind != TQ__JSON_OBJECT || !tq__json_members(base_resp->text, wanted, 2) ||
        number.kind != TQ__JSON_NUMBER || tq__span_equals(number.text, "0"))
        return false;
    *code = number;
    *message = text;
    return true;
}

uint32_t tq__inside_status(const struct tq__json_item *number)
{
    struct tq__span value = tq__json_value(number);
    int64_t status;

    if (!value.at || tq__value_scaled(value, 0, &status) != 0 || status < 400 || status > 599)
        return 0;
    return (uint32_t)status;
}

struct tq__json_item tq__inside_first(const struct tq__json_item *array)
{
    struct tq__json_item item = {.kind = TQ__JSON_NONE};
    struct tq__json json;

    if (array->kind != TQ__JSON_ARRAY)
        return item;
    tq__json_begin(&json, array->text, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    if (!tq__json_next(&json, &item) || !tq__json_pass(&json, &item) || item.kind != TQ__JSON_OBJECT)
        item.kind = TQ__JSON_NONE;
    return item;
}

struct tq__json_item tq__inside_detail(const struct tq__json_item *detail)
{
    struct tq__json_item error = tq__json_member(detail, "error");

    return error.kind == TQ__JSON_OBJECT ? error : *detail;
}
