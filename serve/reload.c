/* reload.c: the configuration while the daemon runs: read when it begins and at SIGHUP, brought into the
 * ledger and to the jobs.
 *
 * SPDX-License-Identifier: MIT
 *
 * Requests are answered meanwhile: what they look at changes under ledger_lock, and nothing here waits for a
 * job.
 */
#include "reload.h"

#include <stdlib.h>
#include <string.h>

#include "token.h"
#include "view/listener.h"

static void on_trouble(struct progress *context, const char *line)
{
    serve_say((const struct server *)(const void *)context, "%s", line);
}

static struct listener listen_to(struct server *server)
{
    return (struct listener){.trouble = on_trouble, .context = (struct progress *)(void *)server};
}

/* ---- what the command line and the configuration say ----------------------------------------- */

/* A key of the command line stands in for that of the configuration. */
static void join(struct serve_options *options, const struct serve_options *given,
                 const struct serve_options *config)
{
    *options = *given;
    if (given->listen_count == 0) {
        memcpy(options->listen, config->listen, sizeof options->listen);
        options->listen_count = config->listen_count;
    }
    if (given->name_count == 0) {
        memcpy(options->names, config->names, sizeof options->names);
        options->name_count = config->name_count;
    }
    options->unix_path = given->unix_path ? given->unix_path : config->unix_path;
    options->token_file = given->token_file ? given->token_file : config->token_file;
    options->read_token_file = given->read_token_file ? given->read_token_file : config->read_token_file;
    options->threads = given->threads ? given->threads : config->threads;
    options->ids = given->ids ? given->ids : config->ids;
    options->allow_plain_http |= config->allow_plain_http;
    options->cors_limits |= config->cors_limits;
}

/* Reads and checks the file, if one is named. 0, with the configuration, or NULL, and the options of both. */
static int read_all(const struct reload *reload, struct config **config, struct serve_options *options)
{
    struct listener listener = listen_to(reload->server);

    *config = NULL;
    *options = reload->given;
    if (!reload->given.config)
        return 0;
    *config = config_read(reload->given.config, &listener);
    if (!*config)
        return TQ_EINVAL;
    if (reconcile_check(*config, &listener) < 0) {
        config_drop(*config);
        *config = NULL;
        return TQ_EINVAL;
    }
    join(options, &reload->given, &(*config)->serve);
    return 0;
}

/* ---- begin and end --------------------------------------------------------------------------- */

int reload_begin(struct reload *reload, struct server *server, const struct listeners *listeners)
{
    int answer;

    reload->server = server;
    reload->listeners = listeners;
    reload->given = server->options;
    answer = read_all(reload, &reload->config, &server->options);
    if (answer < 0)
        return answer;
    reload->first = config_share(reload->config);
    reload->jobs = jobs_new(server);
    return reload->jobs ? 0 : TQ_ENOMEM;
}

static void reconcile_all(struct reload *reload)
{
    struct server *server = reload->server;
    struct listener listener = listen_to(server);
    const struct tq_ledger *ledger;
    int answer;

    /* The ledger may be gone once; what replaces it takes all of it. */
    for (int i = 0; i < 2; i++) {
        (void)pthread_rwlock_rdlock(&server->ledger_lock);
        ledger = server->ledger;
        answer =
            server->ledger ? reconcile(reload->config, server->ledger, &reload->said, &listener) : TQ_EGONE;
        (void)pthread_rwlock_unlock(&server->ledger_lock);
        if (answer != TQ_EGONE || serve_reopen(server, ledger) < 0)
            return;
    }
}

void reload_apply(struct reload *reload)
{
    if (reload->config)
        reconcile_all(reload);
    (void)jobs_replace(reload->jobs, reload->config);
}

void reload_halt(struct reload *reload)
{
    if (reload->jobs)
        jobs_halt(reload->jobs);
}

void reload_end(struct reload *reload)
{
    jobs_free(reload->jobs);
    config_drop(reload->config);
    config_drop(reload->first);
    free(reload->said.stays.slots);
}

/* ---- SIGHUP ---------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_texts(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
    bool same = a_count == b_count;

    for (size_t i = 0; same && i < a_count; i++)
        same = strcmp(a[i], b[i]) == 0;
    return same;
}

/* What was decided when the daemon began. */
static void say_later(const struct server *server, const struct serve_options *asked)
{
    const struct serve_options *is = &server->options;
    const struct {
        const char *key;
        bool same;
    } rows[] = {
        {"listen", same_texts(is->listen, is->listen_count, asked->listen, asked->listen_count)},
        {"name", same_texts(is->names, is->name_count, asked->names, asked->name_count)},
        {"unix", same_text(is->unix_path, asked->unix_path)},
        {"threads", is->threads == asked->threads},
        {"ids", is->ids == asked->ids},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!rows[i].same)
            serve_say(server, "%s changed in the configuration; restart the daemon for it", rows[i].key);
}

/* From here on it is in use. */
static void take(struct reload *reload, struct config *config, const struct server *asked)
{
    struct server *server = reload->server;
    struct tokens *old = server->tokens;

    (void)pthread_rwlock_wrlock(&server->ledger_lock);
    server->tokens = asked->tokens;
    server->options.allow_plain_http = asked->options.allow_plain_http;
    server->options.cors_limits = asked->options.cors_limits;
    (void)pthread_rwlock_unlock(&server->ledger_lock);
    atomic_store(&server->opens_limits, asked->options.cors_limits);
    tokens_free(old);
    config_drop(reload->config);
    reload->config = config;
    reload_apply(reload);
}

void reload_again(struct reload *reload)
{
    struct server asked = {.tokens = NULL};
    struct config *config;
    int answer = read_all(reload, &config, &asked.options);

    if (answer == 0)
        answer = tokens_read(&asked.tokens, &asked);
    if (answer == 0)
        answer = serve_check_reach(&asked, reload->listeners);
    if (answer == 0) {
        say_later(reload->server, &asked.options);
        take(reload, config, &asked);
        serve_say(reload->server, "the files were read again");
        return;
    }
    serve_say(reload->server, "nothing was changed");
    tokens_free(asked.tokens);
    config_drop(config);
}
