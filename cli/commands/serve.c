/* serve.c: `tokenquota serve` answers over HTTP what the ledger holds, and counts what it is told.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/session.h"
#include "serve/serve.h"

/* A command line. */
struct serve_request {
    struct request asked;
    struct serve_options options;
    int64_t threads, connections, ids;
};

static int option_listen(const struct option *option, const char *text, int64_t now_ns, void *to);
static int option_name(const struct option *option, const char *text, int64_t now_ns, void *to);
static int option_threads(const struct option *option, const char *text, int64_t now_ns, void *to);

#define TO(field) offsetof(struct serve_request, options.field)

static const struct option options[] = {
    {'l', "listen", "HOST:PORT",
     "listen on this address (" SERVE_LISTEN "), repeatable; port 0: any that is free", option_listen,
     TO(listen), NULL},
    {'u', "unix", "PATH", "listen on this Unix socket, to which you alone may connect", option_text,
     TO(unix_path), "@file"},
    {'c', "config", "FILE", "read the configuration from this file (~/.config/tokenquota/serve.ini)",
     option_text, TO(config), "@file"},
    FLAG_ROW(0, "check", TO(check), "say what is wrong with options and files, and do not serve"),
    {0, "token-file", "FILE", "tokens that allow reading and writing, one a line (mode 0600)", option_text,
     TO(token_file), "@file"},
    {0, "read-token-file", "FILE", "tokens that allow reading alone", option_text, TO(read_token_file),
     "@file"},
    {0, "name", "NAME", "a name of this host, which requests may then use, repeatable", option_name,
     TO(names), NULL},
    {'t', "threads", "N", "answer in this many threads (1)", option_threads,
     offsetof(struct serve_request, threads), NULL},
    {0, "ids", "N", "remember the ids of this many records, which then count once (1,000,000)", option_tokens,
     offsetof(struct serve_request, ids), NULL},
    FLAG_ROW(0, "allow-plain-http", TO(allow_plain_http),
             "take tokens over the network without TLS: others on it may read them"),
    FLAG_ROW(0, "cors-limits", TO(cors_limits), "let pages of any site read GET /v1/limits"),
    {0, "patience", "LENGTH", NULL, option_length, TO(patience_ns), NULL},
    {0, "connections", "N", NULL, option_tokens, offsetof(struct serve_request, connections), NULL},
    LEDGER_ROW,
    HELP_ROWS_END,
};

static int refuse(const struct option *option, const char *text, const char *wrong)
{
    if (!wrong)
        return 0;
    report("--%s \"%s\" %s", option->name, text, wrong);
    return -1;
}

static int option_listen(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    (void)now_ns;
    return refuse(option, text,
                  serve_add_address((void *)((char *)to - offsetof(struct serve_options, listen)), text));
}

static int option_name(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    (void)now_ns;
    return refuse(option, text,
                  serve_add_name((void *)((char *)to - offsetof(struct serve_options, names)), text));
}

static int option_threads(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    int64_t *threads = to;

    if (option_tokens(option, text, now_ns, to) < 0)
        return -1;
    if (*threads <= SERVE_THREADS_MOST)
        return 0;
    report("--%s \"%s\" is more than %d", option->name, text, SERVE_THREADS_MOST);
    return -1;
}

/* Without --config, the user's file is read where it is. */
static const char *find_config(const char *given, char path[PATH_BYTES])
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (given)
        return given;
    if (config && *config == '/')
        snprintf(path, PATH_BYTES, "%s/tokenquota/serve.ini", config);
    else if (home && *home == '/')
        snprintf(path, PATH_BYTES, "%s/.config/tokenquota/serve.ini", home);
    else
        return NULL;
    return access(path, F_OK) == 0 ? path : NULL;
}

static void say(const char *line)
{
    report("%s", line);
}

static int run(void *request)
{
    struct serve_request *given = request;
    struct session session;
    char config[PATH_BYTES];
    int answer;

    given->options.config = find_config(given->options.config, config);
    if (session_find(&session, given->asked.ledger) < 0)
        return CLI_ERROR;
    if (!session.given && !given->options.check && session_make_folder(&session) < 0)
        return CLI_ERROR;
    given->options.ledger = session.path;
    given->options.open = session_options();
    given->options.threads = (unsigned)given->threads;
    if (given->ids > SERVE_IDS_MOST) {
        report("--ids is at most %u", SERVE_IDS_MOST);
        return CLI_ERROR;
    }
    given->options.ids = (uint32_t)given->ids;
    given->options.connections_max = (size_t)given->connections;
    given->options.say = say;
    answer = serve(&given->options);
    if (answer == 0 && given->options.check)
        printf("%s: no mistake found\n", given->options.config ? given->options.config : "command line");
    return answer < 0 ? CLI_ERROR : CLI_YES;
}

const struct command cmd_serve = {
    .name = "serve",
    .operands = "",
    .summary = "answer over HTTP, for programs that do not link the library",
    .options = options,
    .notes =
        "\n"
        "Runs until Ctrl-C or SIGTERM, and prints the addresses that it listens on. The daemon is a door to\n"
        "the ledger, not its owner: what other processes count shows up at once, and all of them go on when\n"
        "it ends. Without --listen and --unix it listens on " SERVE_LISTEN
        ". An address that other machines\n"
        "can reach needs a token, and TLS in front or --allow-plain-http. docs/serve.md has the rest.\n\n"
        "Exit status: 0 after Ctrl-C or SIGTERM, 2 on an error.\n\n"
        "  tokenquota serve &\n"
        "  curl http://" SERVE_LISTEN "/healthz\n",
    .request_bytes = sizeof(struct serve_request),
    .needs = "it takes no operand",
    .run = run,
};
