/* make_codex.c: made-up sessions of Codex CLI, with what makes them hard to count.
 *
 * SPDX-License-Identifier: MIT
 */
#define _FILE_OFFSET_BITS 64

#include <inttypes.h>

#include "make_logs.h"

#define REPLAY_MAX 6

struct codex {
    int64_t at_ms;
    struct made_usage total;
    struct made_usage replay[REPLAY_MAX]; /* its first responses, for children */
    int events;
};

static void put_codex_usage(FILE *file, const char *name, const struct made_usage *usage)
{
    int64_t input = usage->input + usage->cache_read;

    fprintf(file,
            "\"%s\":{\"input_tokens\":%" PRId64 ",\"cached_input_tokens\":%" PRId64
            ",\"output_tokens\":%" PRId64 ",\"reasoning_output_tokens\":%" PRId64 ",\"total_tokens\":%" PRId64
            "}",
            name, input, usage->cache_read, usage->output, usage->reasoning, input + usage->output);
}

static void codex_event(FILE *file, int64_t at_ms, const struct made_usage *total,
                        const struct made_usage *last)
{
    fprintf(file,
            "{\"timestamp\":\"%s\",\"type\":\"event_msg\",\"payload\":{\"type\":\"token_count\",\"info\":{",
            instant(at_ms));
    put_codex_usage(file, "total_token_usage", total);
    fputc(',', file);
    put_codex_usage(file, "last_token_usage", last);
    fprintf(file,
            ",\"model_context_window\":272000},\"rate_limits\":{\"primary\":{\"used_percent\":%d.5,"
            "\"window_minutes\":300,\"resets_at\":%" PRId64 "},\"secondary\":null}}}\n",
            (int)draw(90), at_ms / 1000 + 7200);
}

static void add_usage(struct made_usage *total, const struct made_usage *usage)
{
    total->input += usage->input;
    total->cache_read += usage->cache_read;
    total->output += usage->output;
    total->reasoning += usage->reasoning;
}

static void codex_turn(FILE *file, struct codex *at, unsigned model)
{
    struct made_usage usage = draw_usage();

    usage.cache_write = 0;
    at->at_ms = later(at->at_ms);
    fprintf(file,
            "{\"timestamp\":\"%s\",\"type\":\"response_item\",\"payload\":{\"type\":\"function_call_output\","
            "\"call_id\":\"call_%" PRId64 "\",\"output\":\"",
            instant(at->at_ms), ++made_serial);
    put_text(file);
    fprintf(file, "\"}}\n");
    add_usage(&at->total, &usage);
    codex_event(file, at->at_ms, &at->total, &usage);
    if (draw(6) == 0)
        codex_event(file, at->at_ms + 150, &at->total, &usage);
    count(at->at_ms, model, &usage);
    if (at->events < REPLAY_MAX)
        at->replay[at->events] = usage;
    at->events++;
}

static FILE *open_rollout(int64_t session, int64_t at_ms)
{
    const char *day = instant(at_ms);
    char name[256];

    snprintf(name, sizeof name,
             "sessions/%.4s/%.2s/%.2s/rollout-%.13s-00-00-0198bbbb-0000-7000-8000-%012" PRId64 ".jsonl", day,
             day + 5, day + 8, day, session);
    return open_log(name);
}

static void codex_meta(FILE *file, int64_t session, int64_t at_ms, int64_t parent)
{
    fprintf(file,
            "{\"timestamp\":\"%s\",\"type\":\"session_meta\",\"payload\":{\"id\":\"0198bbbb-0000-7000-8000-%"
            "012" PRId64 "\",",
            instant(at_ms), session);
    if (parent)
        fprintf(file, "\"forked_from_id\":\"0198bbbb-0000-7000-8000-%012" PRId64 "\",", parent);
    fprintf(file, "\"cwd\":\"/home/u/work\",\"originator\":\"codex_cli_rs\",\"cli_version\":\"0.155.0\"}}\n");
}

static void codex_model(FILE *file, int64_t at_ms, unsigned model)
{
    fprintf(file, "{\"timestamp\":\"%s\",\"type\":\"turn_context\",\"payload\":{\"model\":\"%s\"}}\n",
            instant(at_ms), made_models[model]);
}

/* A child: the parent's first events again, all at once, then its own. */
static void codex_child(int64_t parent, const struct codex *of, int64_t bytes)
{
    struct codex at = {.at_ms = of->at_ms};
    int64_t session = ++made_serial, fork_ms = of->at_ms;
    FILE *file = open_rollout(session, fork_ms);

    codex_meta(file, session, fork_ms, parent);
    codex_meta(file, parent, fork_ms + 1, 0);
    codex_model(file, fork_ms + 2, 0);
    for (int i = 0; i < of->events && i < REPLAY_MAX; i++) {
        add_usage(&at.total, &of->replay[i]);
        codex_event(file, fork_ms + 3 + i, &at.total, &of->replay[i]);
    }
    codex_model(file, fork_ms + 900, 2);
    while (ftello(file) < bytes)
        codex_turn(file, &at, 2);
    close_log(file);
}

void make_codex_session(int64_t bytes)
{
    struct codex at = {.at_ms = some_instant()};
    int64_t session = ++made_serial;
    unsigned model = (unsigned)draw(2);
    FILE *file = open_rollout(session, at.at_ms);

    codex_meta(file, session, at.at_ms, 0);
    codex_model(file, at.at_ms, model);
    while (ftello(file) < bytes) {
        codex_turn(file, &at, model);
        if (at.events == REPLAY_MAX && draw(2) == 0)
            codex_child(session, &at, bytes / 4);
        if (draw(50) == 0)
            codex_model(file, at.at_ms, model = (unsigned)draw(2));
    }
    close_log(file);
}
