/* test_signal_steps.c: reading a response costs a number of steps for each byte, whatever the bytes are.
 *
 * SPDX-License-Identifier: MIT
 *
 * Steps are counted, not timed. The library in this program was compiled so that each basic block calls
 * __sanitizer_cov_trace_pc, and memchr and memmem, which may walk far in one step, are wrapped
 * (tests/meson.build has the flags). Sizes n, 2n and 4n: from the second to the third a linear cost grows
 * twice as much as from the first to the second, a quadratic one four times.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "signal_promises.h"

static uint64_t steps;

void __sanitizer_cov_trace_pc(void);
void *__wrap_memchr(const void *bytes, int byte, size_t len);
void *__real_memchr(const void *bytes, int byte, size_t len);
void *__wrap_memmem(const void *bytes, size_t len, const void *word, size_t word_len);
void *__real_memmem(const void *bytes, size_t len, const void *word, size_t word_len);

void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

/* Bytes from the first up to where it was found, or all of them. */
static uint64_t walked(const void *bytes, const void *found, size_t len)
{
    return found ? (uint64_t)((const char *)found - (const char *)bytes) : len;
}

void *__wrap_memchr(const void *bytes, int byte, size_t len)
{
    void *found = __real_memchr(bytes, byte, len);

    steps += walked(bytes, found, len);
    return found;
}

void *__wrap_memmem(const void *bytes, size_t len, const void *word, size_t word_len)
{
    void *found = __real_memmem(bytes, len, word, word_len);

    steps += walked(bytes, found, len);
    return found;
}

/* One shape of response that grows: `count` headers, or a value or a body of `count` times `piece`. */
struct shape {
    const char *what;
    const char *name;  /* of the headers; NULL: a body */
    const char *piece; /* "#" in it is the number of the piece */
    bool one_value;    /* all pieces are the value of one header */
    const char *before, *after;
    size_t count; /* n */
};

/* Writes piece number i, and returns its length. */
static size_t put_piece(char *out, size_t room, const char *piece, size_t i)
{
    const char *mark = strchr(piece, '#');
    int len = mark ? snprintf(out, room, "%.*s%zu%s", (int)(mark - piece), piece, i, mark + 1)
                   : snprintf(out, room, "%s", piece);

    return len > 0 && (size_t)len < room ? (size_t)len : 0;
}

static char *joined(const struct shape *shape, size_t count, size_t *len)
{
    size_t room = count * (strlen(shape->piece) + 8) + strlen(shape->before) + strlen(shape->after) + 16;
    char *text = malloc(room);

    if (!text)
        abort();
    *len = (size_t)snprintf(text, room, "%s", shape->before);
    for (size_t i = 0; i < count; i++)
        *len += put_piece(text + *len, room - *len, shape->piece, i);
    *len += (size_t)snprintf(text + *len, room - *len, "%s", shape->after);
    return text;
}

/* Steps of reading the response that has `count` pieces. */
static uint64_t read_shape(const struct shape *shape, size_t count)
{
    struct tq_response response = {.size = sizeof(response), .status = 429, .now_ns = NOON_NS};
    struct tq_usage usage = {.size = sizeof(usage)};
    struct tq_field *fields = calloc(count, sizeof(*fields));
    char(*names)[64] = calloc(count, sizeof(*names));
    size_t len;
    char *text = joined(shape, count, &len);

    assert_true(fields && names);
    response.fields = fields;
    if (!shape->name) {
        response.body = text;
        response.body_len = len;
    } else if (shape->one_value) {
        fields[0] = (struct tq_field){shape->name, strlen(shape->name), text, len};
        response.field_count = 1;
    } else {
        for (size_t i = 0; i < count; i++)
            fields[i] = (struct tq_field){names[i], put_piece(names[i], sizeof(names[i]), shape->name, i),
                                          shape->piece, strlen(shape->piece)};
        response.field_count = count;
    }
    steps = 0;
    signal_read_kept(response);
    tq_usage_read_fields(NULL, response.fields, response.field_count, &usage);
    if (response.body)
        tq_usage_read(NULL, response.body, response.body_len, &usage);
    free(text);
    free(names);
    free(fields);
    return steps;
}

static const struct shape shapes[] = {
    {"headers of no meaning", "x-filler-#", "1", false, "", "", 512},
    {"one header again and again", "x-ratelimit-remaining-requests", "1", false, "", "", 512},
    {"limits of Codex", "x-codex-#-primary-used-percent", "50", false, "", "", 1024},
    {"subscription windows", "anthropic-ratelimit-unified-#d-utilization", "0.5", false, "", "", 1024},
    {"RateLimit in many headers", "RateLimit", "\"p\";r=1", false, "", "", 1024},
    {"RateLimit in one", "RateLimit", "\"p#\";r=1,", true, "", "\"x\";r=1", 1024},
    {"policies in one header", "RateLimit-Policy", "\"p#\";q=1;w=1,", true, "", "\"x\";q=1", 1024},
    {"parameters of one item", "RateLimit", ";p#=1", true, "\"x\";r=1", "", 2048},
    {"a string without an end", "RateLimit", "\\\"", true, "\"", "", 4096},
    {"a duration of many parts", "x-ratelimit-reset-tokens", "1s", true, "", "", 4096},
    {"digits", "x-ratelimit-reset-tokens", "9", true, "", "", 8192},
    {"blanks", "retry-after", " ", true, "1", "1", 8192},
    {"a query string", "x-quota-snapshot-chat", "a#=1&", true, "", "rem=50", 2048},
    {"prose", NULL, "retry in ", false, "{\"error\":{\"message\":\"", "\"}}", 1024},
    {"violations", NULL, "{\"quotaId\":\"XPerDay#\"},", false,
     "{\"error\":{\"status\":\"RESOURCE_EXHAUSTED\",\"details\":["
     "{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\",\"violations\":[",
     "{}]}]}}", 768},
    {"a stream", NULL, "data: {\"choices\":[]}\n\n", false, "", "data: [DONE]\n\n", 768},
    {"errors in a stream", NULL, "data: {\"error\":{\"code\":429}}\n\n", false, "", "", 768},
    {"brackets", NULL, "[", false, "", "", 4096},
};

static bool grows_linearly(const uint64_t cost[3])
{
    return cost[2] - cost[1] <= (cost[1] - cost[0]) * 3 + 1000;
}

static void cost_is_linear(void **state)
{
    const struct shape *shape = *state;
    uint64_t cost[3];

    for (size_t i = 0; i < 3; i++)
        cost[i] = read_shape(shape, shape->count << i);
    print_message("# %s: %llu, %llu, %llu steps\n", shape->what, (unsigned long long)cost[0],
                  (unsigned long long)cost[1], (unsigned long long)cost[2]);
    assert_true(cost[0] > 0 && cost[1] >= cost[0] && cost[2] >= cost[1]);
    assert_true(grows_linearly(cost));
}

/* The same for a cost that is not. */
static void a_square_is_seen(void **state)
{
    static const uint64_t cost[3] = {1000 * 1000, 2000 * 2000, 4000 * 4000};

    (void)state;
    assert_false(grows_linearly(cost));
}

int main(void)
{
    struct CMUnitTest tests[sizeof(shapes) / sizeof(shapes[0]) + 1] = {cmocka_unit_test(a_square_is_seen)};

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        tests[i + 1] = (struct CMUnitTest){shapes[i].what, cost_is_linear, NULL, NULL, (void *)&shapes[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
