/* document.c: what one JSON document of a response says: usage, an error, limits, the end.
 *
 * SPDX-License-Identifier: MIT
 */
#include "document.h"

#include <string.h>

#include "usage_json.h"
#include "words.h"

#define PLACE_DEPTH 16   /* no place of usage_keys.c is nested deeper, arrays around documents included */
#define SHALLOW_DEPTH 64 /* no vendor's error is nested deeper */

#define SAW_CHOICES 1u     /* the list, */
#define SAW_CHOICE 2u      /* and something in it */
#define SAW_FINISH 4u      /* a choice is finished, or there will be none */
#define SAW_DONE 8u        /* "done": true */
#define SAW_NOT_DONE 16u   /* false */
#define SAW_LAST_PLACE 32u /* a place that only the last document of a stream has */

struct walk {
    struct tq__json json;
    struct tq__look *look;
    uint32_t saw;
    uint8_t place[PLACE_DEPTH + 1]; /* by depth */
    uint8_t member;                 /* the meaning of the key that was read last */
};

/* What the value that comes next means. Members of an array mean what the array does. */
static uint8_t meaning_of_next(const struct walk *walk)
{
    size_t depth = walk->json.depth;

    if (depth == 0)
        return TQ__ROOT;
    if (tq__json_in_object(&walk->json))
        return walk->member;
    return depth <= PLACE_DEPTH ? walk->place[depth] : TQ__NOWHERE;
}

static void enter(struct walk *walk, uint8_t meaning, bool array)
{
    size_t depth = walk->json.depth;

    if (meaning == TQ__IS_ERROR)
        walk->look->kind |= TQ__KIND_ERROR;
    if (meaning == TQ__IS_LIMITS)
        walk->look->kind |= TQ__KIND_LIMITS;
    if (meaning == TQ__IN_CHOICES)
        walk->saw |= array ? SAW_CHOICES : SAW_CHOICE;
    if (meaning == TQ__IN_INVOCATION || meaning == TQ__IN_METADATA)
        walk->saw |= SAW_LAST_PLACE;
    if (depth <= PLACE_DEPTH)
        walk->place[depth] = meaning < TQ__PLACES ? meaning : TQ__NOWHERE;
    walk->look->shallow &= depth <= SHALLOW_DEPTH;
}

static void scalar(struct walk *walk, uint8_t meaning, enum tq__json_token token)
{
    if (meaning >= TQ__IS_COUNT) {
        /* What is no number has no number's text: the count is unknown. */
        struct tq__span none = {"", 0};

        tq__counts_note(&walk->look->counts, meaning - TQ__IS_COUNT,
                        token == TQ__JSON_NUMBER ? walk->json.text : none);
    } else if (meaning == TQ__IS_TYPE && token == TQ__JSON_STRING) {
        walk->look->kind |= tq__usage_kind(walk->json.text);
    } else if (meaning == TQ__IS_FINISH && token != TQ__JSON_NULL) {
        walk->saw |= SAW_FINISH;
    } else if (meaning == TQ__IS_DONE && token == TQ__JSON_TRUE) {
        walk->saw |= SAW_DONE;
    } else if (meaning == TQ__IS_DONE && token == TQ__JSON_FALSE) {
        walk->saw |= SAW_NOT_DONE;
    } else if (meaning == TQ__IS_ERROR && token == TQ__JSON_STRING && walk->json.text.len > 0) {
        walk->look->kind |= TQ__KIND_ERROR;
    }
}

/* Walks over all of it; is it JSON? */
static bool walk_all(struct walk *walk)
{
    for (;;) {
        uint8_t meaning = meaning_of_next(walk);
        enum tq__json_token token = tq__json_next(&walk->json);
        size_t depth = walk->json.depth;

        switch (token) {
        case TQ__JSON_BROKEN:
            return false;
        case TQ__JSON_END:
            return true;
        case TQ__JSON_OBJECT:
        case TQ__JSON_ARRAY:
            enter(walk, meaning, token == TQ__JSON_ARRAY);
            break;
        case TQ__JSON_KEY:
            walk->member = TQ__NOWHERE;
            if (depth <= PLACE_DEPTH && walk->place[depth] != TQ__NOWHERE)
                walk->member = tq__usage_member(walk->place[depth], walk->json.text);
            break;
        case TQ__JSON_CLOSE:
            break;
        default:
            scalar(walk, meaning, token);
            break;
        }
    }
}

/* Will nothing of usage come after it? In a stream only a vendor's word for its end counts; a document that
 * came by itself, and is not plainly one of several, is all there is. */
static bool is_last(const struct walk *walk, bool event)
{
    const struct tq__look *look = walk->look;

    if ((look->kind & TQ__KIND_LAST) || (walk->saw & SAW_DONE))
        return true;
    if (!tq__counts_any(&look->counts) || (look->kind & TQ__KIND_PART) || (walk->saw & SAW_NOT_DONE))
        return false;
    if (walk->saw & (SAW_LAST_PLACE | SAW_FINISH))
        return true;
    if (walk->saw & SAW_CHOICES)
        return !(walk->saw & SAW_CHOICE);
    return !event;
}

bool tq__usage_look(const struct tq__usage_text *text, struct tq__look *look)
{
    static const char done[] = "[DONE]"; /* OpenAI's, and of all who follow it */
    struct walk walk = {.look = look};
    struct tq__span span = tq__span_trim(text->text);

    *look = (struct tq__look){.shallow = true};
    if (text->event && span.len == sizeof(done) - 1 && memcmp(span.at, done, span.len) == 0) {
        look->last = true;
        return true;
    }
    if (!text->event_error && tq__usage_words(span.at, span.len) == 0)
        return false;
    tq__json_start(&walk.json, span.at, span.len);
    if (!walk_all(&walk))
        return false;
    if (text->event_error)
        look->kind |= TQ__KIND_ERROR;
    look->last = is_last(&walk, text->event);
    return look->last || look->kind != 0 || tq__counts_any(&look->counts);
}
