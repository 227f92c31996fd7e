/* make_logs.c: makes the logs of a tool, any number of bytes in constant memory, and says what is in them.
 *
 * SPDX-License-Identifier: MIT
 *
 *     make_logs claude|codex|gemini|litellm|pi|cline|qwen|kimi|grok|cursor FOLDER BYTES [SEED]
 *
 * The logs are like real ones in what matters to a reader: lines of prompts and tool results between those
 * that count, a few of them long; for claude a response on up to four lines whose output grows, subagents and
 * replays of parents' messages with another request id; for codex repeated events, child sessions that begin
 * with their parent's events, rate limits; for gemini objects over many lines with the same call as event
 * and as details; for litellm hits of the cache; for the others copies that end earlier. They are of the 30
 * days from 2026-08-20 on, and the same for the same seed. Nothing in them was ever said.
 *
 * On stdout what a reader must find, once each response, tab-separated: day, model, responses, input (without
 * cache), cache write, cache read, output (reasoning included).
 */
#define _FILE_OFFSET_BITS 64

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "make_logs.h"

#define DAYS 30
#define FIRST_SECOND INT64_C(1787184000) /* 2026-08-20 */
#define MODELS 3
#define POOL_BYTES (1 << 20)
#define BLOCK_BYTES 64

struct sums {
    int64_t responses, input, cache_write, cache_read, output;
};

static struct sums truth[DAYS][MODELS];
static char pool[POOL_BYTES]; /* what is inside a JSON string, in blocks that end no escape */
static uint64_t random_state;
static int64_t written_bytes;
static const char *folder;

const char *const *made_models;
int64_t made_serial;
char made_path[4096];

_Noreturn static void die(const char *what)
{
    fprintf(stderr, "make_logs: %s: %s\n", what, strerror(errno));
    exit(2);
}

uint64_t draw(uint64_t end)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % end;
}

/* ---- pieces of a line ------------------------------------------------------------------------ */

static void fill_pool(void)
{
    static const char *const words[] = {"alpha ",  "beta()  ", "if (x) { ", "}\\n",    "\\\"usage\\\": ",
                                        "gamma, ", "\\\\ ",    "[0] = 1;",  "\\u00e9", "delta "};

    for (size_t at = 0; at < POOL_BYTES; at += BLOCK_BYTES) {
        size_t len = 0;

        for (;;) {
            const char *word = words[draw(sizeof words / sizeof words[0])];

            if (len + strlen(word) > BLOCK_BYTES)
                break;
            memcpy(pool + at + len, word, strlen(word));
            len += strlen(word);
        }
        memset(pool + at + len, '.', BLOCK_BYTES - len);
    }
}

void put_text(FILE *file)
{
    size_t blocks = draw(40) == 0 ? 200 + draw(3000) : 2 + draw(60);

    while (blocks > 0) {
        size_t from = draw(POOL_BYTES / BLOCK_BYTES), count = POOL_BYTES / BLOCK_BYTES - from;

        count = count < blocks ? count : blocks;
        fwrite(pool + from * BLOCK_BYTES, BLOCK_BYTES, count, file);
        blocks -= count;
    }
}

const char *instant(int64_t at_ms)
{
    static char text[4][40];
    static unsigned next;
    char *words = text[next++ % 4];
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    strftime(words, sizeof text[0], "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(words + strlen(words), sizeof text[0] - strlen(words), ".%03dZ", (int)(at_ms % 1000));
    return words;
}

struct made_usage draw_usage(void)
{
    int64_t output = 1 + (int64_t)draw(1500);

    return (struct made_usage){(int64_t)draw(50) + 1, (int64_t)draw(3000), (int64_t)draw(90000), output,
                               (int64_t)draw((uint64_t)output)};
}

void count(int64_t at_ms, unsigned model, const struct made_usage *usage)
{
    struct sums *sums = &truth[(at_ms / 1000 - FIRST_SECOND) / 86400][model];

    sums->responses++;
    sums->input += usage->input;
    sums->cache_write += usage->cache_write;
    sums->cache_read += usage->cache_read;
    sums->output += usage->output;
}

int64_t later(int64_t at_ms)
{
    const int64_t end_ms = (FIRST_SECOND + DAYS * INT64_C(86400)) * 1000;

    at_ms += 2000 + (int64_t)draw(90000);
    return at_ms < end_ms - 60000 ? at_ms : end_ms - 60000 + (int64_t)draw(50000);
}

int64_t some_instant(void)
{
    return FIRST_SECOND * 1000 + (int64_t)draw(DAYS * UINT64_C(86400000) - 7200000);
}

/* ---- files ----------------------------------------------------------------------------------- */

FILE *open_log(const char *name)
{
    char *path = made_path;
    FILE *file;

    if (snprintf(path, sizeof made_path, "%s/%s", folder, name) >= (int)sizeof made_path)
        die("the folder's name is too long");
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            die(path);
        *slash = '/';
    }
    file = fopen(path, "w");
    if (!file)
        die(path);
    setvbuf(file, NULL, _IOFBF, 1 << 18);
    return file;
}

