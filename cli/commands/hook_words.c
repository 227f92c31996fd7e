/* hook_words.c: what `tokenquota hook` reads from Claude Code, Codex and Gemini CLI, and answers to them.
 *
 * SPDX-License-Identifier: MIT
 *
 * The contracts: code.claude.com/docs/en/hooks; codex-rs/hooks of openai/codex; docs/hooks/reference.md of
 * google-gemini/gemini-cli. All three read {"continue": false, "stopReason": ...} as "end this run", but
 * Codex refuses it before a tool, where only a denial of that one tool is understood.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/commands/hook.h"
#include "view/json.h"

/* Whole, whatever is quoted in it: people paste it. */
#define RESUME_BYTES (4 * PATH_BYTES + 4 * TQ_NAME_MAX + 512)

static const struct {
    const char *name;
    enum hook_event event;
    bool gemini;
} events[] = {
    {"UserPromptSubmit", HOOK_PROMPT, false},
    {"PreToolUse", HOOK_TOOL, false},
    {"BeforeAgent", HOOK_PROMPT, true},
    {"BeforeTool", HOOK_TOOL, true},
};

/* The id goes into a command that people paste. */
static bool is_plain(const char *id)
{
    return strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(id) &&
           *id != '-';
}

bool hook_hear(struct hook *hook, const char *json, size_t len)
{
    struct tq__json_item name, id, turn;
    const struct tq__json_wanted wanted[] = {
        {"hook_event_name", &name}, {"session_id", &id}, {"turn_id", &turn}};

    if (!tq__json_object((struct tq__span){json, len}, wanted, 3) || !tq__json_is_name(&name))
        return false;
    tq__json_copy(&name, hook->event_name, sizeof hook->event_name);
    tq__json_copy(&id, hook->session_id, sizeof hook->session_id);
    if (id.text.len > HOOK_ID_MAX || !is_plain(hook->session_id))
        hook->session_id[0] = '\0';
    hook->tool = tq__json_is_name(&turn) ? HOOK_CODEX : HOOK_CLAUDE;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (strcmp(hook->event_name, events[i].name) == 0) {
            hook->event = events[i].event;
            hook->tool = events[i].gemini ? HOOK_GEMINI : hook->tool;
        }
    hook->heard = true;
    return true;
}

void hook_put_peak(const char *name, const struct peak *peak, int64_t now_ns, char *out, size_t capacity)
{
    const char *of = tq_provider_name(peak->of);
    struct text label = peak->budget ? (struct text){"day's budget"} : limit_label(&peak->limit.limit);
    int64_t left_ns = peak->resets_at_ns - now_ns;

    snprintf(out, capacity, "%s has used %s of the %s%s", of, format_percent(peak->share_ppm, 1000000).s,
             label.s, peak->budget ? "" : " limit");
    if (strcmp(of, name) != 0) {
        size_t len = strlen(out);

        snprintf(out + len, capacity - len, " (it is the pool of %s)", name);
    }
    if (peak->resets_at_ns > 0 && left_ns > 0) {
        size_t len = strlen(out);

        snprintf(out + len, capacity - len, ", which resets %s, in %s",
                 format_local_soon(peak->resets_at_ns, now_ns).s, format_length(left_ns).s);
    }
}

/* "tokenquota hook claude --pause 90 --wait && claude --resume ID" */
static void put_resume(const struct hook *hook, char *out, size_t capacity)
{
    char name[4 * TQ_NAME_MAX + 3], ledger[4 * PATH_BYTES + 3] = "", pause[24] = "", again[HOOK_ID_MAX + 32];
    const char *id = hook->session_id;

    shell_word(name, hook->asked.operands[0]);
    if (hook->asked.ledger && strlen(hook->asked.ledger) < PATH_BYTES)
        shell_word(ledger, hook->asked.ledger);
    if (hook->pause)
        snprintf(pause, sizeof pause, " --pause %u", (unsigned)hook->pause);
    if (hook->tool == HOOK_CLAUDE)
        snprintf(again, sizeof again, "claude %s%s", *id ? "--resume " : "--continue", id);
    else if (hook->tool == HOOK_CODEX)
        snprintf(again, sizeof again, "codex resume %s", *id ? id : "--last");
    else
        snprintf(again, sizeof again, "gemini --resume latest");
    snprintf(out, capacity, "tokenquota hook %s%s%s%s --wait && %s", name, pause, *ledger ? " --ledger " : "",
             ledger, again);
}

static void put(json_t *answer)
{
    char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;

    json_decref(answer);
    puts(must_have(text));
    free(text);
}

/* A name or a path in it need not be UTF-8. */
static json_t *line_json(const char *line)
{
    char *clean = text_safe(line);
    json_t *json = json_string(clean);

    free(clean);
    return json;
}

/* A line for people, and for the agent where it can be given one. Only a prompt is told to the agent: told at
 * each tool, it would cost what it wants to save. */
static json_t *words(const struct hook *hook, const char *said)
{
    char line[HOOK_WORDS + 16];
    json_t *answer;

    snprintf(line, sizeof line, "tokenquota: %s", said);
    answer = json_pack("{s:o}", "systemMessage", line_json(line));
    if (hook->event == HOOK_PROMPT)
        answer = json_join(answer, json_pack("{s:{s:s, s:o}}", "hookSpecificOutput", "hookEventName",
                                             hook->event_name, "additionalContext", line_json(line)));
    return answer;
}

void hook_answer_go(const struct hook *hook, const struct hook_judgment *judgment, int64_t now_ns)
{
    bool warns = hook->warn && judgment->peak.share_ppm >= (int64_t)hook->warn * 10000;
    char line[HOOK_WORDS] = "";

    if (*judgment->why && (judgment->probe || hook->event == HOOK_PROMPT))
        snprintf(line, sizeof line, "%s", judgment->why);
    else if (warns && hook->event == HOOK_PROMPT)
        hook_put_peak(hook->asked.operands[0], &judgment->peak, now_ns, line, sizeof line);
    put(*line ? words(hook, line) : json_object());
}

void hook_answer_stop(const struct hook *hook, const char *why)
{
    char resume[RESUME_BYTES], line[HOOK_WORDS + RESUME_BYTES];

    put_resume(hook, resume, sizeof resume);
    snprintf(line, sizeof line, "tokenquota: %s. Stopped; go on with: %s", why, resume);
    if (hook->tool == HOOK_CODEX && hook->event == HOOK_TOOL)
        put(json_pack("{s:{s:s, s:s, s:o}}", "hookSpecificOutput", "hookEventName", hook->event_name,
                      "permissionDecision", "deny", "permissionDecisionReason", line_json(line)));
    else
        put(json_pack("{s:b, s:o}", "continue", 0, "stopReason", line_json(line)));
}

int hook_answer_error(const struct hook *hook, const char *why)
{
    bool go = hook->on_error && strcmp(hook->on_error, "go") == 0;
    char line[HOOK_WORDS];

    snprintf(line, sizeof line, "could not decide about \"%s\": %s; %s", hook->asked.operands[0], why,
             go ? "this call goes through" : "calls stop (--on-error go lets them through)");
    report("%s", line);
    if (!hook->heard && !go)
        return CLI_ERROR; /* which all three tools read as: stop, and say what is on stderr */
    if (go)
        put(words(hook, line));
    else
        hook_answer_stop(hook, line);
    return CLI_YES;
}
