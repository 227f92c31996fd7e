/* hold.c: POST /v1/hold sets room aside for a call that runs; /settle, /cancel and /extend say what became of
 * it.
 *
 * SPDX-License-Identifier: MIT
 *
 * The holds are nobody's: the client is another process, perhaps of another machine, and how it ended is not
 * known here. So only the lease frees what a client forgets.
 */
#include <string.h>

#include "asked.h"
#include "base/number.h"
#include "body.h"
#include "routes.h"
#include "serve.h"
#include "view/holds.h"
#include "view/json.h"
#include "view/observe.h"
#include "view/values.h"
#include "view/verdict.h"

#define TIME_TEXT_BYTES 64
#define NANO_OF_MICRO 1000

#define IS_THERE(item) ((item).kind != TQ__JSON_NONE)

/* ---- members --------------------------------------------------------------------------------- */

/* A whole number of something, 0 or more; above 2^53 it may be text. */
static int read_count(struct http_answer *answer, const struct tq__json_item *item, const char *name,
                      int64_t *count)
{
    if ((item->kind == TQ__JSON_NUMBER || item->kind == TQ__JSON_STRING) &&
        tq__number_count(item->text, count) == 0)
        return 0;
    return asked_refuse(answer, "bad_member", "\"%s\" is not a whole number, 0 or more", name);
}

static int read_cost(struct http_answer *answer, const struct tq__json_item *item, int64_t *nano_usd)
{
    if ((item->kind == TQ__JSON_NUMBER || item->kind == TQ__JSON_STRING) && cost_parse(item->text, nano_usd))
        return 0;
    return asked_refuse(answer, "bad_member",
                        "\"cost\" is not a number of dollars; write for example 0.0123");
}

/* A length of time; HOLD_LEASE_NS when it is not there. */
static int read_lease(struct http_answer *answer, const struct tq__json_item *item, int64_t *lease_ns)
{
    char text[TIME_TEXT_BYTES];
    const char *wrong;
    int result;

    *lease_ns = HOLD_LEASE_NS;
    if (!IS_THERE(*item))
        return 0;
    result = body_text(answer, item, "for", "; write for example \"90s\" or \"10m\"", text, sizeof text);
    if (result != 0)
        return result;
    wrong = length_parse(text, lease_ns);
    if (!wrong && (*lease_ns == 0 || *lease_ns > TQ_LEASE_MAX_NS))
        wrong = "must be above 0 and at most 31 days";
    return wrong ? asked_refuse(answer, "bad_length", "\"for\" \"%s\" %s", text, wrong) : 0;
}

static int read_flag(struct http_answer *answer, const struct tq__json_item *item, const char *name,
                     bool *flag)
{
    *flag = item->kind == TQ__JSON_TRUE;
    return *flag || !IS_THERE(*item) || item->kind == TQ__JSON_FALSE
               ? 0
               : asked_refuse(answer, "bad_member", "\"%s\" must be true or false", name);
}

/* Finds the hold of the member "hold". 0, also when it is no longer there. */
static int read_hold(const struct server *server, struct http_answer *answer,
                     const struct tq__json_item *item, struct tq_hold *hold)
{
    char id[TQ_HOLD_ID_MAX];
    int result = body_text(answer, item, "hold", ": the id of one", id, sizeof id);

    *hold = (struct tq_hold){.size = sizeof *hold};
    if (result == 0)
        result = tq_ledger_hold(server->ledger, id, hold);
    else
        return result;
    if (result == TQ_EINVAL)
        return asked_problem(answer, 404, "unknown_hold", "\"%s\" is no hold of this ledger", id);
    return result < 0 ? result : 0;
}

static int say_ended(struct http_answer *answer)
{
    return http_problem(answer, 410, "hold_ended",
                        "the hold is no longer there: it was settled or cancelled, or its lease had ended");
}

/* ---- take ------------------------------------------------------------------------------------ */

struct taking {
    struct tq__json_item provider, length, reserve, units[TQ_UNITS];
    char name[TQ_NAME_MAX + 1];
    struct tq_amounts amounts;
    int64_t lease_ns;
    bool use_reserve;
};

