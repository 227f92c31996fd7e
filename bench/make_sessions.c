/* make_sessions.c: made-up sessions of pi, Cline, Qwen Code, Kimi Code and Grok Build, and exports of Cursor.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each session has a copy that ends earlier: a fork, a task that another extension took over, an older
 * export.
 */
#define _FILE_OFFSET_BITS 64

#include <inttypes.h>
#include <stdlib.h>

#include "make_logs.h"

/* A log, and the copy of its first part. */
struct logs {
    FILE *file, *copy;
    int64_t bytes;
    char *text; /* of the piece that is being made */
    size_t len;
    FILE *piece;
};

static void open_logs(struct logs *logs, int64_t bytes, const char *name, const char *copy)
{
    *logs = (struct logs){.file = open_log(name), .copy = open_log(copy), .bytes = bytes};
}

static void begin_piece(struct logs *logs)
{
    logs->piece = open_memstream(&logs->text, &logs->len);
    if (!logs->piece)
        abort();
}

/* Writes the piece to the log, and to the copy as long as that goes. */
static void end_piece(struct logs *logs)
{
    if (fclose(logs->piece) != 0)
        abort();
    if (ftello(logs->file) < logs->bytes / 2)
        fwrite(logs->text, 1, logs->len, logs->copy);
    fwrite(logs->text, 1, logs->len, logs->file);
    free(logs->text);
}

static int is_full(const struct logs *logs)
{
    return ftello(logs->file) >= logs->bytes;
}

static void close_logs(struct logs *logs)
{
    close_log(logs->file);
    close_log(logs->copy);
}

/* ---- pi -------------------------------------------------------------------------------------- */

static void pi_turn(struct logs *logs, int64_t at_ms)
{
    struct made_usage usage = draw_usage();
    unsigned model = (unsigned)draw(2);

    begin_piece(logs);
    fprintf(logs->piece,
            "{\"type\":\"message\",\"id\":\"u\",\"timestamp\":\"%s\",\"message\":{\"role\":\"user\","
            "\"content\":\"",
            instant(at_ms - 1000));
    put_text(logs->piece);
    fprintf(
        logs->piece,
        "\"}}\n{\"type\":\"message\",\"id\":\"a\",\"timestamp\":\"%s\",\"message\":{\"role\":\"assistant\","
        "\"content\":[{\"type\":\"text\",\"text\":\"",
        instant(at_ms));
    put_text(logs->piece);
    fprintf(logs->piece, "\"}],\"provider\":\"anthropic\",\"model\":\"%s\",", made_models[model]);
    if (draw(3) > 0)
        fprintf(logs->piece, "\"responseId\":\"msg_01%022" PRId64 "\",", ++made_serial);
    fprintf(logs->piece,
            "\"usage\":{\"input\":%" PRId64 ",\"output\":%" PRId64 ",\"cacheRead\":%" PRId64
            ",\"cacheWrite\":%" PRId64 ",\"cost\":{\"total\":0.01}},\"stopReason\":\"stop\"}}\n",
            usage.input, usage.output, usage.cache_read, usage.cache_write);
    end_piece(logs);
    count(at_ms, model, &usage);
}

void make_pi_session(int64_t bytes)
{
    int64_t session = ++made_serial, at_ms = some_instant();
    char name[64], copy[64];
    struct logs logs;

    snprintf(name, sizeof name, "sessions/--p--/%" PRId64 ".jsonl", session);
    snprintf(copy, sizeof copy, "sessions/--p--/%" PRId64 "-fork.jsonl", session);
    open_logs(&logs, bytes, name, copy);
    fprintf(logs.file, "{\"type\":\"session\",\"id\":\"%" PRId64 "\",\"cwd\":\"/home/u/p\"}\n", session);
    fprintf(logs.copy, "{\"type\":\"session\",\"id\":\"%" PRId64 "f\",\"cwd\":\"/home/u/p\"}\n", session);
    while (!is_full(&logs))
        pi_turn(&logs, at_ms = later(at_ms));
    close_logs(&logs);
}

/* ---- Cline ----------------------------------------------------------------------------------- */

