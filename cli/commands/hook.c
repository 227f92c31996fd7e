/* hook.c: `tokenquota hook` pauses Claude Code, Codex and Gemini CLI before a limit, and stops them when that
 * is too long.
 *
 * SPDX-License-Identifier: MIT
 *
 * A hook of these tools that takes longer than its timeout lets the call through. So the hook waits for less,
 * and then ends the run with the command that goes on with it.
 *
 * What could not be decided is no permission: calls stop then, unless --on-error says go.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands/hook.h"
#include "view/lookup.h"
#include "view/routing.h"

#define MAX_WAIT_NS (9 * 60 * SECOND_NS) /* below the timeout of the snippets in docs/agents.md */

#define TO(field) offsetof(struct hook, field)

static const struct option options[] = {
    {0, "warn", "PERCENT", "say so with each prompt once this much of a limit is used", option_percent,
     TO(warn), NULL},
    {0, "pause", "PERCENT", "pause once this much of a limit is used", option_percent, TO(pause), NULL},
    {0, "max-wait", "LENGTH", "wait at most this long, then stop (9m; keep it below the hook's timeout)",
     option_length, TO(max_wait_ns), NULL},
    {0, "on-error", "WHAT", "if it cannot decide: stop (default), or go on", option_word, TO(on_error),
     "stop go"},
    FLAG_ROW(0, "wait", TO(wait), "read no input: wait until a call may be made, however long"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* ---- may a call be made? --------------------------------------------------------------------- */

/* By its share: a provider that is past it is not routed to, so that no probe is taken for nothing. */
static bool is_past(const struct hook *hook, const struct hook_judgment *judgment)
{
    return hook->pause && judgment->peak.share_ppm >= (int64_t)hook->pause * 10000;
}

/* 0 when the share was read, or there is nothing to read; negative from the library. */
static int read_peak(struct session *session, const char *name, int64_t now_ns, struct peak *peak)
{
    struct tq_provider *provider;
    int answer;

    if (!session->ledger)
        return 0;
    answer = tq_ledger_provider(session->ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider);
    return answer == 0 ? peak_read(provider, now_ns, peak) : answer < 0 ? answer : 0;
}

/* What is to be said of an answer; "" when there is nothing. */
static void put_why(const struct session *session, const struct routing *routing,
                    struct hook_judgment *judgment)
{
    char sentence[SENTENCE_BYTES], *out = judgment->why;
    const char *name = routing->chosen;

    if (!session->ledger) {
        snprintf(out, sizeof judgment->why, "there is no ledger at %.1024s yet, so \"%s\" may be called",
                 session->path, name);
    } else if (!routing->known) {
        char hint[HINT_BYTES];

        snprintf(out, sizeof judgment->why, "nothing was counted for \"%s\" yet, so it may be called%s", name,
                 name_hint(session->ledger, name, hint));
    } else if (routing->probe || !routing->available) {
        verdict_sentence(&routing->verdict, sentence);
        snprintf(out, sizeof judgment->why, "%s: %s%s", name, sentence,
                 routing->probe ? "; this call is its probe" : "");
    }
}

/* 0, or negative from the library. */
static int judge(struct session *session, const struct hook *hook, int64_t now_ns,
                 struct hook_judgment *judgment)
{
    const char *const *names = (const char *const *)hook->asked.operands;
    struct routing routing = {.names = names, .count = 1};
    int answer;

    *judgment = (struct hook_judgment){.peak.share_ppm = -1};
    answer = read_peak(session, names[0], now_ns, &judgment->peak);
    if (answer < 0)
        return answer;
    if (is_past(hook, judgment)) {
        hook_put_peak(names[0], &judgment->peak, now_ns, judgment->why, sizeof judgment->why);
        judgment->until_ns = judgment->peak.resets_at_ns ? judgment->peak.resets_at_ns : INT64_MAX;
        return 0;
    }
    answer = routing_choose(&routing, session->ledger, now_ns);
    if (answer >= 0) {
        judgment->go = routing.available;
        judgment->probe = routing.probe;
        judgment->until_ns = routing.retry_at_ns;
        put_why(session, &routing, judgment);
    }
    routing_free(&routing);
    return answer < 0 ? answer : 0;
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* Opens what is at the path now. False: *why is filled. */
static bool open_ledger(struct session *session, char why[SESSION_WORDS])
{
    struct tq_error error = {.size = sizeof error};

    tq_ledger_close(session->ledger);
    session->ledger = NULL;
    if (session_try(session, SESSION_LOOK, &error) >= 0)
        return true;
    session_words(session, SESSION_LOOK, &error, why);
    return false;
}

/* Judges, and waits while no call may be made and there is time. False: it could not decide; *why is filled.
 * Else judgment->go says how it ended. */
static bool decide(struct session *session, const struct hook *hook, struct hook_judgment *judgment,
                   char why[SESSION_WORDS])
{
    int64_t now_ns = tq_now_ns(), give_up_ns;
    uint32_t seen = 0;
    int answer = 0;

    if (__builtin_add_overflow(now_ns, hook->max_wait_ns, &give_up_ns))
        give_up_ns = INT64_MAX;
    while (open_ledger(session, why)) {
        while (answer >= 0 && (answer = judge(session, hook, now_ns, judgment)) == 0) {
            bool hopeless = judgment->until_ns != INT64_MAX && judgment->until_ns > give_up_ns;
            int64_t left_ns = give_up_ns - now_ns;

            if (judgment->go || hopeless || left_ns <= 0)
                return true;
            answer = tq_ledger_wait(session->ledger, &seen, left_ns < LOOK_NS ? left_ns : LOOK_NS);
            now_ns = tq_now_ns();
        }
        if (answer != TQ_EGONE)
            break;
        answer = 0;
    }
    if (answer < 0)
        snprintf(why, SESSION_WORDS, "%s", tq_strerror(answer));
    return false;
}

/* ---- the command ----------------------------------------------------------------------------- */

static bool hear(struct hook *hook)
{
    char *json = NULL;
    size_t len;
    bool heard = input_read(NULL, HOOK_INPUT_MOST, &json, &len) == 0 && hook_hear(hook, json, len);

    free(json);
    return heard;
}

/* --wait: for a shell, which goes on by the exit status. */
static int answer_shell(const struct hook_judgment *judgment, bool decided, const char *why)
{
    if (!decided)
        report("%s", why);
    else if (*judgment->why)
        report("%s%s", judgment->go ? "note: " : "", judgment->why);
    return !decided ? CLI_ERROR : judgment->go ? CLI_YES : CLI_NO;
}

static int run(void *request)
{
    struct hook *hook = request;
    struct hook_judgment judgment = {.peak.share_ppm = -1};
    struct session session;
    char why[SESSION_WORDS];
    int answer = CLI_YES;
    bool decided;

    if (!*hook->asked.operands[0] || strlen(hook->asked.operands[0]) > TQ_NAME_MAX)
        return session_fail("", TQ_ENAME);
    if (hook->warn && hook->pause && hook->warn >= hook->pause) {
        report("--warn %u comes too late: give a percent below --pause %u", (unsigned)hook->warn,
               (unsigned)hook->pause);
        return CLI_ERROR;
    }
    if (!hook->max_wait_ns)
        hook->max_wait_ns = hook->wait ? INT64_MAX : MAX_WAIT_NS;
    if (hook->wait)
        hook->event = HOOK_PROMPT;
    else if (!hear(hook))
        return hook_answer_error(hook, "standard input is not the JSON that a tool hands its hooks");
    if (hook->event == HOOK_OTHER) {
        puts("{}");
        return CLI_YES;
    }
    if (session_find(&session, hook->asked.ledger) < 0)
        return hook_answer_error(hook, "there is no path of a ledger");
    decided = decide(&session, hook, &judgment, why);
    if (hook->wait)
        answer = answer_shell(&judgment, decided, why);
    else if (!decided)
        answer = hook_answer_error(hook, why);
    else if (judgment.go)
        hook_answer_go(hook, &judgment, tq_now_ns());
    else
        hook_answer_stop(hook, judgment.why);
    tq_ledger_close(session.ledger);
    return answer;
}

const struct command cmd_hook = {
    .name = "hook",
    .operands = "PROVIDER",
    .summary = "pause Claude Code, Codex or Gemini CLI before a limit: the command of a hook",
    .options = options,
    .notes =
        "\n"
        "Reads the JSON that the tool hands its hook and answers in its form: `{}` lets the call through. "
        "It\n"
        "waits while PROVIDER is out or past --pause, and then lets the call through, so that an unattended\n"
        "run goes on after the reset. If the wait is longer than --max-wait, it ends the run with the "
        "reason\n"
        "and the command that goes on with it. docs/agents.md has the lines for each tool.\n\n"
        "The share is the largest one of PROVIDER's limits and budget and those of its pools. PROVIDER "
        "counts\n"
        "as available while nothing was counted for it, which is said. If it cannot decide, it says why in\n"
        "one line and stops.\n\n"
        "Exit status: 0 with the answer on stdout; 2 on an error, which the tools read as: stop. With\n"
        "--wait: 0 if a call may be made, 1 if --max-wait was too short, 2 on an error.\n\n"
        "  tokenquota hook claude --pause 90 --wait && claude -c\n",
    .request_bytes = sizeof(struct hook),
    .least = 1,
    .most = 1,
    .needs = "it takes one PROVIDER, as in: tokenquota hook claude --warn 80 --pause 90",
    .of_run = true,
    .offers = "@provider",
    .run = run,
};