/* Micro-dollars, rounded up: a hold is the most that a call may use. */
static int64_t micro_of_nano(int64_t nano_usd)
{
    return nano_usd / NANO_OF_MICRO + (nano_usd % NANO_OF_MICRO != 0);
}

static int read_taking(const struct http_request *request, struct http_answer *answer, struct taking *taking)
{
    struct tq__json_wanted wanted[TQ_UNITS + 3] = {
        {"provider", &taking->provider}, {"for", &taking->length}, {"use_reserve", &taking->reserve}};
    size_t count = 3;
    int result;

    for (uint32_t unit = TQ_UNIT_TOKENS; unit <= TQ_UNIT_WEIGHTED; unit++)
        wanted[count++] = (struct tq__json_wanted){tq_unit_name(unit), &taking->units[unit]};
    taking->amounts.size = sizeof taking->amounts;
    result = body_members(request, answer, wanted, count);
    if (result == 0)
        result = body_provider(answer, &taking->provider, taking->name);
    if (result == 0)
        result = read_lease(answer, &taking->length, &taking->lease_ns);
    if (result == 0)
        result = read_flag(answer, &taking->reserve, "use_reserve", &taking->use_reserve);
    for (uint32_t unit = TQ_UNIT_TOKENS; unit <= TQ_UNIT_WEIGHTED && result == 0; unit++) {
        int64_t *amount = &taking->amounts.of[unit];

        if (!IS_THERE(taking->units[unit]))
            continue;
        taking->amounts.known |= 1u << unit;
        if (unit != TQ_UNIT_COST)
            result = read_count(answer, &taking->units[unit], tq_unit_name(unit), amount);
        else if ((result = read_cost(answer, &taking->units[unit], amount)) == 0)
            *amount = micro_of_nano(*amount);
        if (result == 0 && *amount > TQ_HOLD_AMOUNT_MAX)
            result =
                asked_refuse(answer, "bad_member", "\"%s\" is more than a call can hold", tq_unit_name(unit));
    }
    return result;
}

static int say_no_room(struct http_answer *answer, const struct taking *taking,
                       const struct tq_provider *provider, int64_t now_ns)
{
    char why[NO_ROOM_BYTES];

    hold_no_room(provider, &taking->amounts, taking->use_reserve ? TQ_USE_RESERVE : 0, now_ns, why);
    return http_problem(answer, 409, "no_room", "\"%s\": %s", taking->name, why);
}

int hold_take_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    struct taking taking = {.lease_ns = 0};
    struct tq_provider *provider = NULL;
    struct tq_hold hold = {.size = sizeof hold};
    int result = asked_only(request, answer, (const char *const[]){NULL});

    if (result == 0)
        result = read_taking(request, answer, &taking);
    if (result == 0)
        result = asked_made(server, answer, taking.name, &provider);
    if (result != 0)
        return asked_end(result);
    hold.flags = TQ_HOLD_NOBODY | (taking.use_reserve ? TQ_USE_RESERVE : 0);
    result = tq_provider_hold(provider, &taking.amounts, taking.lease_ns, request->now_ns, &hold);
    if (result == 1)
        return say_no_room(answer, &taking, provider, request->now_ns);
    if (result == TQ_EFULL)
        return http_problem(answer, 409, "too_many_holds",
                            "%d calls hold something of \"%s\", or of its pool", TQ_HOLDS_MAX, taking.name);
    return result < 0 ? result : asked_end(asked_document(answer, hold_json(&hold)));
}

/* ---- settle ---------------------------------------------------------------------------------- */

struct settling {
    struct tq__json_item hold, tokens, classes[TQ_CLASSES], cost;
    struct tq_usage usage;
};

