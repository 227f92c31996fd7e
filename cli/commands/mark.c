/* mark.c: `tokenquota mark` takes a provider out of routing, or puts it back.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"

struct marking {
    const char *ledger;
    const char *provider;
    struct instant at;
    struct instant until;
    int64_t length_ns; /* of --for, 0: not given */
    bool json;
};

#define TO(field) offsetof(struct marking, field)

static const struct option options[] = {
    {'u', "until", "INSTANT", "until then (RFC 3339, 20260305, epoch seconds, now+15m, tomorrow)", option_end,
     TO(until), "now+15m now+1h tomorrow"},
    {'f', "for", "LENGTH", "for this long: 15m, 1h30m, 2d", option_length, TO(length_ns), NULL},
    AT_ROW,
    {0, "json", NULL, "print the provider's new state as JSON", option_flag, TO(json), NULL},
    LEDGER_ROW,
    HELP_ROWS_END,
};

static int mark(struct session *session, void *context)
{
    const struct marking *marking = context;
    struct tq_provider *provider;
    bool is_new;
    int answer = session_provider_make(session, marking->provider, &provider, &is_new);

    if (answer == 0)
        answer = tq_provider_mark_quota_exhausted(provider, marking->until.ns);
    if (answer < 0)
        return session_fail(marking->provider, answer);
    if (is_new)
        session_note_new(session, marking->provider, NULL);
    return standing_show(session, marking->provider, marking->at.ns, true, marking->json);
}

/* A name that the ledger does not know is most likely misspelt. */
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
    return standing_show(session, marking->provider, marking->at.ns, true, marking->json);
}

static int read_end(struct marking *marking)
{
    if (marking->until.given == (marking->length_ns > 0)) {
        report("until when? give one of --until INSTANT and --for LENGTH");
        return -1;
    }
    if (marking->length_ns > 0 &&
        (__builtin_add_overflow(marking->at.ns, marking->length_ns, &marking->until.ns) ||
         marking->until.ns >= TQ_NOW_END_NS)) {
        report("--for is too long");
        return -1;
    }
    if (marking->until.ns > marking->at.ns && marking->until.ns > 0)
        return 0;
    report("%sZ has passed; to put the provider back: tokenquota mark PROVIDER available",
           format_utc(marking->until.ns).s);
    return -1;
}

static int run(void *request, char **operands, int count)
{
    struct marking *marking = request;
    bool exhausted = strcmp(operands[1], "exhausted") == 0;

    (void)count;
    marking->provider = operands[0];
    if (!exhausted && strcmp(operands[1], "available") != 0) {
        report("%s", cmd_mark.needs);
        return CLI_ERROR;
    }
    if (exhausted)
        return read_end(marking) < 0 ? CLI_ERROR
                                     : session_work(marking->ledger, SESSION_CREATE, mark, marking);
    if (marking->until.given || marking->length_ns > 0) {
        report("--until and --for go with exhausted");
        return CLI_ERROR;
    }
    return session_work(marking->ledger, SESSION_WRITE, clear, marking);
}

const struct command cmd_mark = {
    .name = "mark",
    .operands = "PROVIDER exhausted|available",
    .summary = "take a provider out of routing until a given time, or put it back",
    .options = options,
    .notes = "\n"
             "A new mark replaces the old one. A day means its 00:00 UTC. `available` clears every reason\n"
             "why the provider is out. Prints the provider's new state.\n\n"
             "Exit status: 0 on success, 2 on an error.\n\n"
             "  tokenquota mark openai exhausted --until tomorrow\n",
    .request_bytes = sizeof(struct marking),
    .least = 2,
    .most = 2,
    .needs =
        "it takes a PROVIDER and exhausted or available, as in: tokenquota mark openai exhausted --for 15m",
    .offers = "@provider|exhausted available",
    .run = run,
};
