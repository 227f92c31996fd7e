/* limit.c: `tokenquota limit` sets, lists and removes limits of a provider.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/show/show.h"
#include "view/json.h"

#define SENTENCE_MOST 512 /* bytes of what is typed */

struct limiting {
    struct request asked;
    char sentence[SENTENCE_MOST]; /* of add */
    struct tq_limit limit;
    uint32_t number; /* of remove */
    bool strict, not_strict;
};

static const char need_sentence[] =
    "it takes a PROVIDER and a SENTENCE, as in: tokenquota limit openai add \"5M tokens per day\"";

/* ---- list ------------------------------------------------------------------------------------ */

static void put_provider(const struct style *style, const struct limiting *limiting, const char *name,
                         const char *what, const struct limits *limits)
{
    text_put_name(style, name, style->width - (int)strlen(what), false);
    fprintf(style->out, "%s\n", what);
    for (size_t i = 0; i < limits->count; i++) {
        fprintf(style->out, "  %u  ", (unsigned)limits->items[i].number);
        limit_put(style, &limits->items[i], limiting->asked.at.ns, 5);
    }
    limit_remarks(style->out, name, limits);
}

/* Shows the limits of one provider; what is put behind its name. array NULL: as text. */
static int show(const struct limiting *limiting, struct tq_provider *provider, const char *what,
                json_t *array, size_t *shown)
{
    const char *name = tq_provider_name(provider);
    struct limits limits;
    struct style style;
    int answer = limits_read(provider, limiting->asked.at.ns, &limits);

    style_init(&style, NULL);
    if (answer == TQ_ENOMEM)
        no_memory();
    if (answer < 0)
        return session_fail(name, answer);
    if (limits.count > 0 && array)
        json_array_append_new(array, provider_limits_json(name, &limits));
    else if (limits.count > 0)
        put_provider(&style, limiting, name, what, &limits);
    *shown += limits.count;
    limits_free(&limits);
    return 0;
}

static int show_all(struct session *session, const struct limiting *limiting, json_t *array, size_t *shown)
{
    const char *name = limiting->asked.operands[0];
    struct tq_provider *provider, *pool;
    struct tq_provider **items;
    size_t count;
    int answer;

    if (name) {
        answer = session_provider(session, name, &provider);
        if (answer == 0)
            answer = show(limiting, provider, "", array, shown);
        /* Its pools' limits hold for it, too. */
        for (uint32_t level = 1; answer == 0 && level <= POOLS_MOST; level++)
            if ((pool = pool_above(provider, level)) != NULL)
                answer = show(limiting, pool, level == 1 ? ", its pool" : ", that one's pool", array, shown);
        return answer;
    }
    answer = session_providers(session, &items, &count);
    for (size_t i = 0; i < count && answer == 0; i++)
        answer = show(limiting, items[i], "", array, shown);
    free(items);
    return answer;
}

static int list(struct session *session, void *request)
{
    const struct limiting *limiting = request;
    const char *name = limiting->asked.operands[0];
    json_t *array = limiting->asked.json ? must_have(json_array()) : NULL;
    size_t shown = 0;
    int answer = show_all(session, limiting, array, &shown);

    if (answer == 0 && array)
        json_print(json_pack("{s:o, s:O}", "at", instant_json(limiting->asked.at.ns), "providers", array),
                   false);
    else if (answer == 0 && shown == 0)
        printf("%s%s no limits; one begins with: tokenquota limit %s add \"5M tokens per day\"\n",
               name ? name : "", name ? " has" : "There are", name ? name : "PROVIDER");
    json_decref(array);
    return answer;
}

/* ---- add ------------------------------------------------------------------------------------- */

/* On a terminal, shows below the sentence which word the message is about: the one that it quotes behind the
 * sentence, if that is there once. */
