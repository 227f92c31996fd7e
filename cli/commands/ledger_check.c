/* ledger_check.c: `tokenquota ledger check` looks at every word of a ledger.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cli/show/show.h"
#include "view/json.h"
#include "ledger_verbs.h"

enum {
    OPTION_JSON,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_JSON] = JSON_SPEC,
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

static int put_json(const struct session *session, const struct tq_ledger_info *info, const char *first)
{
    return json_print(json_pack("{s:i, s:s, s:o, s:o, s:I, s:o}",
                                "schema", SCHEMA,
                                "version", tq_version_string(),
                                "path", text_json(session->path),
                                "ledger", info_json(info),
                                "faults", (json_int_t)info->faults,
                                "first_fault", info->faults ? text_json(first) : json_null()), false);
}

static void put_text(const struct session *session, const struct tq_ledger_info *info, const char *first)
{
    printf("%s\n", session->path);
    info_put(stdout, info);
    if (!info->faults)
        puts("\nsound: every word is as it must be");
    else
        printf("\n%s wrong, the first: %s\n"
               "Restore a backup (mv it to this path), or move this file away and a new one is made.\n",
               format_exact((int64_t)info->faults).s, first);
}

static int work(struct session *session, void *context)
{
    const bool *json = context;
    struct tq_ledger_info info = {.size = sizeof(info)};
    struct tq_error error = {.size = sizeof(error)};
    int answer = tq_ledger_check(session->ledger, &info, &error);

    if (answer < 0)
        return session_fail(session->path, answer);
    if (!*json)
        put_text(session, &info, error.msg);
    else if (put_json(session, &info, error.msg) < 0)
        return CLI_ERROR;
    return answer == 0 ? CLI_YES : CLI_NO;
}

static int run(int argc, char **argv)
{
    const char *ledger = NULL;
    bool json = false;
    const struct option_target targets[] = {
        [OPTION_JSON] = {.flag = &json},
        [OPTION_LEDGER] = {.value = &ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &ledger_check, targets);

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (operands > 0) {
        report("unexpected \"%s\"", argv[0]);
        return CLI_ERROR;
    }
    return session_work(ledger, SESSION_READ, work, &json);
}

const struct command ledger_check = {
    .name = "ledger check",
    .operands = "",
    .summary = "look at every word of the ledger, and print what it counted of itself",
    .options = options,
    .notes = "\n"
             "Others may go on counting meanwhile.\n\n"
             "Exit status: 0 sound, 1 not sound, 2 an error.\n",
    .run = run,
};