static void cline_request(struct logs *logs, int64_t at_ms)
{
    struct made_usage usage = draw_usage();
    unsigned model = (unsigned)draw(2);

    begin_piece(logs);
    fprintf(logs->piece, "{\"ts\":%" PRId64 ",\"type\":\"say\",\"say\":\"text\",\"text\":\"", at_ms - 1);
    put_text(logs->piece);
    fprintf(logs->piece,
            "\"},\n{\"ts\":%" PRId64
            ",\"type\":\"say\",\"say\":\"api_req_started\",\"text\":\"{\\\"request\\\":"
            "\\\"<task>\\\\n\\\",\\\"tokensIn\\\":%" PRId64 ",\\\"tokensOut\\\":%" PRId64
            ",\\\"cacheReads\\\":%" PRId64 ",\\\"cacheWrites\\\":%" PRId64
            ",\\\"cost\\\":0.01}\",\"modelInfo\":{\"providerId\":\"anthropic\",\"modelId\":\"%s\"}},\n",
            at_ms, usage.input, usage.output, usage.cache_read, usage.cache_write, made_models[model]);
    end_piece(logs);
    count(at_ms, model, &usage);
}

void make_cline_session(int64_t bytes)
{
    static const char last[] = "{\"ts\":1,\"type\":\"say\",\"say\":\"completion_result\",\"text\":\"\"}]";
    int64_t task = ++made_serial, at_ms = some_instant();
    char name[64], copy[64];
    struct logs logs;

    snprintf(name, sizeof name, "cline/tasks/%" PRId64 "/ui_messages.json", task);
    snprintf(copy, sizeof copy, "zoo/tasks/%" PRId64 "/ui_messages.json", task);
    open_logs(&logs, bytes, name, copy);
    fputc('[', logs.file);
    fputc('[', logs.copy);
    while (!is_full(&logs))
        cline_request(&logs, at_ms = later(at_ms));
    fputs(last, logs.file);
    fputs(last, logs.copy);
    close_logs(&logs);
}

/* ---- Qwen Code ------------------------------------------------------------------------------- */

static void qwen_response(struct logs *logs, int64_t session, int64_t at_ms)
{
    struct made_usage usage = draw_usage();
    unsigned model = (unsigned)draw(2);
    int64_t prompt = usage.input + usage.cache_read;

    usage.cache_write = 0;
    begin_piece(logs);
    fprintf(logs->piece,
            "{\"uuid\":\"%" PRId64 "\",\"sessionId\":\"q-%" PRId64
            "\",\"timestamp\":\"%s\",\"type\":\"assistant\",\"model\":\"%s\",\"message\":{\"parts\":[{"
            "\"text\":\"",
            ++made_serial, session, instant(at_ms), made_models[model]);
    put_text(logs->piece);
    fprintf(logs->piece,
            "\"}]},\"usageMetadata\":{\"promptTokenCount\":%" PRId64 ",\"candidatesTokenCount\":%" PRId64
            ",\"thoughtsTokenCount\":%" PRId64 ",\"cachedContentTokenCount\":%" PRId64
            ",\"totalTokenCount\":%" PRId64 "}}\n",
            prompt, usage.output - usage.reasoning, usage.reasoning, usage.cache_read, prompt + usage.output);
    end_piece(logs);
    count(at_ms, model, &usage);
}

void make_qwen_session(int64_t bytes)
{
    int64_t session = ++made_serial, at_ms = some_instant();
    char name[64], copy[64];
    struct logs logs;

    snprintf(name, sizeof name, "projects/-p/chats/%" PRId64 ".jsonl", session);
    snprintf(copy, sizeof copy, "projects/-p/chats/%" PRId64 "-copy.jsonl", session);
    open_logs(&logs, bytes, name, copy);
    while (!is_full(&logs))
        qwen_response(&logs, session, at_ms = later(at_ms));
    close_logs(&logs);
}

/* ---- Kimi Code ------------------------------------------------------------------------------- */

static void kimi_response(struct logs *logs, int64_t at_ms)
{
    struct made_usage usage = draw_usage();
    unsigned model = (unsigned)draw(2);

    begin_piece(logs);
    fprintf(logs->piece,
            "{\"type\":\"context.append_message\",\"message\":{\"role\":\"user\",\"content\":\"");
    put_text(logs->piece);
    fprintf(logs->piece,
            "\"}}\n{\"type\":\"usage.record\",\"agentId\":\"main\",\"model\":\"kimi-code/%s\",\"usage\":{"
            "\"inputOther\":%" PRId64 ",\"output\":%" PRId64 ",\"inputCacheRead\":%" PRId64
            ",\"inputCacheCreation\":%" PRId64 "},\"usageScope\":\"turn\",\"time\":%" PRId64 "}\n",
            made_models[model], usage.input, usage.output, usage.cache_read, usage.cache_write, at_ms);
    end_piece(logs);
    count(at_ms, model, &usage);
}

