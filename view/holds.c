/* holds.c: what calls that run hold of a provider: amounts as people write them, and the list as data and
 * as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "holds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "json.h"
#include "verdict.h"

/* ---- amounts --------------------------------------------------------------------------------- */

static bool is_amount(const char *text, const char *rest, struct tq_limit *limit)
{
    struct tq_limit read = {.size = sizeof read};
    char sentence[128];

    if ((size_t)snprintf(sentence, sizeof sentence, "%s%s", text, rest) >= sizeof sentence ||
        tq_limit_parse(sentence, &read, NULL) != 0 || read.window != TQ_WINDOW_ONCE ||
        read.known != TQ_LIMIT_AMOUNT)
        return false;
    *limit = read;
    return true;
}

int amount_parse(const char *text, struct tq_limit *limit)
{
    return is_amount(text, "", limit) || is_amount(text, " once", limit) ||
                   is_amount(text, " tokens once", limit)
               ? 0
               : -1;
}

const char *amounts_add(struct tq_amounts *amounts, const char *text)
{
    struct tq_limit limit;

    if (amount_parse(text, &limit) < 0)
        return "is no amount; " AMOUNT_WORDS;
    if (amounts->known & 1u << limit.unit)
        return "is a second amount of the same unit";
    amounts->known |= 1u << limit.unit;
    amounts->of[limit.unit] = limit.amount;
    return NULL;
}

/* ---- the list -------------------------------------------------------------------------------- */

int holds_read(const struct tq_provider *provider, int64_t at_ns, struct holds *holds)
{
    struct tq_hold_state first = {.size = sizeof first};
    int count = tq_provider_holds(provider, at_ns, &first, 1);

    *holds = (struct holds){.at_ns = at_ns};
    if (count <= 0)
        return count;
    holds->items = calloc((size_t)count, sizeof *holds->items);
    if (!holds->items)
        return TQ_ENOMEM;
    holds->items[0].size = sizeof *holds->items;
    holds->count = (size_t)count;
    count = tq_provider_holds(provider, at_ns, holds->items, holds->count);
    if (count >= 0 && (size_t)count < holds->count)
        holds->count = (size_t)count;
    return count < 0 ? count : 0;
}

void holds_free(struct holds *holds)
{
    free(holds->items);
    *holds = (struct holds){0};
}

int holds_sum(const struct tq_provider *provider, int64_t at_ns, struct held *held)
{
    struct holds holds;
    int answer = tq_provider_holds(provider, at_ns, NULL, 0);

    *held = (struct held){0};
    if (answer <= 0)
        return answer;
    answer = holds_read(provider, at_ns, &holds);
    for (size_t i = 0; answer == 0 && i < holds.count; i++) {
        const struct tq_hold_state *one = &holds.items[i];
        bool known = one->known & 1u << TQ_UNIT_TOKENS;

        held->holds += one->alive;
        held->flying += one->alive && !known;
        if (one->alive && known)
            held->tokens = tq__add_saturated(held->tokens, one->of[TQ_UNIT_TOKENS]);
    }
    holds_free(&holds);
    return answer;
}

void hold_id(const struct tq_hold *hold, char out[TQ_HOLD_ID_MAX])
{
    if (tq_hold_id(hold, out, TQ_HOLD_ID_MAX) < 0)
        *out = '\0';
}

/* ---- JSON ------------------------------------------------------------------------------------ */

json_t *amounts_json(uint32_t known, const int64_t of[TQ_UNITS])
{
    json_t *object = json_object();

    for (uint32_t unit = 1; unit < TQ_UNITS; unit++)
        if (known & 1u << unit)
            json_object_set_new(object, tq_unit_name(unit), number_json(of[unit]));
    return object;
}

json_t *holds_sum_json(const struct held *held)
{
    if (held->holds == 0)
        return json_null();
    return json_pack("{s:I, s:I, s:o}", "calls", (json_int_t)held->holds, "flying", (json_int_t)held->flying,
                     "tokens", number_json(held->tokens));
}

json_t *hold_json(const struct tq_hold *hold)
{
    char id[TQ_HOLD_ID_MAX];

    hold_id(hold, id);
    return json_pack("{s:s, s:s, s:o}", "id", id, "provider", tq_provider_name(hold->provider), "until",
                     some_instant_json(hold->until_ns));
}

json_t *hold_state_json(const struct tq_hold_state *state)
{
    return json_join(hold_json(&state->hold),
                     json_pack("{s:o, s:b, s:b}", "amounts", amounts_json(state->known, state->of), "owned",
                               state->owner != 0, "alive", state->alive != 0));
}

/* ---- words ----------------------------------------------------------------------------------- */

void hold_no_room(const struct tq_provider *provider, const struct tq_amounts *amounts, uint32_t flags,
                  int64_t at_ns, char out[NO_ROOM_BYTES])
{
    uint32_t unit = amounts && amounts->known ? (uint32_t)__builtin_ctz(amounts->known) : 0;
    char amount[256] = "a call of unknown size", sentence[SENTENCE_BYTES] = "";
    struct tq_limit limit = {.size = sizeof limit, .window = TQ_WINDOW_ONCE, .known = TQ_LIMIT_AMOUNT};
    struct tq_verdict verdict;
    char *once;

    limit.unit = unit;
    limit.amount = unit ? amounts->of[unit] : 0;
    if (unit && tq_limit_format(&limit, amount, sizeof amount) > 0 &&
        (once = strstr(amount, " once")) != NULL)
        *once = '\0';
    if (verdict_read(provider, at_ns, flags & TQ_USE_RESERVE, &verdict) >= 0)
        verdict_sentence(&verdict, sentence);
    snprintf(out, NO_ROOM_BYTES, "no room for %s: %s", amount, sentence);
}
