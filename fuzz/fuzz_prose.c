/* fuzz_prose.c: any bytes, read as the message of an error: an end that it names is ahead, and bounded.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first byte chooses the vendor, whose zone the times have.
 */
#include "tokenquota_signals.h"

#include "target.h"

#define NOW_NS INT64_C(1795176000000000000)
#define DAY_NS INT64_C(86400000000000)

static const char before[] = "{\"error\":{\"message\":\"";
static const char after[] = "\"}}";

/* The bytes as the text of a JSON string; what JSON does not allow becomes a blank. */
static char *body_of(const uint8_t *data, size_t size, size_t *len)
{
    char *body = malloc(sizeof before + size + sizeof after);

    HOLDS(body);
    memcpy(body, before, sizeof before - 1);
    *len = sizeof before - 1;
    for (size_t i = 0; i < size; i++)
        body[(*len)++] = data[i] < 0x20 || data[i] == '"' || data[i] == '\\' ? ' ' : (char)data[i];
    memcpy(body + *len, after, sizeof after - 1);
    *len += sizeof after - 1;
    return body;
}

static void check(const struct tq_response *response)
{
    struct tq_quota_signal first = {.size = sizeof(first)}, second = {.size = sizeof(second)};
    int answer = tq_signal_read(response, &first);

    HOLDS(answer == 0 || answer == 1);
    HOLDS(first.retry_at_ns == 0 ||
          (first.retry_at_ns >= NOW_NS && first.retry_at_ns <= NOW_NS + 180 * DAY_NS));
    HOLDS((first.retry_at_ns != 0) == (first.source != TQ_SOURCE_NONE));
    /* A wait of more than an hour is no throttle. */
    HOLDS(first.refusal != TQ_CLASS_THROTTLED || first.retry_at_ns <= NOW_NS + DAY_NS / 24);
    HOLDS(tq_signal_read(response, &second) == answer);
    HOLDS(first.refusal == second.refusal && first.retry_at_ns == second.retry_at_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tq_response response = {.size = sizeof(response), .status = 429, .now_ns = NOW_NS};
    char *body;

    if (size == 0)
        return 0;
    body = body_of(data + 1, size - 1, &response.body_len);
    response.body = body;
    check(&response);
    response.profile = tq_profile_at(*data);
    if (response.profile)
        check(&response);
    free(body);
    return 0;
}
