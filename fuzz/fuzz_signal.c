/* fuzz_signal.c: any bytes, read as a response: what the header promises of a signal holds.
 *
 * SPDX-License-Identifier: MIT
 *
 * An input is a line that begins with the name of a profile, and a response as `curl -si` prints
 * it. */
#include <stdlib.h>
#include <string.h>

#include "tokenquota_signals.h"
#include "target.h"

#define FIELDS_MAX 64
#define NOW_NS INT64_C(1795176000000000000)
#define DAY_NS INT64_C(86400000000000)

/* An input, cut up. */
struct input {
    const char *at;
    const char *end;
};

/* Memory of its own for each text, so that a read behind its end is seen. */
static char *copy(const char *text, size_t len)
{
    char *own = malloc(len ? len : 1);

    HOLDS(own);
    if (len)
        memcpy(own, text, len);
    return own;
}

/* The next line; false when there is none. */
static int next_line(struct input *input, const char **line, size_t *len)
{
    const char *end;

    if (input->at == input->end)
        return 0;
    end = memchr(input->at, '\n', (size_t)(input->end - input->at));
    *line = input->at;
    *len = (size_t)((end ? end : input->end) - input->at);
    input->at = end ? end + 1 : input->end;
    return 1;
}

static const struct tq_profile *read_profile(struct input *input)
{
    const char *line = "";
    size_t len = 0, word = 0;

    next_line(input, &line, &len);
    while (word < len && line[word] != ' ')
        word++;
    return tq_profile_find(line, word);
}

static uint32_t read_status(struct input *input)
{
    const char *line = "";
    size_t len = 0;
    uint32_t status = 0;

    next_line(input, &line, &len);
    for (size_t i = 0; i < len; i++)
        if (line[i] >= '0' && line[i] <= '9' && status < 1000)
            status = status * 10 + (uint32_t)(line[i] - '0');
        else if (line[i] == ' ')
            status = 0;
    return status;
}

/* Headers until an empty line; a line without a colon is a name without a value. */
static size_t read_fields(struct input *input, struct tq_field *fields)
{
    const char *line;
    size_t len, count = 0;

    while (count < FIELDS_MAX && next_line(input, &line, &len) && len > 0) {
        const char *colon = memchr(line, ':', len);
        size_t name_len = colon ? (size_t)(colon - line) : len;
        size_t value_len = colon ? len - name_len - 1 : 0;

        fields[count++] = (struct tq_field){copy(line, name_len), name_len,
                                            copy(line + len - value_len, value_len), value_len};
    }
    return count;
}

static void check_axis(const struct tq_axis *axis)
{
    HOLDS(axis->known || axis->flags);
    HOLDS(axis->what <= TQ_AXIS_CONCURRENCY);
    HOLDS(axis->window_ns >= 0 && axis->limit >= 0 && axis->remaining >= 0);
    HOLDS(axis->known & TQ_AXIS_LIMIT || axis->limit == 0);
    HOLDS(axis->known & TQ_AXIS_REMAINING || axis->remaining == 0);
    HOLDS(axis->known & TQ_AXIS_USED || axis->used_ppm == 0);
    HOLDS(axis->known & TQ_AXIS_RESET ? axis->reset_at_ns >= NOW_NS : axis->reset_at_ns == 0);
}

static void check_signal(const struct tq_quota_signal *signal)
{
    int64_t days = signal->refusal == TQ_CLASS_EXHAUSTED || signal->refusal == TQ_CLASS_NO_MONEY ? 180 : 1;

    HOLDS(signal->refusal <= TQ_CLASS_TOO_LARGE);
    HOLDS(signal->retry_at_ns == 0 ||
          (signal->retry_at_ns >= NOW_NS && signal->retry_at_ns <= NOW_NS + days * DAY_NS));
    HOLDS((signal->retry_at_ns != 0) == (signal->source != TQ_SOURCE_NONE));
    HOLDS(signal->refusal != TQ_CLASS_NONE || signal->retry_at_ns == 0);
    HOLDS(signal->axis_count <= TQ_AXES_MAX);
    HOLDS(signal->binds >= -1 && signal->binds < (int32_t)signal->axis_count);
    HOLDS(signal->said_at_ns == NOW_NS);
    HOLDS(!(signal->flags & TQ_SIGNAL_READING) || !(signal->flags & TQ_SIGNAL_SUCCESS));
    for (uint32_t i = 0; i < signal->axis_count; i++) {
        check_axis(&signal->axis[i]);
        HOLDS(memchr(signal->window_name[i], '\0', TQ_WINDOW_NAME_MAX));
    }
}

/* Reads it twice: the answers are the same, and nothing is kept between them. */
static void read_signal(const struct tq_response *response)
{
    struct tq_quota_signal first, second;
    int answer;

    memset(&first, 0, sizeof(first));
    memset(&second, 0xff, sizeof(second));
    first.size = second.size = sizeof(first);
    answer = tq_signal_read(response, &first);
    HOLDS(answer == 0 || answer == 1);
    check_signal(&first);
    HOLDS(tq_signal_read(response, &second) == answer);
    check_signal(&second);
    HOLDS(first.refusal == second.refusal && first.retry_at_ns == second.retry_at_ns);
    HOLDS(first.axis_count == second.axis_count && first.anomalies == second.anomalies);
    HOLDS(memcmp(first.axis, second.axis, first.axis_count * sizeof(first.axis[0])) == 0);
    HOLDS(!response->profile || first.profile == tq_profile_id(response->profile));
}

static void read_rest(const struct tq_response *response)
{
    struct tq_quota_signal signal = {.size = sizeof(signal)};
    struct tq_usage usage = {.size = sizeof(usage)};
    int answer = tq_usage_read_fields(response->profile, response->fields, response->field_count, &usage);

    HOLDS(answer == 0 || (answer == 1 && usage.known == 0));
    HOLDS(usage.input >= 0 && usage.cache_read >= 0 && usage.cache_write >= 0 && usage.output >= 0);
    HOLDS(usage.counted >= 0);
    if (response->body &&
        tq_signal_read_limits(response->profile, response->body, response->body_len, NOW_NS, &signal) >= 0)
        check_signal(&signal);
    if (response->body && tq_signal_statusline(response->body, response->body_len, NOW_NS, &signal) == 0)
        check_signal(&signal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {(const char *)data, (const char *)data + size};
    struct tq_field fields[FIELDS_MAX];
    struct tq_response response = {.size = sizeof(response), .fields = fields, .now_ns = NOW_NS};
    char *body;

    response.profile = read_profile(&input);
    response.status = read_status(&input);
    response.field_count = read_fields(&input, fields);
    response.body_len = (size_t)(input.end - input.at);
    response.day = response.body_len % 2 ? TQ_DAY_OF_UTC : TQ_DAY_OF_VENDOR;
    body = copy(input.at, response.body_len);
    response.body = response.body_len ? body : NULL;
    read_signal(&response);
    read_rest(&response);
    response.profile = NULL;
    read_signal(&response);
    free(body);
    for (size_t i = 0; i < response.field_count; i++) {
        free((char *)fields[i].name);
        free((char *)fields[i].value);
    }
    return 0;
}
