/* ledger_flush.c: `tokenquota ledger flush` puts what was counted on the disk, once or again and again.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <string.h>
#include <time.h>

#include "ledger_verbs.h"

enum {
    OPTION_EVERY,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_EVERY] = {'e', "every", "LENGTH", "again and again: 1s, 500ms; a signal ends it"},
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

static int flush(struct session *session)
{
    int answer = tq_ledger_flush(session->ledger);

    if (answer < 0 && answer != TQ_EGONE)
        report("%s: %s", session->path, answer == TQ_ESYS ? strerror(errno) : tq_strerror(answer));
    return answer == TQ_EGONE ? answer : answer < 0 ? CLI_ERROR : CLI_YES;
}

static int work(struct session *session, void *context)
{
    const int64_t every_ns = *(const int64_t *)context;
    const struct timespec pause = {.tv_sec = (time_t)(every_ns / SECOND_NS),
                                   .tv_nsec = (long)(every_ns % SECOND_NS)};
    int answer = flush(session);

    while (every_ns && answer == CLI_YES) {
        nanosleep(&pause, NULL);
        answer = flush(session);
        if (answer == TQ_EGONE) /* as often as it is replaced, not once */
            answer = session_reopen(session, SESSION_READ) < 0 ? CLI_ERROR : flush(session);
    }
    return answer;
}

static int run(int argc, char **argv)
{
    const char *ledger = NULL, *every = NULL;
    int64_t every_ns = 0;
    const struct option_target targets[] = {
        [OPTION_EVERY] = {.value = &every},
        [OPTION_LEDGER] = {.value = &ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &ledger_flush, targets);

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (operands > 0) {
        report("unexpected \"%s\"; to flush for ever: --every %s", argv[0], argv[0]);
        return CLI_ERROR;
    }
    if (every && length_parse("--every", every, &every_ns) < 0)
        return CLI_ERROR;
    return session_work(ledger, SESSION_READ, work, &every_ns);
}

const struct command ledger_flush = {
    .name = "ledger flush",
    .operands = "",
    .summary = "put what was counted on the disk, for a loss of power",
    .options = options,
    .notes = "\n"
             "When a process dies nothing is lost without it. Else the kernel writes within about half\n"
             "a minute.\n\n"
             "Exit status: 0 done, 2 an error.\n\n"
             "  tokenquota ledger flush --every 1s\n",
    .run = run,
};
