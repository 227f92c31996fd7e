/* document.c: what one JSON document of a response says: usage, an error, limits, the end.
 *
 * SPDX-License-Identifier: MIT
 */
#include "document.h"

#include "words.h"

#define PLACE_DEPTH 16 /* no place of base/usage.c is nested deeper, arrays around documents included */

#define SAW_CHOICES 1u     /* the list, */
#define SAW_CHOICE 2u      /* and something in it */
#define SAW_FINISH 4u      /* a choice is finished, or there will be none */
#define SAW_DONE 8u        /* "done": true */
#define SAW_NOT_DONE 16u   /* false */
#define SAW_LAST_PLACE 32u /* a place that only the last document of a stream has */
#define SAW_USAGE 64u      /* usage of the document itself, before that of a choice */
#define SAW_LINE 128u      /* the name of a request of a batch */

struct walk {
    struct tq__json json;
    struct tq__look *look;
    uint32_t saw;
    uint8_t place[PLACE_DEPTH + 1]; /* by depth */
};

/* The other events of Responses begin alike, and usage in one of them is not the last word. */
static const char responses_event[] = "response.";

static const struct {
    const char *type;
    uint32_t kind;
} kinds[] = {
    {"message_start", TQ__KIND_PART}, /* Anthropic */
    {"message_delta", TQ__KIND_PART | TQ__KIND_GROWS},
    {"message_stop", TQ__KIND_LAST},
    {"response.completed", TQ__KIND_LAST}, /* OpenAI Responses */
    {"response.incomplete", TQ__KIND_LAST},
    {"response.failed", TQ__KIND_LAST},
    {"response.done", TQ__KIND_LAST},         /* Realtime */
    {"message-end", TQ__KIND_LAST},           /* Cohere v2 */
    {"stream-end", TQ__KIND_LAST},            /* Cohere v1 */
    {"interaction.completed", TQ__KIND_LAST}, /* Gemini Interactions, */
    {"interaction.complete", TQ__KIND_LAST},  /* and its preview */
    {"response.compaction", 0},               /* Responses: a whole answer */
    {"batch", TQ__KIND_POLLED},               /* OpenAI, and all who follow it */
    {"error", TQ__KIND_ERROR},                /* Anthropic, Responses; "object" of vLLM */
    {"codex.rate_limits", TQ__KIND_LIMITS},
    {"rate_limits.updated", TQ__KIND_LIMITS}, /* Realtime */
    {"rate_limit_event", TQ__KIND_LIMITS},    /* Claude Code's stream-json */
};

static uint32_t kind_of(struct tq__span type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (tq__span_equals(type, kinds[i].type))
            return kinds[i].kind;
    return type.len >= sizeof responses_event - 1 &&
                   memcmp(type.at, responses_event, sizeof responses_event - 1) == 0
               ? TQ__KIND_PART
               : 0;
}

/* Notes what it means that an object or array is there. */
static void note_there(struct walk *walk, uint8_t meaning, uint8_t place, bool array)
{
    if (meaning == TQ__IN_USAGE && place == TQ__ROOT)
        walk->saw |= SAW_USAGE;
    if (meaning == TQ__IS_ERROR)
        walk->look->kind |= TQ__KIND_ERROR;
    if (meaning == TQ__IS_LIMITS)
        walk->look->kind |= TQ__KIND_LIMITS;
    if (meaning == TQ__IN_CHOICES)
        walk->saw |= array ? SAW_CHOICES : SAW_CHOICE;
    if (meaning == TQ__IN_INVOCATION || meaning == TQ__IN_METADATA)
        walk->saw |= SAW_LAST_PLACE;
    if (meaning == TQ__IN_RESULTS)
        walk->look->kind |= TQ__KIND_GROWS; /* an event of a stream, perhaps */
}

/* An object or array: steps into it when it is a place. The usage of a choice does not count beside that of
 * the document. */
