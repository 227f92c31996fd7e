/* session.c: find the shared ledger, open it, work on it, and say what went wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/list.h"
#include "base/text.h"
#include "cli/session.h"
#include "view/lookup.h"
#include "view/observe.h"
#include "view/runs.h"

int session_find(struct session *session, const char *option)
{
    struct tq_error error = {.size = sizeof(error)};
    int len;

    *session = (struct session){.why = "--ledger", .given = option || getenv("TOKENQUOTA_LEDGER")};
    if (option) {
        len = snprintf(session->path, sizeof(session->path), "%s", option);
        if (*option && len < (int)sizeof(session->path))
            return 0;
        report("--ledger %s", *option ? "is too long a path" : "is empty; give a path");
        return -1;
    }
    len = tq_ledger_default_path(session->path, sizeof(session->path), &error);
    snprintf(session->why, sizeof(session->why), "%s", error.msg);
    if (len >= 0 && len < (int)sizeof(session->path))
        return 0;
    report("%s%s", error.msg, len < 0 ? "" : ": the path is too long");
    return -1;
}

bool session_is_apart(const struct session *session)
{
    return !session->given && geteuid() != 0 && strcmp(session->path, MACHINE_LEDGER) != 0 &&
           access(MACHINE_FOLDER, F_OK) == 0;
}

int session_make_folder(const struct session *session)
{
    char folder[PATH_BYTES];
    size_t len = strlen(session->path);

    memcpy(folder, session->path, len + 1);
    for (size_t i = 1; i < len; i++) {
        if (folder[i] != '/')
            continue;
        folder[i] = '\0';
        if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
            report("cannot make the folder %s: %s", folder, strerror(errno));
            return -1;
        }
        folder[i] = '/';
    }
    return 0;
}

struct tq_ledger_options session_options(void)
{
    const char *any = getenv("TOKENQUOTA_ANY_FILE_SYSTEM");

    return (struct tq_ledger_options){
        .size = sizeof(struct tq_ledger_options),
        .flags = any && strcmp(any, "1") == 0 ? TQ_OPEN_ANY_FILE_SYSTEM : 0,
        .min_now_ns = CLOCK_MIN_NS,
    };
}

void session_words(const struct session *session, enum session_use use, const struct tq_error *error,
                   char out[SESSION_WORDS])
{
    if (error->code == TQ_ESYS && error->sys == ENOENT && use != SESSION_CREATE)
        snprintf(out, SESSION_WORDS, NO_LEDGER, session->path);
    else if (error->code == TQ_ESYS && error->sys != 0 && error->sys != ENOENT)
        snprintf(out, SESSION_WORDS, "%s: %s", error->msg, strerror(error->sys));
    else
        snprintf(out, SESSION_WORDS, "%s", error->msg);
}

void session_report(const struct session *session, enum session_use use, const struct tq_error *error)
{
    char words[SESSION_WORDS];

    session_words(session, use, error, words);
    report("%s", words);
    if (error->code == TQ_EFORMAT && session->read_only)
        report(AS_A_WRITER, session->path);
}

/* Reports once for each ledger that the machine has another one; a file beside the ledger remembers it. */
static void note_apart(const struct session *session)
{
    char told[PATH_BYTES + 8];
    int fd;

    if (!session_is_apart(session))
        return;
    snprintf(told, sizeof(told), "%s.told", session->path);
    fd = open(told, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    close(fd);
    report("note: this machine has a ledger in %s, but you may not write it: you count on your own, %s; "
           "`tokenquota doctor` says how to join",
           MACHINE_FOLDER, session->path);
}

/* ---- runs ------------------------------------------------------------------------------------ */

#define RUNS_MEANT 64

/* What session_name gave in the place of other names. More than fit are an error when the session begins. */
static char runs_meant[RUNS_MEANT][TQ_NAME_MAX + 1];
static size_t runs_meant_count;

const char *session_name(const char *name)
{
    char run[TQ_NAME_MAX + 1] = "";

    if (!run_of(name, run))
        return name;
    for (size_t i = 0; i < runs_meant_count && i < RUNS_MEANT; i++)
        if (strcmp(runs_meant[i], run) == 0)
            return runs_meant[i];
    if (runs_meant_count >= RUNS_MEANT) {
        runs_meant_count = RUNS_MEANT + 1;
        return name;
    }
    return memcpy(runs_meant[runs_meant_count++], run, sizeof run);
}

/* Looks after the runs of the ledger, and for those that are meant. 0, or TQ_EINVAL with an error that says
 * which is over. */
static int look_at_runs(const struct session *session, struct tq_error *error)
{
    runs_look(session->path, session->read_only ? NULL : session->ledger, tq_now_ns());
    if (runs_meant_count > RUNS_MEANT) {
        *error = (struct tq_error){.size = sizeof *error, .code = TQ_EINVAL};
        snprintf(error->msg, sizeof error->msg, "this process is in more than %d runs of these providers",
                 RUNS_MEANT);
        return TQ_EINVAL;
    }
    for (size_t i = 0; i < runs_meant_count; i++)
        if (!run_is_in_force(session->path, session->ledger, runs_meant[i])) {
            *error = (struct tq_error){.size = sizeof *error, .code = TQ_EINVAL};
            snprintf(error->msg, sizeof error->msg,
                     "the run of this process is over: " RUN_VARIABLE
                     "=%.120s; unset it to call without the run",
                     runs_meant[i]);
            return TQ_EINVAL;
        }
    return 0;
}

int session_export(const struct session *session)
{
    char *path = realpath(session->path, NULL);
    int answer = setenv("TOKENQUOTA_LEDGER", path ? path : session->path, 1);

    free(path);
    return answer;
}

bool session_is_forbidden(const struct tq_error *error)
{
    return error->code == TQ_ESYS && (error->sys == EACCES || error->sys == EPERM || error->sys == EROFS);
}

/* Opens it for reading only where that is enough, and nothing else is possible. */
static int open_either(struct session *session, enum session_use use, struct tq_error *error)
{
    struct tq_ledger_options options = session_options();
    int answer;

    if (use != SESSION_CREATE)
        options.flags |= TQ_OPEN_EXISTING;
    if (use == SESSION_RESET)
        options.flags |= TQ_OPEN_RESETTABLE;
    session->read_only = false;
    answer = tq_ledger_open(&session->ledger, session->path, &options, error);
    if (use < SESSION_READ || !(session_is_forbidden(error) || answer == TQ_ENOSPC))
        return answer;
    session->read_only = true;
    options.flags |= TQ_OPEN_READ_ONLY;
    return tq_ledger_open(&session->ledger, session->path, &options, error);
}

int session_try(struct session *session, enum session_use use, struct tq_error *error)
{
    int answer = open_either(session, use, error);

    if (answer < 0 && use == SESSION_LOOK && error->code == TQ_ESYS && error->sys == ENOENT)
        answer = 0;
    if (answer < 0 || look_at_runs(session, error) == 0)
        return answer;
    tq_ledger_close(session->ledger);
    session->ledger = NULL;
    return TQ_EINVAL;
}

int session_open(struct session *session, enum session_use use)
{
    struct tq_error error = {.size = sizeof(error)};
    int answer;

    if (use == SESSION_CREATE && !session->given && session_make_folder(session) < 0)
        return TQ_ESYS;
    answer = session_try(session, use, &error);
    if (answer < 0)
        session_report(session, use, &error);
    else if (session->ledger && error.msg[0]) /* it was rebuilt */
        report("%s", error.msg);
    if (answer >= 0 && use < SESSION_READ)
        note_apart(session);
    return answer;
}

int session_reopen(struct session *session, enum session_use use)
{
    tq_ledger_close(session->ledger);
    session->ledger = NULL;
    return session_open(session, use);
}

atomic_bool session_stopped;

static void on_end(int number)
{
    (void)number;
    session_stopped = true;
}

void session_catch_ends(int flags)
{
    struct sigaction action = {.sa_handler = on_end, .sa_flags = flags};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int session_await(struct session *session)
{
    const struct timespec pause = {.tv_sec = LOOK_NS / SECOND_NS};
    bool said = false;
    int answer;

    tq_ledger_close(session->ledger);
    for (session->ledger = NULL; !session_stopped; (void)nanosleep(&pause, NULL)) {
        answer = session_open(session, SESSION_LOOK);
        if (answer < 0 || session->ledger)
            return answer;
        if (!said)
            report("there is no ledger at %s yet: waiting for one", session->path);
        said = true;
    }
    return 1;
}

int session_work(void *request, enum session_use use, int (*work)(struct session *session, void *request))
{
    struct session session;
    int answer;

    if (session_find(&session, ((const struct request *)request)->ledger) < 0 ||
        session_open(&session, use) < 0)
        return CLI_ERROR;
    answer = work(&session, request);
    if (answer == TQ_EGONE)
        answer = session_reopen(&session, use) < 0 ? CLI_ERROR : work(&session, request);
    if (answer == TQ_EGONE)
        report("%s: %s", session.path, tq_strerror(TQ_EGONE));
    tq_ledger_close(session.ledger);
    return answer < 0 ? CLI_ERROR : answer;
}

int session_fail(const char *provider, int code)
{
    if (code == TQ_EGONE)
        return code;
    report("\"%s\": %s", provider, tq_strerror(*provider ? code : TQ_ENAME));
    return CLI_ERROR;
}

static int by_name(const void *left, const void *right)
{
    const struct tq_provider *const *a = left, *const *b = right;

    return strcmp(tq_provider_name(*a), tq_provider_name(*b));
}

int session_providers(struct session *session, struct tq_provider ***items, size_t *count)
{
    struct tq_provider *provider;
    size_t capacity = 0;
    uint64_t cursor = 0;
    int answer;

    *items = NULL;
    *count = 0;
    while ((answer = tq_ledger_walk(session->ledger, &cursor, &provider)) == 0) {
        *items = must_have(tq__list_room(*items, *count, &capacity, sizeof **items));
        (*items)[(*count)++] = provider;
    }
    if (answer < 0)
        return session_fail(session->path, answer);
    if (*count)
        qsort(*items, *count, sizeof(struct tq_provider *), by_name);
    return 0;
}

int session_provider(struct session *session, const char *name, struct tq_provider **provider)
{
    int answer = tq_ledger_provider(session->ledger, name, strlen(name), TQ_PROVIDER_EXISTING, provider);
    const char *near = answer == 1 ? name_near(session->ledger, name) : NULL;

    if (answer == 0)
        return 0;
    if (answer < 0)
        return session_fail(name, answer);
    if (near)
        report("unknown provider \"%s\"; did you mean \"%s\"?", name, near);
    else
        report("unknown provider \"%s\"; `tokenquota ledger names` lists those of %s", name, session->path);
    return CLI_ERROR;
}

/* "key1" and "key2", "claude" and "claude-api" are not misspelt: people number things, and add to names. */
static bool is_slip(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);

    if (a_len < 3 || a_len > b_len + 2 || b_len > a_len + 2)
        return false;
    for (;; a++, b++) {
        while (*a >= '0' && *a <= '9')
            a++;
        while (*b >= '0' && *b <= '9')
            b++;
        if (*a != *b || !*a)
            return *a != *b;
    }
}

void session_note_new(struct session *session, const char *name, char *const *others)
{
    const char *near = name_near(session->ledger, name);

    while (near && others && *others)
        if (strcmp(*others++, near) == 0)
            near = NULL;
    if (near && is_slip(name, near))
        report("note: \"%s\" was never counted before; did you mean \"%s\"?", name, near);
}

int session_provider_make(struct session *session, const char *name, struct tq_provider **provider)
{
    int answer = tq_ledger_provider(session->ledger, name, strlen(name), TQ_PROVIDER_EXISTING, provider);

    if (answer != 1)
        return answer;
    answer = tq_ledger_provider(session->ledger, name, strlen(name), 0, provider);
    if (answer == 0)
        session_note_new(session, name, NULL);
    return answer;
}
