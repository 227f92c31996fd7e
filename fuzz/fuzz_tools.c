/* fuzz_tools.c: any bytes, read as the log of a tool: in one go, in two steps, and while it grows.
 *
 * SPDX-License-Identifier: MIT
 *
 *     byte 0   the source, by its id; what is no id chooses one by its remainder
 *     byte 1   after how many answers the first of two steps ends, and where the growing file is cut
 *     rest     the log
 *
 * With TQ_FUZZ_SOURCE, the name of a source, logs of other sources are passed over (make fuzz SOURCE=NAME).
 *
 * What was read in one go is the truth. A reader that is opened where another one was gives the rest of it;
 * it may begin earlier (a whole document has no place inside it), never later, and never gives anything else.
 * A file that was read up to a line's end and grows gives the same as one that was whole at once. And a state
 * that was damaged on the disk may give anything, but from the bytes of the file and within the promises of
 * each entry.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tokenquota_logs.h"
#include "target.h"

#define ANSWERS_MAX 4096 /* what comes after so many is read, but not compared */

/* Answers as numbers: what an entry or a bad line says, mixed into one. */
struct answers {
    uint64_t of[ANSWERS_MAX];
    size_t count;
};

static struct answers whole, steps;

static uint64_t mix(uint64_t hash, const void *data, size_t len)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t mix_number(uint64_t hash, uint64_t number)
{
    return mix(hash, &number, sizeof number);
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    HOLDS(text);
    return mix(hash, text, strlen(text) + 1);
}

static void check_usage(const struct tq_usage *usage)
{
    const int64_t counts[] = {usage->input,  usage->cache_read, usage->cache_write,
                              usage->output, usage->reasoning,  usage->total};

    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++)
        HOLDS(usage->known >> i & 1 ? counts[i] >= 0 : counts[i] == 0);
    HOLDS(usage->counted >= 0 && (!(usage->known & TQ_USAGE_OUTPUT) || usage->reasoning <= usage->output));
}

static uint64_t mix_signal(uint64_t hash, const struct tq_quota_signal *signal)
{
    HOLDS(signal->axis_count <= TQ_AXES_MAX);
    hash = mix_number(mix_number(hash, signal->refusal), (uint64_t)signal->retry_at_ns);
    for (uint32_t i = 0; i < signal->axis_count; i++)
        hash = mix_number(mix_number(hash, signal->axis[i].used_ppm), (uint64_t)signal->axis[i].reset_at_ns);
    return hash;
}

static uint64_t mix_entry(const struct tq_log_entry *entry)
{
    const struct tq_usage *usage = &entry->usage;
    uint64_t hash = mix_number(mix_number(1, entry->key), entry->rank);

    HOLDS(entry->key != 0 && entry->cost_nano_usd >= -1);
    check_usage(usage);
    hash = mix_number(mix_number(hash, entry->line), (uint64_t)entry->at_ns);
    hash = mix_number(mix_number(hash, entry->flags), (uint64_t)entry->cost_nano_usd);
    hash = mix_number(mix_number(hash, usage->known), (uint64_t)usage->counted);
    hash = mix_number(mix_number(hash, (uint64_t)usage->input), (uint64_t)usage->output);
    hash = mix_number(mix_number(hash, (uint64_t)usage->cache_read), (uint64_t)usage->cache_write);
    hash = mix_number(mix_number(hash, (uint64_t)usage->reasoning), (uint64_t)usage->total);
    hash = mix_text(mix_text(hash, entry->vendor), entry->model);
    hash = mix_text(mix_text(hash, entry->account), entry->session);
    hash = mix_text(hash, entry->project);
    return entry->signal ? mix_signal(hash, entry->signal) : hash;
}

static void add(struct answers *answers, uint64_t answer)
{
    if (answers->count < ANSWERS_MAX)
        answers->of[answers->count] = answer;
    answers->count++;
}

/* Reads up to `most` answers; 1 when the log has come to its end. */
static int read_some(struct tq_log_reader *reader, struct answers *answers, size_t most, size_t size)
{
    uint64_t done_bytes, total_bytes;
    struct tq_log_error error;

    for (size_t i = 0; i < most; i++) {
        struct tq_log_entry entry = {.size = sizeof entry};
        int answer = tq_log_reader_next(reader, &entry, &error);

        HOLDS(i <= size + 1); /* so it comes to an end */
        tq_log_reader_progress(reader, &done_bytes, &total_bytes);
        HOLDS(done_bytes <= total_bytes);
        if (answer < 0)
            check_message(error.msg, sizeof error.msg, 0x7e);
        if (answer == TQ_LOG_RECORD)
            add(answers, mix_entry(&entry));
        else if (answer == TQ_LOG_BAD_LINE && !strstr(error.msg, " wait for its end")) /* a warning */
            add(answers, mix_number(2, error.line));
        else if (answer != TQ_LOG_BAD_LINE)
            return 1;
    }
    return 0;
}

static char path[64];

