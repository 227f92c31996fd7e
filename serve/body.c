/* body.c: a request's body of one small JSON object, taken apart by the names of its members.
 *
 * SPDX-License-Identifier: MIT
 */
#include "body.h"

#include <string.h>

#include "asked.h"

#define NAME_SHOWN 64 /* bytes of a member's name in a message */

/* Was a member of this name taken? */
static bool is_there(struct tq__span key, const struct tq__json_wanted *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wanted[i].item->kind != TQ__JSON_NONE && tq__span_equals(key, wanted[i].name))
            return true;
    return false;
}

int body_members(const struct http_request *request, struct http_answer *answer,
                 const struct tq__json_wanted *wanted, size_t count)
{
    struct tq__json_item item;
    struct tq__json json;

    for (size_t i = 0; i < count; i++)
        *wanted[i].item = (struct tq__json_item){.kind = TQ__JSON_NONE};
    tq__json_begin(&json, (struct tq__span){request->body, request->body_len}, TQ__JSON_STRICT);
    if (tq__json_next(&json, &item) && !tq__json_enter(&json, '{'))
        return asked_refuse(answer, "bad_body", "the body is not one JSON object");
    while (tq__json_next(&json, &item)) {
        char shown[NAME_SHOWN + 4];

        bool twice = is_there(item.key, wanted, count);

        if (!twice && tq__json_take(&json, &item, wanted, count))
            continue;
        tq__text_make_safe(shown, sizeof shown, item.key, NAME_SHOWN, 0);
        if (twice)
            return asked_refuse(answer, "bad_body", "\"%s\" is there twice", shown);
        return asked_refuse(answer, "unknown_member",
                            "there is no member \"%s\" here; /v1/openapi.json lists them", shown);
    }
    if (!tq__json_done(&json))
        return asked_refuse(answer, "not_json", "the body is not JSON from byte %zu on",
                            json.fault ? (size_t)(json.fault - request->body) : (size_t)0);
    for (size_t i = 0; i < count; i++)
        if (wanted[i].item->kind == TQ__JSON_NULL)
            wanted[i].item->kind = TQ__JSON_NONE;
    return 0;
}

static size_t count_unknown(struct tq__span text)
{
    static const char unknown[] = "\xef\xbf\xbd"; /* U+FFFD */
    const char *found;
    size_t count = 0;

    for (; text.len > 0 && (found = memmem(text.at, text.len, unknown, sizeof unknown - 1)) != NULL; count++)
        text = tq__span_behind(text, (size_t)(found - text.at) + sizeof unknown - 1);
    return count;
}

bool body_names_characters(struct tq__span text, struct tq__span plain)
{
    return plain.at == text.at || count_unknown(plain) == count_unknown(text);
}

int body_text(struct http_answer *answer, const struct tq__json_item *item, const char *name,
              const char *hint, char *out, size_t out_bytes)
{
    struct tq__span text = {NULL, 0};

    if (item->kind == TQ__JSON_STRING)
        text = tq__json_unescape(item->text, out, out_bytes);
    if (text.len > 0 && !body_names_characters(item->text, text))
        return asked_refuse(answer, "bad_member", "\"%s\" has an escape that is no character", name);
    if (text.len == 0 || text.len >= out_bytes)
        return asked_refuse(answer, "bad_member", "\"%s\" must be a text of 1 to %zu bytes%s", name,
                            out_bytes - 1, hint);
    if (text.at != out)
        memcpy(out, text.at, text.len);
    out[text.len] = '\0';
    return 0;
}

int body_provider(struct http_answer *answer, const struct tq__json_item *item, char name[TQ_NAME_MAX + 1])
{
    return body_text(answer, item, "provider", ": the name of one", name, TQ_NAME_MAX + 1);
}
