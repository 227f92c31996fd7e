/* hold.c: `tokenquota hold` sets room aside for a call that runs: take, settle, cancel, extend, list.
 *
 * SPDX-License-Identifier: MIT
 *
 * `take` with a COMMAND is the owner of the hold until that ends: the kernel says when it dies, by kill -9
 * too. Without one the hold is nobody's, because this process ends at once, and only its lease frees it.
 *
 * What COMMAND uses is counted by the doors that it calls, when they are called, and not once more at the
 * end. So each token is counted once, by whoever saw it, and is not lost when one of them is killed. Until
 * COMMAND ends, what it used and what it holds both weigh: another caller may be refused early, never late.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands/observe.h"
#include "cli/running.h"
#include "cli/show/show.h"
#include "view/holds.h"
#include "view/json.h"

#define HOLD_VARIABLE "TOKENQUOTA_HOLD"

#define NO_HOLD "\"%s\" is no hold of this ledger; `tokenquota hold list` lists the holds"
#define NOT_THERE "the hold was no longer there: it was settled or cancelled, or its lease had ended"

/* ---- take ------------------------------------------------------------------------------------ */

struct taking {
    struct request asked;
    struct tq_amounts amounts;
    int64_t lease_ns; /* 0: not given */
    bool use_reserve;
    struct tq_hold hold;
};

#undef TO
#define TO(field) offsetof(struct taking, field)