void close_log(FILE *file)
{
    off_t bytes = ftello(file);

    if (bytes < 0 || ferror(file) || fclose(file) != 0)
        die("writing");
    written_bytes += bytes;
}

/* ---- which ----------------------------------------------------------------------------------- */

static const struct tool {
    const char *name;
    void (*session)(int64_t bytes);
    const char *models[MODELS];
} tools[] = {
    {"claude",
     make_claude_session,
     {"claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"}},
    {"codex", make_codex_session, {"gpt-5.2-codex", "gpt-5.2", "gpt-5.1-codex-mini"}},
    {"gemini", make_gemini_session, {"gemini-2.5-pro", "gemini-2.5-flash", ""}},
    {"litellm", make_litellm_session, {"gpt-5-mini", "gpt-5", ""}},
    {"pi", make_pi_session, {"claude-opus-4-6", "gpt-5.6", ""}},
    {"cline", make_cline_session, {"claude-opus-4-6", "claude-sonnet-5", ""}},
    {"qwen", make_qwen_session, {"qwen3-coder-plus", "qwen3-coder-flash", ""}},
    {"kimi", make_kimi_session, {"k3", "kimi-for-coding", ""}},
    {"grok", make_grok_session, {"grok-5-build", "grok-5-mini", ""}},
    {"copilot", make_copilot_session, {"claude-sonnet-5", "gpt-5.6", ""}},
    {"cursor", make_cursor_session, {"claude-5-sonnet", "auto", ""}},
};

static void print_truth(void)
{
    for (int day = 0; day < DAYS; day++)
        for (int model = 0; model < MODELS; model++) {
            const struct sums *sums = &truth[day][model];

            if (sums->responses > 0)
                printf("%.10s\t%s\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\n",
                       instant((FIRST_SECOND + day * INT64_C(86400)) * 1000), made_models[model],
                       sums->responses, sums->input, sums->cache_write, sums->cache_read, sums->output);
        }
}

int main(int argc, char **argv)
{
    const struct tool *tool = tools, *end = tools + sizeof tools / sizeof tools[0];
    int64_t bytes = argc > 3 ? strtoll(argv[3], NULL, 10) : 0, session_bytes = bytes / 20;

    while (argc > 1 && tool < end && strcmp(tool->name, argv[1]) != 0)
        tool++;
    if (argc < 4 || argc > 5 || tool == end || bytes <= 0) {
        fprintf(stderr,
                "usage: make_logs claude|codex|gemini|litellm|pi|cline|qwen|kimi|grok|cursor FOLDER BYTES "
                "[SEED]\n");
        return 2;
    }
    folder = argv[2];
    made_models = tool->models;
    random_state = UINT64_C(0x9e3779b97f4a7c15) + (argc > 4 ? strtoull(argv[4], NULL, 10) : 1);
    fill_pool();
    session_bytes = session_bytes > 20000000 ? 20000000 : session_bytes < 20000 ? 20000 : session_bytes;
    while (written_bytes < bytes)
        tool->session(session_bytes / 2 + (int64_t)draw((uint64_t)session_bytes));
    print_truth();
    return fflush(stdout) == 0 ? 0 : 2;
}