static void enter(struct walk *walk, uint8_t meaning, enum tq__json_kind kind)
{
    bool array = kind == TQ__JSON_ARRAY;
    uint8_t place = walk->json.depth > 0 ? walk->place[walk->json.depth] : TQ__ROOT;

    if (meaning == TQ__IN_USAGE && place == TQ__IN_CHOICES && walk->saw & SAW_USAGE)
        return;
    note_there(walk, meaning, place, array);
    if (meaning == TQ__NOWHERE || meaning >= TQ__PLACES || walk->json.depth == PLACE_DEPTH)
        return;
    tq__json_enter(&walk->json, array ? '[' : '{');
    walk->place[walk->json.depth] = meaning;
}

/* A status that is not 0, or an error as a text. */
static bool tells_error(uint8_t meaning, const struct tq__json_item *item)
{
    if (meaning == TQ__IS_STATUS)
        return item->kind == TQ__JSON_NUMBER && !tq__span_equals(item->text, "0");
    return meaning == TQ__IS_ERROR && tq__json_is_name(item);
}

static void scalar(struct walk *walk, uint8_t meaning, const struct tq__json_item *item)
{
    struct tq__look *look = walk->look;

    if (meaning >= TQ__IS_COUNT) {
        /* What is no number has no number's text: the count is unknown. */
        (void)tq__counts_note(&look->counts, meaning - TQ__IS_COUNT,
                              item->kind == TQ__JSON_NUMBER ? item->text : TQ__SPAN(""));
    } else if (meaning == TQ__IS_TYPE && item->kind == TQ__JSON_STRING) {
        look->kind |= kind_of(item->text);
    } else if (meaning == TQ__IS_FINISH && item->kind != TQ__JSON_NULL) {
        walk->saw |= tq__span_equals(item->text, "not_finished") ? 0 : SAW_FINISH; /* watsonx */
    } else if (meaning == TQ__IS_DONE && item->kind == TQ__JSON_TRUE) {
        walk->saw |= SAW_DONE;
    } else if (meaning == TQ__IS_DONE && item->kind == TQ__JSON_FALSE) {
        walk->saw |= SAW_NOT_DONE;
    } else if (meaning == TQ__IS_LINE && tq__json_is_name(item)) {
        walk->saw |= SAW_LINE;
    } else if (tells_error(meaning, item)) {
        look->kind |= TQ__KIND_ERROR;
    }
}

/* Walks over all of it; is it JSON? The elements of an array mean what the array does. */
static bool walk_all(struct walk *walk, struct tq__span text)
{
    struct tq__json *json = &walk->json;
    struct tq__json_item item;

    tq__json_begin(json, text, TQ__JSON_STRICT);
    for (;;) {
        size_t depth = json->depth;
        uint8_t place = depth > 0 ? walk->place[depth] : TQ__ROOT;

        if (tq__json_next(json, &item)) {
            uint8_t meaning = item.key.at ? tq__usage_member(place, item.key) : place;

            if (item.kind == TQ__JSON_OBJECT || item.kind == TQ__JSON_ARRAY)
                enter(walk, meaning, item.kind);
            else
                scalar(walk, meaning, &item);
        } else if (json->failed || depth == 0) {
            return tq__json_done(json);
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

    *look = (struct tq__look){.kind = 0};
    if (text->event && tq__span_equals(span, done)) {
        look->last = true;
        return true;
    }
    if (!text->event_error && tq__usage_words(span.at, span.len) == 0)
        return false;
    if (!walk_all(&walk, span))
        return false;
    if (text->event_error)
        look->kind |= TQ__KIND_ERROR;
    if (look->kind & TQ__KIND_POLLED)
        look->counts = (struct tq__counts){.known = 0};
    /* What it says of an error was said when the batch ran. */
    if (walk.saw & SAW_LINE && !(walk.saw & SAW_USAGE))
        look->kind = (look->kind & ~TQ__KIND_ERROR) | TQ__KIND_LINE;
    look->last = is_last(&walk, text->event);
    return look->last || look->kind != 0 || tq__counts_any(&look->counts);
}
