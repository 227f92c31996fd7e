/* mark.c: `tokenquota mark` takes a provider out of routing, or puts it back.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"

enum {
    OPTION_UNTIL,
    OPTION_FOR,
    OPTION_AT,
    OPTION_JSON,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_UNTIL] = {'u', "until", "INSTANT", "RFC 3339, 20260305, epoch seconds, now+15m, tomorrow"},
    [OPTION_FOR] = {'f', "for", "LENGTH", "15m, 1h30m, 2d"},
    [OPTION_AT] = {0, "at", "INSTANT", "what \"now\" means for the two above: " INSTANT_FORMS},
    [OPTION_JSON] = {0, "json", NULL, "print how the provider stands, as JSON"},
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

struct marking {
    const char *ledger;
    const char *until;
    const char *length;
    const char *at;
    const char *provider;
    int64_t at_ns;
    int64_t until_ns; /* 0: available */
    bool json;
};

static int mark(struct session *session, void *context)
{
    const struct marking *marking = context;
    struct tq_provider *provider;
    bool is_new;
    int answer = session_provider_make(session, marking->provider, &provider, &is_new);

    if (answer == 0)
        answer = tq_provider_mark_quota_exhausted(provider, marking->until_ns);
    if (answer < 0)
        return session_fail(marking->provider, answer);
    if (is_new)
        session_note_new(session, marking->provider, NULL);
    return standing_show(session, marking->provider, marking->at_ns, true, marking->json);
}

/* Of a name that is not known nothing can be taken back: most likely it is spelt otherwise. */
static int clear(struct session *session, void *context)
{
    const struct marking *marking = context;
    struct tq_provider *provider;
    int answer = session_provider(session, marking->provider, &provider);

    if (answer != 0)
        return answer;
    answer = tq_provider_mark_available(provider);
    if (answer < 0)
        return session_fail(marking->provider, answer);
    return standing_show(session, marking->provider, marking->at_ns, true, marking->json);
}

static int parse_end(struct marking *marking)
{
    int64_t length_ns;

    if (!marking->until == !marking->length) {
        report("until when? give one of --until INSTANT and --for LENGTH");
        return -1;
    }
    if (marking->until)
        return instant_parse_end("--until", marking->until, marking->at_ns, &marking->until_ns);
    if (length_parse("--for", marking->length, &length_ns) < 0)
        return -1;
    if (!__builtin_add_overflow(marking->at_ns, length_ns, &marking->until_ns) &&
        marking->until_ns < TQ_NOW_END_NS)
        return 0;
    report("--for \"%s\" is too long", marking->length);
    return -1;
}

static int parse(struct marking *marking, char **operands, int count)
{
    bool exhausted = count == 2 && strcmp(operands[1], "exhausted") == 0;

    if (!exhausted && (count != 2 || strcmp(operands[1], "available") != 0)) {
        report("it takes a PROVIDER and exhausted or available, as in: tokenquota mark openai exhausted "
               "--for 15m");
        return -1;
    }
    marking->provider = operands[0];
    if (instant_now(marking->at, &marking->at_ns) < 0)
        return -1;
    if (!exhausted && (marking->until || marking->length)) {
        report("--until and --for go with exhausted");
        return -1;
    }
    if (!exhausted)
        return 0;
    if (parse_end(marking) < 0)
        return -1;
    if (marking->until_ns > marking->at_ns && marking->until_ns > 0)
        return 0;
    report("%sZ has passed; to put it back: tokenquota mark PROVIDER available",
           format_utc(marking->until_ns).s);
    return -1;
}

static int run(int argc, char **argv)
{
    struct marking marking = {0};
    const struct option_target targets[] = {
        [OPTION_UNTIL] = {.value = &marking.until},   [OPTION_FOR] = {.value = &marking.length},
        [OPTION_AT] = {.value = &marking.at},         [OPTION_JSON] = {.flag = &marking.json},
        [OPTION_LEDGER] = {.value = &marking.ledger}, [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_mark, targets);

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (parse(&marking, argv, operands) < 0)
        return CLI_ERROR;
    return marking.until_ns ? session_work(marking.ledger, SESSION_CREATE, mark, &marking)
                            : session_work(marking.ledger, SESSION_WRITE, clear, &marking);
}

const struct command cmd_mark = {
    .name = "mark",
    .operands = "PROVIDER exhausted|available",
    .summary = "take a provider out of routing until an instant, or put it back",
    .options = options,
    .notes = "\n"
             "A new mark replaces the old one. A day as INSTANT is its 00:00 UTC. `available` clears every\n"
             "reason why the provider is out. Prints how it stands then.\n\n"
             "Exit status: 0 done, 2 an error.\n\n"
             "  tokenquota mark openai exhausted --until tomorrow\n",
    .run = run,
};