static int read_usage(struct http_answer *answer, struct settling *settling)
{
    struct tq_usage *usage = &settling->usage;
    const struct {
        const char *name;
        uint32_t known;
        int64_t *to;
    } classes[TQ_CLASSES] = {{"input", TQ_USAGE_INPUT, &usage->input},
                             {"cache_read", TQ_USAGE_CACHE_READ, &usage->cache_read},
                             {"cache_write", TQ_USAGE_CACHE_WRITE, &usage->cache_write},
                             {"output", TQ_USAGE_OUTPUT, &usage->output}};
    int result = 0;

    *usage = (struct tq_usage){.size = sizeof *usage, .requests = 1};
    for (size_t i = 0; i < TQ_CLASSES && result == 0; i++) {
        if (!IS_THERE(settling->classes[i]))
            continue;
        usage->known |= classes[i].known;
        result = read_count(answer, &settling->classes[i], classes[i].name, classes[i].to);
    }
    if (result == 0 && IS_THERE(settling->cost)) {
        usage->known |= TQ_USAGE_COST;
        result = read_cost(answer, &settling->cost, &usage->cost_nano_usd);
    }
    if (result == 0 && !IS_THERE(settling->tokens) && usage->known == 0)
        return asked_refuse(answer, "bad_body", "say what the call used: \"tokens\", \"input\" and so on");
    usage->counted = classes_counted(usage);
    if (result == 0 && IS_THERE(settling->tokens))
        result = read_count(answer, &settling->tokens, "tokens", &usage->counted);
    return result;
}

int hold_settle_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    struct settling settling = {.usage = {.size = 0}};
    const struct tq__json_wanted wanted[] = {
        {"hold", &settling.hold},
        {"tokens", &settling.tokens},
        {"input", &settling.classes[0]},
        {"cache_read", &settling.classes[1]},
        {"cache_write", &settling.classes[2]},
        {"output", &settling.classes[3]},
        {"cost", &settling.cost},
    };
    struct tq_verdict verdict;
    struct tq_hold hold;
    const char *name;
    int result = asked_only(request, answer, (const char *const[]){NULL});

    if (result == 0)
        result = body_members(request, answer, wanted, sizeof wanted / sizeof wanted[0]);
    if (result == 0)
        result = read_usage(answer, &settling);
    if (result == 0)
        result = read_hold(server, answer, &settling.hold, &hold);
    if (result != 0)
        return asked_end(result);
    name = tq_provider_name(hold.provider);
    result = tq_hold_settle(&hold, &settling.usage, request->now_ns);
    if (result >= 0)
        result = verdict_read(hold.provider, request->now_ns, 0, &verdict);
    if (result < 0)
        return result;
    return asked_end(
        asked_document(answer, json_join(json_pack("{s:s, s:b}", "provider", name, "ended", hold.ended != 0),
                                         verdict_json(&verdict))));
}

/* ---- cancel, extend -------------------------------------------------------------------------- */

int hold_cancel_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    struct tq__json_item of_hold;
    const struct tq__json_wanted wanted[] = {{"hold", &of_hold}};
    struct tq_hold hold;
    const char *name;
    int result = asked_only(request, answer, (const char *const[]){NULL});

    if (result == 0)
        result = body_members(request, answer, wanted, 1);
    if (result == 0)
        result = read_hold(server, answer, &of_hold, &hold);
    if (result != 0)
        return asked_end(result);
    name = tq_provider_name(hold.provider);
    result = tq_hold_cancel(&hold);
    if (result == 1)
        return say_ended(answer);
    return result < 0 ? result : asked_end(asked_document(answer, json_pack("{s:s}", "provider", name)));
}

int hold_extend_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    struct tq__json_item of_hold, length;
    const struct tq__json_wanted wanted[] = {{"hold", &of_hold}, {"for", &length}};
    struct tq_hold hold;
    int64_t lease_ns = 0;
    int result = asked_only(request, answer, (const char *const[]){NULL});

    if (result == 0)
        result = body_members(request, answer, wanted, 2);
    if (result == 0)
        result = read_lease(answer, &length, &lease_ns);
    if (result == 0)
        result = read_hold(server, answer, &of_hold, &hold);
    if (result != 0)
        return asked_end(result);
    result = hold.ended ? 1 : tq_hold_extend(&hold, lease_ns, request->now_ns);
    if (result == 1)
        return say_ended(answer);
    return result < 0 ? result : asked_end(asked_document(answer, hold_json(&hold)));
}
