/* ledger.c: `tokenquota ledger VERB`: what is in the file, and the list of verbs.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "cli/show/show.h"
#include "view/json.h"
#include "view/settings.h"
#include "view/observe.h"

struct flushing {
    struct request asked;
    int64_t every_ns; /* 0: once */
};

static const struct option ledger_alone[] = {LEDGER_ROW, HELP_ROWS_END};

/* ---- path ------------------------------------------------------------------------------------ */

static int run_path(void *request)
{
    struct session session;

    if (session_find(&session, ((const struct request *)request)->ledger) < 0)
        return CLI_ERROR;
    puts(session.path);
    return CLI_YES;
}

static const struct command ledger_path = {
    .name = "ledger path",
    .operands = "",
    .summary = "print the path of the ledger, whether it exists or not",
    .options = ledger_alone,
    .notes = "\n"
             "Uses the first that applies: --ledger; $TOKENQUOTA_LEDGER; " MACHINE_LEDGER ",\n"
             "if it exists and you may write it (for root always); $XDG_STATE_HOME/tokenquota/ledger;\n"
             "without that variable, ~/.local/state/tokenquota/ledger.\n",
    .run = run_path,
};

/* ---- names ----------------------------------------------------------------------------------- */

static int print_names(struct session *session, void *request)
{
    struct tq_provider **items;
    size_t count;
    int answer = session_providers(session, &items, &count);

    (void)request;
    for (size_t i = 0; i < count && answer == 0; i++)
        puts(tq_provider_name(items[i]));
    free(items);
    return answer;
}

static const struct command ledger_names = {
    .name = "ledger names",
    .operands = "",
    .summary = "print the providers' names, one per line, in byte order",
    .options = ledger_alone,
    .notes = "\nA name never contains a line end. Exit status: 0 on success, 2 on an error.\n",
    .use = SESSION_READ,
    .work = print_names,
};

/* ---- check ----------------------------------------------------------------------------------- */

static void check_text(const struct session *session, const struct tq_ledger_info *info, const char *first)
{
    printf("%s\n", session->path);
    info_put(stdout, info);
    if (!info->faults)
        puts("\nsound: no errors found");
    else
        printf("\n%s errors, the first: %s\n"
               "Restore a backup (mv it to this path), or move this file away to start a new one.\n",
               format_exact((int64_t)info->faults).s, first);
}

static int check(struct session *session, void *request)
{
    struct tq_ledger_info info = {.size = sizeof(info)};
    struct tq_error error = {.size = sizeof(error)};
    int answer = tq_ledger_check(session->ledger, &info, &error), result;
    uint64_t taken = 0;

    result = answer < 0 ? answer : limits_taken(session->ledger, tq_now_ns(), &taken);
    if (result < 0)
        return session_fail(session->path, result);
    /* clang-format off */
    if (((const struct request *)request)->json)
        json_print(json_pack("{s:s, s:o, s:o, s:I, s:I, s:o}",
                             "version", tq_version_string(),
                             "path", text_json(session->path),
                             "ledger", info_json(&info),
                             "limits_taken", (json_int_t)taken,
                             "faults", (json_int_t)info.faults,
                             "first_fault", info.faults ? text_json(error.msg) : json_null()), false);
    /* clang-format on */
    else
        check_text(session, &info, error.msg);
    if (taken > 0 && !((const struct request *)request)->json)
        printf("%s: a clock that was wrong took a part of the count; `tokenquota doctor` names %s\n",
               plural(taken, "limit").s, taken == 1 ? "it" : "them");
    return answer == 0 ? CLI_YES : CLI_NO;
}

static const struct option check_options[] = {JSON_ROW, LEDGER_ROW, HELP_ROWS_END};

static const struct command ledger_check = {
    .name = "ledger check",
    .operands = "",
    .summary = "check every word of the ledger, and print its own statistics",
    .options = check_options,
    .notes = "\n"
             "Other programs may keep counting meanwhile.\n\n"
             "Exit status: 0 if the ledger is sound, 1 if it is not, 2 on an error.\n",
    .use = SESSION_READ,
    .work = check,
};

/* ---- dump ------------------------------------------------------------------------------------ */

/* A provider a line, written as it is read: a million of them would not fit in memory as one document. Days
 * are asked for from tomorrow (a clock may be ahead) back to 2020, until as many are found as the ledger
 * keeps. */
static json_t *days_json(const struct tq_provider *provider, const struct tq_ledger_info *info)
{
    json_t *array = json_array();
    size_t left = info->history_days;

    for (int64_t day_ns = tq__day_start(tq_now_ns()) + DAY_NS; day_ns >= CLOCK_MIN_NS && left;
         day_ns -= DAY_NS) {
        int64_t used = tq_provider_used(provider, day_ns);

        if (used <= 0)
            continue;
        left--;
        json_array_append_new(array, day_json(day_ns, NULL, used));
    }
    return array;
}