void make_kimi_session(int64_t bytes)
{
    int64_t session = ++made_serial, at_ms = some_instant();
    char name[96], copy[96];
    struct logs logs;

    snprintf(name, sizeof name, "sessions/wd_p/session_%" PRId64 "/agents/main/wire.jsonl", session);
    snprintf(copy, sizeof copy, "sessions/wd_p/session_%" PRId64 "f/agents/main/wire.jsonl", session);
    open_logs(&logs, bytes, name, copy);
    while (!is_full(&logs))
        kimi_response(&logs, at_ms = later(at_ms));
    close_logs(&logs);
}

/* ---- Grok Build ------------------------------------------------------------------------------ */

/* A turn of both models: each is a response to a reader. */
static void grok_turn(struct logs *logs, int64_t session, int64_t at_ms)
{
    const char *separator = "";

    begin_piece(logs);
    fprintf(logs->piece,
            "{\"timestamp\":%" PRId64 ",\"params\":{\"update\":{\"sessionUpdate\":\"x\",\"text\":\"",
            at_ms / 1000);
    put_text(logs->piece);
    fprintf(logs->piece,
            "\"}}}\n{\"timestamp\":%" PRId64 ".%03d,\"params\":{\"sessionId\":\"%" PRId64
            "\",\"update\":{\"sessionUpdate\":\"turn_completed\",\"prompt_id\":\"%036" PRId64
            "\",\"usage\":{\"modelUsage\":{",
            at_ms / 1000, (int)(at_ms % 1000), session, ++made_serial);
    for (unsigned model = 0; model < 2; model++, separator = ",") {
        struct made_usage usage = draw_usage();

        fprintf(logs->piece,
                "%s\"%s\":{\"inputTokens\":%" PRId64 ",\"outputTokens\":%" PRId64
                ",\"cachedReadTokens\":%" PRId64 ",\"cacheCreationTokens\":%" PRId64
                ",\"reasoningTokens\":%" PRId64 ",\"modelCalls\":1}",
                separator, made_models[model], usage.input + usage.cache_read + usage.cache_write,
                usage.output, usage.cache_read, usage.cache_write, usage.reasoning);
        count(at_ms, model, &usage);
    }
    fprintf(logs->piece, "}}}}}\n");
    end_piece(logs);
}

void make_grok_session(int64_t bytes)
{
    int64_t session = ++made_serial, at_ms = some_instant();
    char name[64], copy[64];
    struct logs logs;

    snprintf(name, sizeof name, "sessions/p/%" PRId64 "/updates.jsonl", session);
    snprintf(copy, sizeof copy, "sessions/p/%" PRId64 "f/updates.jsonl", session);
    open_logs(&logs, bytes, name, copy);
    while (!is_full(&logs))
        grok_turn(&logs, session, at_ms = later(at_ms));
    close_logs(&logs);
}

/* ---- Cursor's export ------------------------------------------------------------------------- */

static void cursor_event(struct logs *logs, int64_t at_ms)
{
    struct made_usage usage = draw_usage();
    unsigned model = (unsigned)draw(2);

    begin_piece(logs);
    fprintf(logs->piece,
            "\"%s\",\"Included\",\"%s\",\"No\",\"%" PRId64 "\",\"%" PRId64 "\",\"%" PRId64 "\",\"%" PRId64
            "\",\"%" PRId64 "\",\"Included\"\n",
            instant(at_ms), made_models[model], usage.cache_write, usage.input, usage.cache_read,
            usage.output, usage.cache_write + usage.input + usage.cache_read + usage.output);
    end_piece(logs);
    count(at_ms, model, &usage);
}

void make_cursor_session(int64_t bytes)
{
    static const char head[] =
        "Date,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,"
        "Output Tokens,Total Tokens,Cost\n";
    int64_t number = ++made_serial, at_ms = some_instant();
    char name[64], copy[64];
    struct logs logs;

    snprintf(name, sizeof name, "usage-events-%" PRId64 ".csv", number);
    snprintf(copy, sizeof copy, "usage-events-%" PRId64 "-older.csv", number);
    open_logs(&logs, bytes, name, copy);
    fputs(head, logs.file);
    fputs(head, logs.copy);
    while (!is_full(&logs))
        cursor_event(&logs, at_ms = later(at_ms));
    close_logs(&logs);
}
