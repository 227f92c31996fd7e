/* bench_signals.c: what it costs to read a response.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bench_signals [RESULTS.md]
 *
 * Prints a table; with an argument also appends it to that file as Markdown. Limits are in nanoseconds of
 * the machine it runs on, not in bare adds: they are promises to callers, who count
 * microseconds. */
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "tokenquota_signals.h"

#define NOON_NS INT64_C(1795176000000000000)

/* The limit of a row is one of its value. */
static void add(struct row row)
{
    row.ratio = 0;
    row_add(row);
}

/* ---- headers --------------------------------------------------------------------------------- */

#define HEADER(name, value)                                                                                  \
    {                                                                                                        \
        name, sizeof(name) - 1, value, sizeof(value) - 1                                                     \
    }

/* A response of OpenAI's as it comes through a CDN: twenty headers, eight of them about limits. */
static const struct tq_field openai[] = {
    HEADER("date", "Tue, 24 Nov 2026 12:00:00 GMT"),
    HEADER("content-type", "application/json"),
    HEADER("access-control-expose-headers", "X-Request-ID"),
    HEADER("openai-organization", "user-abcdefghijklmnopqrstuvwx"),
    HEADER("openai-processing-ms", "1380"),
    HEADER("openai-version", "2020-10-01"),
    HEADER("x-request-id", "req_0123456789abcdef0123456789abcdef"),
    HEADER("x-ratelimit-limit-requests", "10000"),
    HEADER("x-ratelimit-limit-tokens", "2000000"),
    HEADER("x-ratelimit-remaining-requests", "9999"),
    HEADER("x-ratelimit-remaining-tokens", "1999984"),
    HEADER("x-ratelimit-reset-requests", "6ms"),
    HEADER("x-ratelimit-reset-tokens", "16m17.764s"),
    HEADER("x-ratelimit-limit-project-tokens", "60000"),
    HEADER("x-ratelimit-remaining-project-tokens", "57000"),
    HEADER("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
    HEADER("cf-cache-status", "DYNAMIC"),
    HEADER("server", "cloudflare"),
    HEADER("cf-ray", "9a0b1c2d3e4f5061-FRA"),
    HEADER("alt-svc", "h3=\":443\"; ma=86400"),
};

/* The same number of an Anthropic subscription. */
static const struct tq_field unified[] = {
    HEADER("Date", "Tue, 24 Nov 2026 12:00:00 GMT"),
    HEADER("Content-Type", "text/event-stream; charset=utf-8"),
    HEADER("Transfer-Encoding", "chunked"),
    HEADER("Connection", "keep-alive"),
    HEADER("Cache-Control", "no-cache"),
    HEADER("Anthropic-Ratelimit-Unified-Status", "allowed"),
    HEADER("Anthropic-Ratelimit-Unified-5h-Status", "allowed"),
    HEADER("Anthropic-Ratelimit-Unified-5h-Reset", "1795190400"),
    HEADER("Anthropic-Ratelimit-Unified-5h-Utilization", "0.43"),
    HEADER("Anthropic-Ratelimit-Unified-7d-Status", "allowed"),
    HEADER("Anthropic-Ratelimit-Unified-7d-Reset", "1795435200"),
    HEADER("Anthropic-Ratelimit-Unified-7d-Utilization", "0.81"),
    HEADER("Anthropic-Ratelimit-Unified-Representative-Claim", "five_hour"),
    HEADER("Request-Id", "req_011CVT0123456789abcdefgh"),
    HEADER("Anthropic-Organization-Id", "01234567-89ab-cdef-0123-456789abcdef"),
    HEADER("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload"),
    HEADER("Server", "cloudflare"),
    HEADER("Cf-Cache-Status", "DYNAMIC"),
    HEADER("Cf-Ray", "9a0b1c2d3e4f5061-FRA"),
    HEADER("X-Robots-Tag", "none"),
};

static int64_t read_headers(void *context, int64_t n)
{
    struct tq_response response = {
        .size = sizeof response, .status = 200, .fields = context, .field_count = 20};
    struct tq_quota_signal signal = {.size = sizeof signal};
    int64_t sum = 0;

    for (int64_t i = 0; i < n; i++) {
        response.now_ns = NOON_NS + i;
        sum += tq_signal_read(&response, &signal);
        sum += signal.axis_count;
    }
    return sum;
}

static void bench_headers(void)
{
    add(measure("20 headers of OpenAI, 8 of them limits", read_headers, (void *)openai, 200000, 1000, 600));
    add(measure("20 headers of a subscription, 8 of them limits", read_headers, (void *)unified, 200000, 1000,
                600));
}

/* ---- usage ----------------------------------------------------------------------------------- */

#define CHUNK_BYTES 4096
#define CHUNKS 64

/* A chat completion of 2 KB, nearly all of it the answer's text. */
static size_t make_body(char body[2048])
{
    static const char head[] =
        "{\n  \"id\": \"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT\",\n  \"object\": \"chat.completion\",\n"
        "  \"created\": 1795176000,\n  \"model\": \"gpt-4.1-2025-04-14\",\n  \"choices\": [\n    {\n"
        "      \"index\": 0,\n      \"message\": {\n        \"role\": \"assistant\",\n        \"content\": "
        "\"";
    static const char text[] = "Tokens are counted, \\\"usage\\\" says how many.\\n";
    static const char tail[] =
        "\",\n        \"refusal\": null,\n        \"annotations\": []\n      },\n      \"logprobs\": null,\n"
        "      \"finish_reason\": \"stop\"\n    }\n  ],\n  \"usage\": {\n    \"prompt_tokens\": 1900,\n"
        "    \"completion_tokens\": 310,\n    \"total_tokens\": 2210,\n    \"prompt_tokens_details\": {\n"
        "      \"cached_tokens\": 1024,\n      \"audio_tokens\": 0\n    },\n"
        "    \"completion_tokens_details\": {\n      \"reasoning_tokens\": 64,\n      \"audio_tokens\": 0,\n"
        "      \"accepted_prediction_tokens\": 0,\n      \"rejected_prediction_tokens\": 0\n    }\n  },\n"
        "  \"service_tier\": \"default\",\n  \"system_fingerprint\": \"fp_51e1070cf2\"\n}\n";
    size_t len = sizeof head - 1;

    memcpy(body, head, len);
    for (; len + sizeof text - 1 + sizeof tail - 1 <= 2048; len += sizeof text - 1)
        memcpy(body + len, text, sizeof text - 1);
    memcpy(body + len, tail, sizeof tail - 1);
    return len + sizeof tail - 1;
}

static int64_t read_body(void *context, int64_t n)
{
    struct tq_usage usage = {.size = sizeof usage};
    char body[2048];
    size_t len = make_body(body);
    int64_t sum = 0;

    (void)context;
    for (int64_t i = 0; i < n; i++) {
        sum += tq_usage_read(NULL, body, len, &usage);
        sum += usage.counted;
    }
    if (usage.counted != 1900 - 1024 + 310)
        abort();
    return sum;
}

/* Lines over and over, in chunks of 4 KB that are cut anywhere. */
static int64_t feed_chunks(void *context, int64_t n)
{
    static char chunks[CHUNKS * CHUNK_BYTES];
    const char *line = context;
    size_t len = strlen(line);
    struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
    int64_t sum = 0;

    if (!stream)
        abort();
    for (size_t i = 0; i < sizeof chunks; i++)
        chunks[i] = line[i % len];
    for (int64_t i = 0; i < n; i++)
        sum += tq_usage_stream_feed(stream, chunks + i % CHUNKS * CHUNK_BYTES, CHUNK_BYTES);
    tq_usage_stream_free(stream);
    return sum + n;
}

/* Nanoseconds a chunk -> GB a second. */
static struct row in_gigabytes(struct row row, double at_least, double aim)
{
    double least = row.least;

    row.value = CHUNK_BYTES / row.value;
    row.least = CHUNK_BYTES / row.most;
    row.most = CHUNK_BYTES / least;
    row.unit = "GB/s";
    row.at_least = 1;
    row.at_most = at_least;
    row.aim = aim;
    return row;
}

static void bench_usage(void)
{
    static char chat[] = "data: "
                         "{\"id\":\"chatcmpl-BXz1\",\"object\":\"chat.completion.chunk\",\"created\":"
                         "1795176000,\"model\":\"gpt-4.1-2025-04-14\",\"service_tier\":\"default\",\"system_"
                         "fingerprint\":\"fp_51e1070cf2\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                         "\" word\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
    static char anthropic[] =
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
        "{\"type\":\"text_delta\",\"text\":\" and a few words more, as they come\"}}\n\n";
    static char ollama[] =
        "{\"model\":\"llama3.2\",\"created_at\":\"2026-11-24T12:00:00.385406455Z\",\"message\":"
        "{\"role\":\"assistant\",\"content\":\" word\"},\"done\":false}\n";

    add(measure("usage of a body of 2 KB", read_body, NULL, 50000, 10000, 4000));
    add(in_gigabytes(measure("stream of OpenAI, without usage", feed_chunks, chat, 20000, 0, 0), 1, 2));
    add(in_gigabytes(measure("stream of Anthropic, without usage", feed_chunks, anthropic, 20000, 0, 0), 1,
                     2));
    add(in_gigabytes(measure("JSON lines of Ollama, without usage", feed_chunks, ollama, 20000, 0, 0), 0, 0));
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        fputs("usage: bench_signals [RESULTS.md]\n", stderr);
        return 2;
    }
    bench_headers();
    bench_usage();
    return report_rows("Signals", "", argv[1]);
}