static void write_file(const uint8_t *data, size_t size)
{
    static int fd = -1;

    if (fd < 0) {
        fd = memfd_create("fuzz_tools", 0);
        HOLDS(fd >= 0 && snprintf(path, sizeof path, "/proc/self/fd/%d", fd) > 0);
    }
    HOLDS(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
}

static struct tq_log_reader *open_file(const struct tq_log_source *source, const struct tq_log_state *state)
{
    struct tq_log_reader *reader;
    struct tq_log_error error;
    int restarted = -1, answer = tq_log_reader_open(&reader, source, path, state, &restarted, &error);

    HOLDS((answer == 0) == (reader != NULL) && (answer == 0 || answer == TQ_LOG_BROKEN));
    if (!reader)
        check_message(error.msg, sizeof error.msg, 0x7e);
    HOLDS(!reader || restarted == 0 || restarted == 1);
    return reader;
}

/* Is what came the end of the whole, at least from answer `from` on? */
static void check_rest(size_t from)
{
    if (whole.count > ANSWERS_MAX || steps.count > ANSWERS_MAX)
        return;
    HOLDS(steps.count <= whole.count && steps.count >= whole.count - from);
    HOLDS(memcmp(steps.of, whole.of + (whole.count - steps.count), steps.count * sizeof steps.of[0]) == 0);
}

static void read_in_two_steps(const struct tq_log_source *source, const uint8_t *data, size_t size,
                              size_t first)
{
    struct tq_log_state state = {.size = sizeof state};
    struct tq_log_reader *reader;

    reader = open_file(source, NULL);
    HOLDS(reader);
    steps.count = 0;
    read_some(reader, &steps, first, size);
    first = steps.count;
    tq_log_reader_state(reader, &state);
    tq_log_reader_close(reader);
    HOLDS(state.offset <= size && state.source == tq_log_source_id(source));
    reader = open_file(source, &state);
    HOLDS(reader);
    steps.count = 0;
    read_some(reader, &steps, SIZE_MAX, size);
    tq_log_reader_close(reader);
    check_rest(first);
    for (size_t i = 0; i < sizeof state && size > 0; i++)
        ((uint8_t *)&state)[i] ^= data[i * 31 % size] & data[i * 17 % size];
    state.size = sizeof state;
    reader = open_file(source, &state);
    if (reader)
        read_some(reader, &steps, SIZE_MAX, size);
    tq_log_reader_close(reader);
}

static int compressed(const uint8_t *data, size_t size)
{
    return size >= 2 && (memcmp(data, "\x1f\x8b", 2) == 0 || memcmp(data, "\x28\xb5", 2) == 0);
}

static void read_while_it_grows(const struct tq_log_source *source, const uint8_t *data, size_t size,
                                size_t lines)
{
    struct tq_log_reader *reader;
    size_t cut = 0;

    while (lines-- > 0 && cut < size) {
        const uint8_t *end = memchr(data + cut, '\n', size - cut);

        cut = end ? (size_t)(end - data) + 1 : cut;
    }
    if (cut == 0 || compressed(data, size))
        return;
    write_file(data, cut);
    reader = open_file(source, NULL);
    if (!reader)
        return;
    steps.count = 0;
    HOLDS(read_some(reader, &steps, SIZE_MAX, size));
    write_file(data, size);
    HOLDS(read_some(reader, &steps, SIZE_MAX, size));
    tq_log_reader_close(reader);
    check_rest(0);
}

static const struct tq_log_source *source_of(uint8_t byte)
{
    const struct tq_log_source *source;
    size_t count = 0;

    for (; (source = tq_log_source_at(count)); count++)
        if (tq_log_source_id(source) == byte)
            return source;
    HOLDS(count > 0);
    return tq_log_source_at(byte % count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tq_log_source *source;
    struct tq_log_reader *reader;
    struct tq_log_error error;
    int answer;

    if (size < 2)
        return 0;
    source = source_of(data[0]);
    if (!is_wanted(tq_log_source_name(source)))
        return 0;
    if (tq_log_source_has_database(source) &&
        (size == 2 || memcmp(data + 2, "SQLite", size < 8 ? size - 2 : 6) == 0))
        return 0; /* fuzz_database.c reads it */
    /* A key may be made of the file's name, which memory has not: the truth is what the file gives. */
    answer = tq_log_reader_open_memory(&reader, source, data + 2, size - 2, &error);
    HOLDS((answer == 0) == (reader != NULL) && (answer == 0 || answer == TQ_LOG_BROKEN));
    steps.count = 0;
    if (reader)
        read_some(reader, &steps, SIZE_MAX, size);
    else
        check_message(error.msg, sizeof error.msg, 0x7e);
    tq_log_reader_close(reader);
    write_file(data + 2, size - 2);
    whole.count = 0;
    reader = open_file(source, NULL);
    HOLDS((reader != NULL) == (answer == 0));
    if (!reader)
        return 0;
    read_some(reader, &whole, SIZE_MAX, size);
    tq_log_reader_close(reader);
    HOLDS(whole.count == steps.count);
    read_in_two_steps(source, data + 2, size - 2, data[1] & 15);
    read_while_it_grows(source, data + 2, size - 2, data[1] >> 4);
    return 0;
}