/* The state at the earliest time has every end, also one that has passed. NULL: *answer, from the library. */
static json_t *provider_json(struct tq_provider *provider, const struct tq_ledger_info *info, int *answer)
{
    int64_t retry_at_ns = 0;
    int state = tq_provider_state(provider, TQ_NOW_MIN_NS, &retry_at_ns);
    struct settings settings;
    struct limits limits;
    json_t *object;

    *answer = settings_read(provider, &settings);
    if (*answer == 0)
        *answer = limits_read(provider, tq_now_ns(), &limits);
    if (*answer < 0)
        return NULL;
    object = json_join(json_pack("{s:s}", "provider", tq_provider_name(provider)), settings_json(&settings));
    /* clang-format off */
    object = json_join(object, json_pack("{s:b, s:o, s:o, s:o}",
                                         "marked", state == TQ_QUOTA_EXHAUSTED,
                                         "retry_at", some_instant_json(retry_at_ns),
                                         "limits", limits_json(&limits),
                                         "days", days_json(provider, info)));
    /* clang-format on */
    limits_free(&limits);
    return must_have(object);
}

static void put(json_t *value, const char *before)
{
    fputs(before, stdout);
    if (json_dumpf(must_have(value), stdout, JSON_COMPACT | JSON_ENCODE_ANY) < 0 && !ferror(stdout))
        no_memory();
    json_decref(value);
}

static int dump(struct session *session, void *request)
{
    struct tq_ledger_info info = {.size = sizeof(info)};
    struct tq_provider **items;
    size_t count;
    int answer = session_providers(session, &items, &count);

    (void)request;
    if (answer == 0 && (answer = tq_ledger_statistics(session->ledger, &info)) < 0)
        answer = session_fail(session->path, answer);
    if (answer != 0)
        goto out;
    printf("{\"schema\":%d,\"version\":\"%s\"", SCHEMA, tq_version_string());
    put(text_json(session->path), ",\n\"path\":");
    put(info_json(&info), ",\n\"ledger\":");
    fputs(",\n\"providers\":[", stdout);
    for (size_t i = 0; i < count && answer == 0; i++) {
        json_t *object = provider_json(items[i], &info, &answer);

        if (object)
            put(object, i ? ",\n" : "\n");
    }
    if (answer == 0) {
        fputs("\n]}\n", stdout);
    } else { /* half of it is printed: the work is not done once more */
        report("\"%s\": %s", session->path, tq_strerror(answer));
        answer = CLI_ERROR;
    }
out:
    free(items);
    return answer;
}

static const struct command ledger_dump = {
    .name = "ledger dump",
    .operands = "",
    .summary = "print everything in the ledger as one JSON document",
    .options = ledger_alone,
    .notes = "\n"
             "Providers are sorted by name, each with its days from 2020 on, the newest first.\n\n"
             "Exit status: 0 on success, 2 on an error.\n",
    .use = SESSION_READ,
    .work = dump,
};

/* ---- flush ----------------------------------------------------------------------------------- */

static int flush(struct session *session)
{
    int answer = tq_ledger_flush(session->ledger);

    if (answer < 0 && answer != TQ_EGONE)
        report("%s: %s", session->path, answer == TQ_ESYS ? strerror(errno) : tq_strerror(answer));
    return answer == TQ_EGONE ? answer : answer < 0 ? CLI_ERROR : CLI_YES;
}

static int flush_every(struct session *session, void *request)
{
    const int64_t every_ns = ((const struct flushing *)request)->every_ns;
    const struct timespec pause = {.tv_sec = (time_t)(every_ns / SECOND_NS),
                                   .tv_nsec = (long)(every_ns % SECOND_NS)};
    int answer = flush(session);

    while (every_ns && answer == CLI_YES) {
        nanosleep(&pause, NULL);
        answer = flush(session);
        if (answer == TQ_EGONE) /* each time it is replaced, not only the first */
            answer = session_reopen(session, SESSION_READ) < 0 ? CLI_ERROR : flush(session);
    }
    return answer;
}

static const struct option flush_options[] = {
    {'e', "every", "LENGTH", "flush repeatedly, at this interval (1s, 500ms), until a signal ends it",
     option_length, offsetof(struct flushing, every_ns), NULL},
    LEDGER_ROW,
    HELP_ROWS_END,
};

static const struct command ledger_flush = {
    .name = "ledger flush",
    .operands = "",
    .summary = "write what was counted to the disk, to survive a power failure",
    .options = flush_options,
    .notes = "\n"
             "You do not need it for programs that crash: they lose nothing. Without it, the kernel writes\n"
             "the file within about half a minute.\n\n"
             "Exit status: 0 on success, 2 on an error.\n\n"
             "  tokenquota ledger flush --every 1s\n",
    .needs = "to flush repeatedly use: --every LENGTH",
    .request_bytes = sizeof(struct flushing),
    .use = SESSION_READ,
    .work = flush_every,
};

/* ---- the verbs ------------------------------------------------------------------------------- */

static const struct command *const verbs[] = {
    &ledger_path,  &ledger_create, &ledger_names,   &ledger_check,   &ledger_dump,
    &ledger_flush, &ledger_backup, &ledger_restore, &ledger_compact, NULL,
};

static const struct option options[] = {HELP_ROWS_END};

const struct command cmd_ledger = {
    .name = "ledger",
    .operands = "VERB [OPTION]...",
    .summary = "manage the file: path, create, names, check, dump, flush, backup, restore, compact",
    .options = options,
    .notes = "\n`tokenquota ledger VERB --help` prints the options of a verb.\n",
    .verbs = verbs,
};