static const struct option take_options[] = {
    {'f', "for", "LENGTH", "the lease: hold at most this long (10m)", option_lease, TO(lease_ns), NULL},
    FLAG_ROW(0, "use-reserve", TO(use_reserve), "count the reserve of limits as left"),
    AT_ROW,
    JSON_AS("print the hold as JSON"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* A hold that somebody needs as long as the command runs, and that is not given a length: its lease is
 * short, and renewed. So it does not outlive us long where the kernel cannot say that we died. */
static int64_t renew(void *context)
{
    struct taking *taking = context;

    if (taking->lease_ns)
        return INT64_MAX;
    (void)tq_hold_extend(&taking->hold, HOLD_LEASE_NS, tq_now_ns());
    return HOLD_LEASE_NS / 2;
}

static int run_under(const struct session *session, struct taking *taking, const char *id)
{
    const struct running running = {
        .argv = taking->asked.command, .kept = -1, .look = renew, .context = taking};
    int status;

    if (setenv(HOLD_VARIABLE, id, 1) < 0 || session_export(session) < 0)
        no_memory();
    status = running_do(&running);
    (void)tq_hold_cancel(&taking->hold); /* 1: the command settled it */
    return status;
}

static int take(struct session *session, void *request)
{
    struct taking *taking = request;
    const char *name = taking->asked.operands[0];
    int64_t now_ns = taking->asked.at.ns;
    char id[TQ_HOLD_ID_MAX], why[NO_ROOM_BYTES];
    struct tq_provider *provider;
    int answer = session_provider_make(session, name, &provider);

    taking->hold = (struct tq_hold){.size = sizeof taking->hold,
                                    .flags = (taking->use_reserve ? TQ_USE_RESERVE : 0) |
                                             (taking->asked.command ? 0 : TQ_HOLD_NOBODY)};
    if (answer == 0)
        answer = tq_provider_hold(provider, &taking->amounts,
                                  taking->lease_ns ? taking->lease_ns : HOLD_LEASE_NS, now_ns, &taking->hold);
    if (answer < 0)
        return session_fail(name, answer);
    if (answer == 1) {
        hold_no_room(provider, &taking->amounts, taking->hold.flags, now_ns, why);
        report("\"%s\": %s", name, why);
        return CLI_NO;
    }
    hold_id(&taking->hold, id);
    if (taking->asked.command)
        return run_under(session, taking, id);
    if (taking->asked.json)
        json_print(hold_json(&taking->hold), false);
    else
        puts(id);
    return CLI_YES;
}

static int run_take(void *request)
{
    struct taking *taking = request;
    char **amount = taking->asked.operands + 1;
    const char *wrong = NULL;

    taking->amounts.size = sizeof taking->amounts;
    for (; *amount && !wrong; amount++)
        wrong = amounts_add(&taking->amounts, *amount);
    if (wrong) {
        report("\"%s\" %s", amount[-1], wrong);
    } else if (taking->asked.command && !*taking->asked.command) {
        report("a COMMAND must follow the \"--\"");
    } else if (taking->asked.command && (taking->asked.at.given || taking->asked.json)) {
        report("--at and --json go without a COMMAND");
    } else {
        return session_work(request, SESSION_CREATE, take);
    }
    return CLI_ERROR;
}

static const struct command hold_take = {
    .name = "hold take",
    .operands = "PROVIDER [AMOUNT]... [-- COMMAND [ARGUMENT]...]",
    .summary = "set room aside for a call, or refuse it",
    .options = take_options,
    .notes =
        "\n"
        "AMOUNT is the most that the call may use: 20k, '5k output', '$0.40'. A call of unknown size may\n"
        "leave it out. Room is what limits and budgets have left, of the PROVIDER and of its pools, less\n"
        "what other calls hold.\n\n"
        "With a COMMAND, runs it, and holds until it ends. Without --for the lease is renewed as long as it\n"
        "runs. If this process dies, the hold is free at once. What COMMAND uses is counted when it calls\n"
        "`tokenquota observe`, `signal` or another command that counts; until COMMAND ends that weighs "
        "beside\n"
        "the hold. To count and free in one step, COMMAND runs: tokenquota hold settle \"$TOKENQUOTA_HOLD\" "
        "TOKENS\n\n"
        "Without a COMMAND, prints the id of the hold. It is free when it is settled or cancelled, or when\n"
        "its lease ends.\n\n"
        "Exit status: 0 if the hold was taken, 1 if there is no room, 2 on an error. With a COMMAND that "
        "was\n"
        "run: its own.\n\n"
        "  tokenquota hold take claude 20k -- ./call.sh\n"
        "  id=$(tokenquota hold take claude 20k '$0.40' --for 2m) || exit\n",
    .request_bytes = sizeof(struct taking),
    .least = 1,
    .most = 1 + TQ_UNITS,
    .runs = true,
    .needs = "it takes a PROVIDER and AMOUNTs, as in: tokenquota hold take claude 20k",
    .of_run = true,
    .offers = "@provider",
    .run = run_take,
};

/* ---- settle, cancel, extend ------------------------------------------------------------------ */

/* Finds a hold. 0; 1: it is no longer there; or what the work answers, as a negative number or CLI_ERROR. */
static int find(struct session *session, const char *id, struct tq_hold *hold)
{
    int answer;

    *hold = (struct tq_hold){.size = sizeof *hold};
    answer = tq_ledger_hold(session->ledger, id, hold);
    if (answer == TQ_EINVAL) {
        report(NO_HOLD, id);
        return CLI_ERROR;
    }
    return answer < 0 ? session_fail(id, answer) : answer;
}

#undef TO
#define TO(field) offsetof(struct observe, field)

static const struct option settle_options[] = {
    USAGE_ROWS,
    AT_ROW,
    FLAG_ROW('c', "check", TO(check), "exit with 1 if the provider is now exhausted"),
    JSON_AS("print the provider's new state as JSON"),
    VERBOSE_AS("print the provider's new state"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

static int settle(struct session *session, void *request)
{
    struct observe *observe = request;
    const struct request *asked = &observe->asked;
    struct tq_hold hold;
    const char *name;
    int answer = find(session, asked->operands[0], &hold), shown;

    if (answer < 0 || answer == CLI_ERROR)
        return answer;
    name = tq_provider_name(hold.provider);
    if (observe->usage.size == 0)
        observe->usage =
            (struct tq_usage){.size = sizeof observe->usage, .requests = 1, .counted = observe->tokens};
    answer = tq_hold_settle(&hold, &observe->usage, asked->at.ns);
    if (answer < 0)
        return observe_fail(session, asked, answer);
    if (hold.ended)
        report("note: \"%s\": counted, but " NOT_THERE, asked->operands[0]);
    shown = standing_show(session, asked, name, 0, asked->verbose);
    return shown != 0 ? shown : observe->check && answer == TQ_EXHAUSTED ? CLI_NO : CLI_YES;
}

static int run_settle(void *request)
{
    return observe_read(request, "an ID", hold_settle.needs) < 0
               ? CLI_ERROR
               : session_work(request, SESSION_WRITE, settle);
}

const struct command hold_settle = {
    .name = "hold settle",
    .operands = "ID TOKENS | ID --usage FILE | ID --input TOKENS",
    .summary = "count what the call used, and free its hold",
    .options = settle_options,
    .notes =
        "\n"
        "Counts as `tokenquota observe` does, whatever became of the hold; a message on stderr says when\n"
        "it was no longer there. In a COMMAND of `hold take` ID is \"$TOKENQUOTA_HOLD\".\n\n"
        "Exit status: 0 if the tokens were counted, 2 on an error. With --check: 1 if they were counted\n"
        "and the provider is exhausted.\n\n"
        "  tokenquota hold settle \"$id\" 12.3k\n"
        "  curl -s https://api.openai.com/v1/responses ... | tokenquota hold settle \"$id\" --usage -\n",
    .request_bytes = sizeof(struct observe),
    .least = 1,
    .most = 2,
    .needs = "it takes an ID and a number of TOKENS, as in: tokenquota hold settle \"$id\" 1200",
    .run = run_settle,
};

static const struct option cancel_options[] = {LEDGER_ROW, HELP_ROWS_END};

/* What a call for a hold answered: an answer of a work. */
static int ended(const struct request *asked, int answer)
{
    if (answer < 0)
        return session_fail(asked->operands[0], answer);
    if (answer == 1)
        report("\"%s\": " NOT_THERE, asked->operands[0]);
    return answer == 1 ? CLI_NO : CLI_YES;
}

static int cancel(struct session *session, void *request)
{
    const struct request *asked = request;
    struct tq_hold hold;
    int answer = find(session, asked->operands[0], &hold);

    if (answer < 0 || answer == CLI_ERROR)
        return answer;
    return ended(asked, tq_hold_cancel(&hold)); /* the parts that are still there are freed, too */
}

static const struct command hold_cancel = {
    .name = "hold cancel",
    .operands = "ID",
    .summary = "free the hold of a call that used nothing",
    .options = cancel_options,
    .notes = "\nExit status: 0 if it is free now, 1 if it was no longer there, 2 on an error.\n",
    .least = 1,
    .most = 1,
    .needs = "it takes the ID of a hold, as in: tokenquota hold cancel \"$id\"",
    .use = SESSION_WRITE,
    .work = cancel,
};

#undef TO
#define TO(field) offsetof(struct taking, field)

static const struct option extend_options[] = {
    {'f', "for", "LENGTH", "from now on (10m)", option_lease, TO(lease_ns), NULL},
    AT_ROW,
    JSON_AS("print the hold as JSON"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

static int extend(struct session *session, void *request)
{
    const struct taking *taking = request;
    const struct request *asked = &taking->asked;
    struct tq_hold hold;
    int answer = find(session, asked->operands[0], &hold);

    if (answer < 0 || answer == CLI_ERROR)
        return answer;
    if (answer == 0)
        answer = tq_hold_extend(&hold, taking->lease_ns ? taking->lease_ns : HOLD_LEASE_NS, asked->at.ns);
    if (answer == 0 && asked->json)
        json_print(hold_json(&hold), false);
    return ended(asked, answer);
}

static const struct command hold_extend = {
    .name = "hold extend",
    .operands = "ID",
    .summary = "give a hold a new lease",
    .options = extend_options,
    .notes = "\n"
             "The lease ends so long after now, be it later or earlier than before.\n\n"
             "Exit status: 0 if it is extended, 1 if it was no longer there, 2 on an error.\n\n"
             "  tokenquota hold extend \"$id\" --for 5m\n",
    .request_bytes = sizeof(struct taking),
    .least = 1,
    .most = 1,
    .needs = "it takes the ID of a hold, as in: tokenquota hold extend \"$id\" --for 5m",
    .use = SESSION_WRITE,
    .work = extend,
};

/* ---- list ------------------------------------------------------------------------------------ */

static const struct option list_options[] = {AT_ROW, JSON_AS("print the holds as JSON"), LEDGER_ROW,
                                             HELP_ROWS_END};

/* "20,000 tokens, $0.40"; "unknown". Totals and weighted tokens that nobody named, and the one request that a
 * call is, are left out. */
static void put_amounts(const struct tq_hold_state *state)
{
    int64_t tokens = state->known & 1u << TQ_UNIT_TOKENS ? state->of[TQ_UNIT_TOKENS] : -1;
    const char *gap = "";

    for (uint32_t unit = TQ_UNIT_TOKENS; unit < TQ_UNITS; unit++) {
        int64_t n = state->of[unit];
        bool same = (unit == TQ_UNIT_TOTAL || unit == TQ_UNIT_WEIGHTED) && n == tokens;

        if (!(state->known & 1u << unit) || same || (unit == TQ_UNIT_REQUESTS && n == 1))
            continue;
        printf("%s%s", gap, limit_exact(unit, n).s);
        if (unit == TQ_UNIT_TOKENS || unit == TQ_UNIT_REQUESTS)
            printf(" %s%s", unit == TQ_UNIT_TOKENS ? "token" : "request", n == 1 ? "" : "s");
        else if (unit != TQ_UNIT_COST)
            printf(" %s tokens", tq_unit_name(unit));
        gap = ", ";
    }
    if (!*gap)
        fputs("a call of unknown size", stdout);
}

static void put_hold(const struct tq_hold_state *state, int64_t now_ns)
{
    char id[TQ_HOLD_ID_MAX];

    hold_id(&state->hold, id);
    printf("%s: ", id);
    put_amounts(state);
    fputs(", ", stdout);
    if (state->hold.until_ns > now_ns)
        until_put(stdout, state->hold.until_ns, now_ns);
    puts(state->alive                    ? state->owner ? "; its process runs" : "; only its lease frees it"
         : state->hold.until_ns > now_ns ? "; free: its process is dead"
                                         : "free: its lease has ended");
}

static int list_one(struct tq_provider *provider, const struct request *asked, json_t *array, size_t *shown)
{
    struct holds holds;
    int answer = holds_read(provider, asked->at.ns, &holds);

    if (answer == TQ_ENOMEM)
        no_memory();
    for (size_t i = 0; answer == 0 && i < holds.count; i++) {
        if (array)
            json_array_append_new(array, hold_state_json(&holds.items[i]));
        else
            put_hold(&holds.items[i], asked->at.ns);
    }
    *shown += holds.count;
    holds_free(&holds);
    return answer < 0 ? session_fail(tq_provider_name(provider), answer) : 0;
}

static int list(struct session *session, void *request)
{
    const struct request *asked = request;
    const char *name = asked->operands[0];
    json_t *array = asked->json ? must_have(json_array()) : NULL;
    struct tq_provider **items = NULL, *provider;
    size_t count = 0, shown = 0;
    int answer;

    if (name) {
        answer = session_provider(session, name, &provider);
        if (answer == 0)
            answer = list_one(provider, asked, array, &shown);
    } else {
        answer = session_providers(session, &items, &count);
        for (size_t i = 0; answer == 0 && i < count; i++)
            answer = list_one(items[i], asked, array, &shown);
    }
    if (answer == 0 && array)
        json_print(json_pack("{s:o, s:O}", "at", instant_json(asked->at.ns), "holds", array), false);
    else if (answer == 0 && shown == 0)
        printf("No call holds anything%s%s.\n", name ? " of " : "", name ? name : "");
    json_decref(array);
    free(items);
    return answer;
}

static const struct command hold_list = {
    .name = "hold list",
    .operands = "[PROVIDER]",
    .summary = "list the holds of a provider, or of all",
    .options = list_options,
    .notes =
        "\n"
        "A hold of a provider in a pool is one hold in each, and each has a line and an id of its own here.\n"
        "The id that `hold take` printed stands for all of them together; `hold cancel` with an id from\n"
        "here frees that one alone.\n\n"
        "Exit status: 0, 2 on an error.\n",
    .most = 1,
    .needs = "it takes one PROVIDER, or none for all",
    .of_run = true,
    .offers = "@provider",
    .use = SESSION_READ,
    .work = list,
};

static const struct command *const verbs[] = {
    &hold_take, &hold_settle, &hold_cancel, &hold_extend, &hold_list, NULL,
};

static const struct option options[] = {HELP_ROWS_END};

const struct command cmd_hold = {
    .name = "hold",
    .operands = "VERB [OPTION]...",
    .summary = "set room aside for calls that run: take, settle, cancel, extend, list",
    .options = options,
    .notes =
        "\n"
        "Twenty calls that ask at one time are all told that there is room for one. When each first takes\n"
        "a hold of the most that it may use, no limit and no budget is exceeded.\n"
        "`tokenquota hold VERB --help` prints the options of a verb.\n",
    .verbs = verbs,
};