static void point_at_word(const char *sentence, const char *msg)
{
    const char *word = strstr(msg, "\": \""), *end, *found;
    char text[SENTENCE_MOST];
    size_t len;

    if (!isatty(STDERR_FILENO) || !word || (end = strchr(word += 4, '"')) == NULL || end == word)
        return;
    len = (size_t)(end - word);
    snprintf(text, sizeof text, "%.*s", (int)len, word);
    found = strstr(sentence, text);
    if (!found || strstr(found + 1, text) || !tq__utf8_is_valid(tq__span_of(sentence)))
        return;
    for (const char *c = sentence; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~') /* columns are not bytes then */
            return;
    fprintf(stderr, "  %s\n  %*s", sentence, (int)(found - sentence), "");
    for (; len > 0; len--)
        putc('^', stderr);
    putc('\n', stderr);
}

static int report_sentence(const char *sentence, const struct tq_error *error)
{
    report("%s", error->msg);
    point_at_word(sentence, error->msg);
    sentence += strspn(sentence, " ");
    if (strncmp(sentence, "0 per ", 6) == 0 || strncmp(sentence, "per ", 4) == 0)
        report("if you wrote $40, the shell put something else in its place: write it in single quotes");
    return CLI_ERROR;
}

/* Shows the limit that was set. */
static int show_set(const struct limiting *limiting, struct tq_provider *provider, uint32_t number)
{
    const char *name = limiting->asked.operands[0];
    const struct tq_limit_state *state;
    struct limits limits;
    struct style style;
    int answer = limits_read(provider, limiting->asked.at.ns, &limits);
    char before[32];

    style_init(&style, NULL);
    state = answer < 0 ? NULL : limits_find(&limits, number);
    if (state && limiting->asked.json) {
        json_print(
            provider_limits_json(name, &(struct limits){(struct tq_limit_state *)state, 1, limits.at_ns}),
            false);
    } else if (state) {
        int columns = snprintf(before, sizeof before, "limit %u: ", (unsigned)number);

        fputs(before, stdout);
        limit_put(&style, state, limiting->asked.at.ns, columns);
    }
    limits_free(&limits);
    return CLI_YES; /* it is set, whatever can be shown */
}

/* The limit is set; now, whether this machine spends of it nothing but what was leased to it. */
static int set_strict(const struct limiting *limiting, struct tq_provider *provider, uint32_t number)
{
    int answer = 0;

    if (limiting->strict || limiting->not_strict)
        answer = tq_provider_set_strict(provider, number, limiting->strict);
    if (answer == TQ_EINVAL) {
        report("a window that the vendor states cannot be strict: it has no amount to lease");
        return CLI_ERROR;
    }
    return answer < 0 ? session_fail(limiting->asked.operands[0], answer)
                      : show_set(limiting, provider, number);
}

static int add(struct session *session, void *request)
{
    const struct limiting *limiting = request;
    const char *name = limiting->asked.operands[0];
    char why[LIMIT_REFUSED_BYTES];
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *provider;
    int answer = session_provider_make(session, name, &provider);

    if (answer < 0)
        return session_fail(name, answer);
    answer = tq_provider_set_limit(provider, &limiting->limit, &error);
    if (answer > 0)
        return set_strict(limiting, provider, (uint32_t)answer);
    if (answer == TQ_EGONE)
        return answer;
    limit_refused(&limiting->limit, name, answer, &error, why);
    report("%s", why);
    return CLI_ERROR;
}

/* ---- remove ---------------------------------------------------------------------------------- */

static int take_away(struct session *session, void *request)
{
    const struct limiting *limiting = request;
    const char *name = limiting->asked.operands[0];
    struct tq_provider *provider;
    int answer = session_provider(session, name, &provider);

    if (answer != 0)
        return answer;
    answer = tq_provider_remove_limit(provider, limiting->number);
    if (answer == 1)
        report("\"%s\" has no limit %u; `tokenquota limit %s` lists its limits", name,
               (unsigned)limiting->number, name);
    return answer < 0 ? session_fail(name, answer) : answer == 1 ? CLI_ERROR : CLI_YES;
}

/* ---- what is asked --------------------------------------------------------------------------- */

/* The words from here on, with blanks between them. False: they are too long. */
static bool join(struct limiting *limiting, char *const *words)
{
    size_t used = 0, room = sizeof limiting->sentence;

    for (const char *gap = ""; *words && used < room; words++, gap = " ")
        used += (size_t)snprintf(limiting->sentence + used, room - used, "%s%s", gap, *words);
    return used < room;
}

static int run_add(struct limiting *limiting)
{
    struct tq_error error = {.size = sizeof error};

    limiting->limit = (struct tq_limit){.size = sizeof limiting->limit};
    if (limiting->strict && limiting->not_strict) {
        report("--strict and --no-strict exclude each other");
    } else if (!limiting->asked.operands[2]) {
        report("%s", need_sentence);
    } else if (!join(limiting, limiting->asked.operands + 2)) {
        report("the sentence is longer than %d bytes", SENTENCE_MOST - 1);
    } else {
        if (tq_limit_parse(limiting->sentence, &limiting->limit, &error) == 0)
            return session_work(limiting, SESSION_CREATE, add);
        return report_sentence(limiting->sentence, &error);
    }
    return CLI_ERROR;
}

static int run_remove(struct limiting *limiting)
{
    const char *word = limiting->asked.operands[2];

    if (word && word[0] >= '1' && word[0] <= '0' + TQ_LIMITS_MAX && !word[1] &&
        !limiting->asked.operands[3]) {
        limiting->number = (uint32_t)(word[0] - '0');
        return session_work(limiting, SESSION_WRITE, take_away);
    }
    report("it takes a PROVIDER and the number of one of its limits, 1 to %d, as in: tokenquota limit openai "
           "remove 2",
           TQ_LIMITS_MAX);
    return CLI_ERROR;
}

/* Somebody may have left out the verb. */
static int unknown_verb(struct limiting *limiting)
{
    static const char *const verbs[] = {"add", "list", "remove", NULL};
    struct tq_limit limit = {.size = sizeof limit};
    const char *first = limiting->asked.operands[0];

    for (size_t i = 0; verbs[i]; i++)
        if (strcmp(first, verbs[i]) == 0) {
            report("the provider comes before \"%s\", as in: tokenquota limit %s %s%s", first,
                   limiting->asked.operands[1], first,
                   i == 0   ? " \"5M tokens per day\""
                   : i == 2 ? " 2"
                            : "");
            return CLI_ERROR;
        }
    if (join(limiting, limiting->asked.operands + 1) && tq_limit_parse(limiting->sentence, &limit, NULL) == 0)
        report("to set a limit write: tokenquota limit %s add \"%s\"", limiting->asked.operands[0],
               limiting->sentence);
    else
        return report_unknown("unknown", "", limiting->asked.operands[1], verbs, "write add, list or remove");
    return CLI_ERROR;
}

static int run(void *request)
{
    struct limiting *limiting = request;
    const char *name = limiting->asked.operands[0];
    const char *verb = name ? limiting->asked.operands[1] : NULL;

    if (name && !*name)
        return session_fail("", TQ_ENAME);
    if ((limiting->strict || limiting->not_strict) && (!verb || strcmp(verb, "add") != 0)) {
        report("--strict and --no-strict go with add");
        return CLI_ERROR;
    }
    if (!verb || (strcmp(verb, "list") == 0 && limiting->asked.count == 2))
        return session_work(request, SESSION_READ, list);
    if (strcmp(verb, "add") == 0)
        return run_add(limiting);
    if (strcmp(verb, "remove") == 0)
        return run_remove(limiting);
    if (strcmp(verb, "list") != 0)
        return unknown_verb(limiting);
    report("unexpected \"%s\"; list takes a PROVIDER", limiting->asked.operands[2]);
    return CLI_ERROR;
}

#define TO(field) offsetof(struct limiting, field)

/* clang-format off */
static const struct option options[] = {
    FLAG_ROW(0, "strict", TO(strict), "add: of many machines, each spends nothing but what was leased to it"),
    FLAG_ROW(0, "no-strict", TO(not_strict), "add: no longer so"),
    AT_ROW, JSON_AS("print the limits as JSON"), LEDGER_ROW, HELP_ROWS_END};
/* clang-format on */

const struct command cmd_limit = {
    .name = "limit",
    .operands = "[PROVIDER [list | add SENTENCE | remove N]]",
    .summary = "set, list or remove limits: tokens per day of a zone, requests per 5h, dollars per month",
    .options = options,
    .notes =
        "\n"
        "A SENTENCE is an amount, a unit and a window:\n\n"
        "  5M tokens per day America/Los_Angeles      900 requests per 5h first-use reserve 10%\n"
        "  $40 per month from the 5th                 2M tokens per minute refill\n"
        "  750k tokens once                           5M tokens per 7d from 2026-04-11T00:45Z\n"
        "  7d opus reserve 10%                        requests per 24h stated\n\n"
        "Units: tokens (as the vendor counts), input, output, total, requests, cost, weighted. Windows: "
        "day,\n"
        "week, month, quarter, year, or a length with one of: first-use, rolling, refill, from INSTANT. To\n"
        "add a limit of a unit and window that is there changes its amount and reserve and keeps its count.\n"
        "A length without an amount and a unit is a window that the vendor states, perhaps with its name.\n"
        "The reserve is kept back for callers with --use-reserve. In a shell write '$40' in single "
        "quotes.\n\n"
        "Exit status: 0 on success, 2 on an error.\n\n"
        "  tokenquota limit openai add \"5M tokens per day America/Los_Angeles\"\n"
        "  tokenquota limit openai remove 1\n",
    .request_bytes = sizeof(struct limiting),
    .most = ANY_NUMBER,
    .offers = "@provider|add list remove",
    .run = run,
};
