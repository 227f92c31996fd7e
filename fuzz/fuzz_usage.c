/* fuzz_usage.c: any bytes, read as a response: whole and in pieces they use the same.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first two bytes of an input are the lengths of the pieces, in turn; the rest is the
 * response. */
#include <stdlib.h>
#include <string.h>

#include "tokenquota_signals.h"
#include "target.h"

#define NOW_NS INT64_C(1764000000000000000)

static void check_count(const struct tq_usage *usage, uint32_t bit, int64_t count)
{
    HOLDS(count >= 0);
    HOLDS((usage->known & bit) || count == 0);
}

static void check_usage(int answer, const struct tq_usage *usage)
{
    HOLDS(answer == 0 || answer == 1);
    HOLDS((answer == 0) == (usage->known != 0));
    HOLDS(usage->requests == (answer == 0));
    check_count(usage, TQ_USAGE_INPUT, usage->input);
    check_count(usage, TQ_USAGE_CACHE_READ, usage->cache_read);
    check_count(usage, TQ_USAGE_CACHE_WRITE, usage->cache_write);
    check_count(usage, TQ_USAGE_OUTPUT, usage->output);
    check_count(usage, TQ_USAGE_REASONING, usage->reasoning);
    check_count(usage, TQ_USAGE_TOTAL, usage->total);
    HOLDS(usage->counted >= usage->input && usage->counted >= usage->output);
    HOLDS(!(usage->known & TQ_USAGE_OUTPUT) || usage->reasoning <= usage->output);
}

/* Fed in pieces of two lengths in turn. */
static int read_in_pieces(const char *bytes, size_t len, const size_t piece[2], struct tq_usage *usage,
                          struct tq_quota_signal *signal)
{
    struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
    size_t at = 0;
    int answer;

    HOLDS(stream);
    for (int turn = 0; at < len; turn = !turn) {
        size_t n = piece[turn] < len - at ? piece[turn] : len - at;

        HOLDS(tq_usage_stream_feed(stream, bytes + at, n) == 0);
        at += n;
    }
    answer = tq_usage_stream_read(stream, 0, NOW_NS, usage, signal);
    check_usage(answer, usage);
    HOLDS(signal->retry_at_ns == 0 || signal->retry_at_ns >= NOW_NS);
    HOLDS(signal->axis_count <= TQ_AXES_MAX);
    tq_usage_stream_free(stream);
    return answer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tq_usage whole, cut, body = {.size = sizeof(body)};
    struct tq_quota_signal whole_signal, cut_signal;
    size_t all[2], pieces[2];
    const char *bytes;
    int answer;

    if (size < 2)
        return 0;
    bytes = (const char *)data + 2;
    size -= 2;
    all[0] = all[1] = size + 1;
    pieces[0] = (size_t)data[0] + 1;
    pieces[1] = (size_t)data[1] + 1;
    /* Compared byte by byte: what is between the members must not differ. */
    memset(&whole_signal, 0, sizeof(whole_signal));
    memset(&cut_signal, 0, sizeof(cut_signal));
    whole.size = cut.size = sizeof(whole);
    whole_signal.size = cut_signal.size = sizeof(whole_signal);
    answer = read_in_pieces(bytes, size, all, &whole, &whole_signal);
    HOLDS(read_in_pieces(bytes, size, pieces, &cut, &cut_signal) == answer);
    HOLDS(memcmp(&whole, &cut, sizeof(whole)) == 0);
    HOLDS(memcmp(&whole_signal, &cut_signal, sizeof(whole_signal)) == 0);

    HOLDS(tq_usage_read(NULL, bytes, size, &body) == answer);
    check_usage(answer, &body);
    if (answer == 1)
        whole.flags = 0;
    HOLDS(memcmp(&whole, &body, sizeof(whole)) == 0);
    return 0;
}
