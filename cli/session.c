/* session.c: open the shared ledger, work on it, and say what went wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"

#define NAMES_LOOKED_AT 4096 /* for the name that was meant */

struct tq_ledger_options session_options(void)
{
    const char *any = getenv("TOKENQUOTA_ANY_FILE_SYSTEM");

    return (struct tq_ledger_options){
        .size = sizeof(struct tq_ledger_options),
        .flags = any && strcmp(any, "1") == 0 ? TQ_OPEN_ANY_FILE_SYSTEM : 0,
        .min_now_ns = CLOCK_MIN_NS,
    };
}

void session_report(const struct session *session, enum session_use use, const struct tq_error *error)
{
    if (error->code == TQ_ESYS && error->sys == ENOENT && use != SESSION_CREATE)
        report("there is no ledger at %s yet; it begins with: tokenquota observe PROVIDER TOKENS",
               session->path);
    else if (error->code == TQ_ESYS && error->sys != 0 && error->sys != ENOENT)
        report("%s: %s", error->msg, strerror(error->sys));
    else
        report("%s", error->msg);
}

static bool is_forbidden(const struct tq_error *error)
{
    return error->code == TQ_ESYS && (error->sys == EACCES || error->sys == EPERM || error->sys == EROFS);
}

int session_open(struct session *session, enum session_use use)
{
    struct tq_ledger_options options = session_options();
    struct tq_error error = {.size = sizeof(error)};
    int answer;

    session->read_only = false;
    if (use == SESSION_CREATE && !session->given && session_make_folder(session) < 0)
        return TQ_ESYS;
    if (use != SESSION_CREATE)
        options.flags |= TQ_OPEN_EXISTING;
    if (use == SESSION_RESET)
        options.flags |= TQ_OPEN_RESETTABLE;
    answer = tq_ledger_open(&session->ledger, session->path, &options, &error);
    if (answer < 0 && use == SESSION_READ && (is_forbidden(&error) || answer == TQ_ENOSPC)) {
        session->read_only = true;
        options.flags |= TQ_OPEN_READ_ONLY;
        answer = tq_ledger_open(&session->ledger, session->path, &options, &error);
    }
    if (answer < 0)
        session_report(session, use, &error);
    else if (error.msg[0]) /* it was rebuilt */
        report("%s", error.msg);
    return answer;
}

int session_reopen(struct session *session, enum session_use use)
{
    tq_ledger_close(session->ledger);
    session->ledger = NULL;
    return session_open(session, use);
}

int session_work(const char *option, enum session_use use,
                 int (*work)(struct session *session, void *context), void *context)
{
    struct session session;
    int answer;

    if (session_find(&session, option) < 0 || session_open(&session, use) < 0)
        return CLI_ERROR;
    answer = work(&session, context);
    if (answer == TQ_EGONE)
        answer = session_reopen(&session, use) < 0 ? CLI_ERROR : work(&session, context);
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

static int unknown_provider(struct session *session, const char *name)
{
    const char **names = calloc(NAMES_LOOKED_AT + 1, sizeof(*names)), *near = NULL;
    struct tq_provider *provider;
    uint64_t cursor = 0;

    for (size_t i = 0; names && i < NAMES_LOOKED_AT; i++) {
        if (tq_ledger_walk(session->ledger, &cursor, &provider) != 0)
            break;
        names[i] = tq_provider_name(provider);
    }
    if (names)
        near = nearest(name, names);
    if (near)
        report("unknown provider \"%s\"; did you mean \"%s\"?", name, near);
    else
        report("unknown provider \"%s\"; `tokenquota ledger names` lists those of %s", name, session->path);
    free(names);
    return CLI_ERROR;
}

int session_provider(struct session *session, const char *name, struct tq_provider **provider)
{
    int answer = tq_ledger_provider(session->ledger, name, strlen(name), TQ_PROVIDER_EXISTING, provider);

    if (answer == 0)
        return 0;
    return answer == 1 ? unknown_provider(session, name) : session_fail(name, answer);
}
