/* fuzz_ledger.c: any bytes as a ledger's file: refused or opened, and what is opened can be used.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first byte says what the others are:
 *
 * bit 0: set, the file; clear, patches to a small ledger that is sound, each [at, 3 bytes | length, 1 byte |
 * bytes]. One that begins behind the file's end cuts it to (at mod its length).
 * bit 1: set, the file is of another boot, so its index is made anew.
 * bit 2: set, the patches go to the same ledger in format 2, which is converted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tokenquota.h"
#include "target.h"

#define FORMAT_AT 8 /* docs/format.md */
#define FINGERPRINT_AT 16
#define SEED_AT 40
#define SLOTS_AT 232
#define LIMITS_AT 560
#define HEADER_BYTES 4096
#define BOOT_ID_AT 88
#define BOOT_ID_BYTES 16
#define FILE_MAX (1 << 20)
#define NOW_NS (INT64_C(20000) * 86400000000000 + 1)

static char folder[256], path[300];
static uint8_t sound[FILE_MAX], older[FILE_MAX], file[FILE_MAX];
static size_t sound_size;

static void remove_folder(void)
{
    unlink(path);
    rmdir(folder);
}

static void write_file(const uint8_t *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");

    HOLDS(stream && fwrite(bytes, 1, size, stream) == size);
    HOLDS(fclose(stream) == 0);
}

static size_t read_file(uint8_t bytes[FILE_MAX])
{
    FILE *stream = fopen(path, "rb");
    size_t size;

    HOLDS(stream);
    size = fread(bytes, 1, FILE_MAX, stream);
    fclose(stream);
    return size;
}

static struct tq_ledger *open_sound(void)
{
    struct tq_ledger_options options = {.size = sizeof options, .history_days = 8};
    struct tq_ledger *ledger;

    HOLDS(tq_ledger_open(&ledger, path, &options, NULL) == 0);
    return ledger;
}

/* The sound ledger in format 2. Its slots were 64 bytes shorter: mark to half hours, then the two words that
 * explain, then the days. Its header ended at the limits. */
static void make_older(void)
{
    const size_t slot = 256, old_slot = 192, slots = 64;
    uint64_t fingerprint, at;

    memcpy(older, sound, sound_size);
    older[FORMAT_AT] = 2;
    memcpy(&fingerprint, sound + FINGERPRINT_AT, 8);
    fingerprint -= UINT64_C(64) << 36;
    memcpy(older + FINGERPRINT_AT, &fingerprint, 8);
    memset(older + LIMITS_AT, 0, HEADER_BYTES - LIMITS_AT);
    memcpy(&at, sound + SLOTS_AT, 8);
    memset(older + at, 0, slots * slot);
    for (size_t i = 0; i < slots; i++) {
        const uint8_t *from = sound + at + i * slot;
        uint8_t *to = older + at + i * old_slot;

        memcpy(to, from, 112);
        memcpy(to + 112, from + 128, 16);
        memcpy(to + 128, from + 192, old_slot - 128);
    }
}

/* What a vendor says of a window: a refusal of it, or a reading. */
static struct tq_quota_signal said(int64_t now_ns, uint32_t percent, int refused)
{
    return (struct tq_quota_signal){.size = sizeof(struct tq_quota_signal),
                                    .refusal = refused ? TQ_CLASS_EXHAUSTED : TQ_CLASS_NONE,
                                    .binds = refused ? 0 : -1,
                                    .source = TQ_SOURCE_BODY,
                                    .said_at_ns = now_ns,
                                    .retry_at_ns = now_ns + INT64_C(7200000000000),
                                    .axis_count = 1,
                                    .axis[0] = {.known = TQ_AXIS_USED | TQ_AXIS_RESET,
                                                .used_ppm = percent * 10000,
                                                .window_ns = INT64_C(604800000000000),
                                                .reset_at_ns = now_ns + INT64_C(7200000000000)}};
}

/* What two calls hold of a provider. Nobody's: owners are others in each run. */
static void add_holds(struct tq_provider *provider)
{
    struct tq_amounts amounts = {.size = sizeof amounts, .known = 1u << TQ_UNIT_TOKENS};
    struct tq_hold hold = {.size = sizeof hold, .flags = TQ_HOLD_NOBODY};

    amounts.of[TQ_UNIT_TOKENS] = 1000;
    HOLDS(tq_provider_hold(provider, &amounts, INT64_C(3600000000000), NOW_NS, &hold) == 0);
    HOLDS(tq_provider_hold(provider, NULL, INT64_C(60000000000), NOW_NS, &hold) == 0);
}

/* Two limits of name-3, which is in the pool name-4. Of both a vendor states a window: that of the pool
 * blocks, and is doubted. */
static void add_limits(struct tq_ledger *ledger)
{
    const struct tq_limit limits[] = {
        {.size = sizeof limits[0], .unit = TQ_UNIT_TOKENS, .window = TQ_WINDOW_DAY},
        {.size = sizeof limits[0],
         .unit = TQ_UNIT_REQUESTS,
         .window = TQ_WINDOW_ROLLING,
         .length_ns = INT64_C(3600000000000)},
    };
    struct tq_provider *provider, *pool;

    HOLDS(tq_ledger_provider(ledger, "name-3", 6, 0, &provider) == 0);
    HOLDS(tq_ledger_provider(ledger, "name-4", 6, 0, &pool) == 0);
    HOLDS(tq_provider_set_pool(provider, pool) == 0);
    for (size_t i = 0; i < 2; i++)
        HOLDS(tq_provider_set_limit(provider, &limits[i], NULL) >= 0);
    for (int i = 0; i < 3; i++) {
        struct tq_quota_signal signal = said(NOW_NS + i * INT64_C(60000000000), 40 + 7 * (uint32_t)i, i == 0);

        if (i == 2)
            signal.axis[0].flags = TQ_AXIS_MODEL_ONLY;
        memcpy(signal.window_name[0], "opus", i == 2 ? 5 : 0);
        HOLDS(tq_provider_apply(provider, &signal) == TQ_QUOTA_EXHAUSTED);
    }
    add_holds(provider);
}

/* The ledger that patches go to: always the same, so that an input does the same in every run. */
static void make_sound(void)
{
    const char *shared = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    struct tq_tracker *tracker;
    struct tq_ledger *ledger;
    char name[16];

    HOLDS(snprintf(folder, sizeof folder, "%s/fuzz-ledger-XXXXXX", shared) > 0 && mkdtemp(folder));
    HOLDS(snprintf(path, sizeof path, "%s/ledger", folder) > 0 && atexit(remove_folder) == 0);
    tq_ledger_close(open_sound());
    sound_size = read_file(sound);
    memcpy(sound + SEED_AT, "the seed", 8);
    write_file(sound, sound_size);
    ledger = open_sound();
    tracker = tq_ledger_tracker(ledger);
    for (int i = 0; i < 40; i++) {
        HOLDS(snprintf(name, sizeof name, "name-%d", i) > 0);
        HOLDS(tq_tracker_record(tracker, name, 1 + i, NOW_NS - i % 3 * INT64_C(86400000000000), NULL) == 0);
    }
    HOLDS(tq_tracker_set_budget(tracker, "name-1", 1) == 0);
    HOLDS(tq_tracker_set_budget(tracker, "a name that is too long to have a place in the slot itself", 7) ==
          0);
    HOLDS(tq_store_mark_quota_exhausted(tq_ledger_store(ledger), "name-2", NOW_NS + 1000) == 0);
    add_limits(ledger);
    tq_ledger_close(ledger);
    sound_size = read_file(sound);
    make_older();
    write_file(older, sound_size);
    ledger = open_sound(); /* it is one */
    HOLDS(tq_tracker_used(tq_ledger_tracker(ledger), "name-39", NOW_NS) == 40);
    tq_ledger_close(ledger);
}

/* The input as a file; its size. */
static size_t make_file(const uint8_t *data, size_t size, unsigned how)
{
    size_t file_size = sound_size;

    if (how & 1) {
        file_size = size < FILE_MAX ? size : FILE_MAX;
        memcpy(file, data, file_size);
        if (file_size >= BOOT_ID_AT + BOOT_ID_BYTES)
            memcpy(file + BOOT_ID_AT, sound + BOOT_ID_AT, BOOT_ID_BYTES);
    } else {
        memcpy(file, how & 4 ? older : sound, sound_size);
        while (size >= 4 && file_size > 0) {
            size_t at = data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16;
            size_t len = data[3] < size - 4 ? data[3] : size - 4;

            if (at >= file_size)
                file_size = at % file_size;
            else
                memcpy(file + at, data + 4, len < file_size - at ? len : file_size - at);
            data += 4 + len;
            size -= 4 + len;
        }
    }
    if ((how & 2) && file_size >= BOOT_ID_AT + BOOT_ID_BYTES)
        file[BOOT_ID_AT] ^= 0xff;
    return file_size;
}

/* An answer that the header knows, in words. */
static int known(int answer)
{
    HOLDS(answer >= 0 ? answer <= 1 : strcmp(tq_error_name(answer), "TQ_EUNKNOWN") != 0);
    return answer;
}

/* What can be said and asked of windows. */
static void use_windows(struct tq_provider *provider)
{
    const int64_t later_ns = NOW_NS + INT64_C(600000000000);
    struct tq_limit_state limits[TQ_LIMITS_MAX] = {{.size = sizeof limits[0]}};
    struct tq_verdict verdict = {.size = sizeof verdict};
    struct tq_quota_signal signal;
    char text[512];
    int count;

    for (uint32_t i = 0; i < 6; i++) {
        signal = said(later_ns + i * INT64_C(1000000000), 20 * i, i % 2 != 0);
        known(tq_provider_apply(provider, &signal));
    }
    count = tq_provider_limits(provider, later_ns, limits, TQ_LIMITS_MAX);
    HOLDS(count <= TQ_LIMITS_MAX && (count >= 0 || known(count)));
    for (int i = 0; i < count; i++) {
        HOLDS(limits[i].number >= 1 && limits[i].number <= TQ_LIMITS_MAX);
        HOLDS(memchr(limits[i].limit.zone, '\0', sizeof limits[i].limit.zone));
        known(tq_provider_warn_take(provider, limits[i].number, 50, later_ns));
    }
    if (known(tq_provider_verdict(provider, later_ns, &verdict)) >= 0)
        HOLDS(tq_verdict_explain(&verdict, text, sizeof text) > 0);
    known(tq_provider_probe_take(provider, later_ns, NULL));
    known(tq_provider_probe_failure(provider, later_ns));
    known(tq_provider_success(provider, later_ns));
    known(tq_provider_mark_available_at(provider, later_ns));
}

/* What can be held, found and settled. */
static void use_holds(struct tq_ledger *ledger, struct tq_provider *provider)
{
    const int64_t lease_ns = INT64_C(600000000000);
    struct tq_amounts amounts = {.size = sizeof amounts, .known = 1u << TQ_UNIT_TOKENS | 1u << TQ_UNIT_COST};
    struct tq_usage usage = {.size = sizeof usage, .counted = 5, .known = TQ_USAGE_OUTPUT, .output = 5};
    struct tq_hold_state list[4] = {{.size = sizeof list[0]}};
    struct tq_hold holds[3] = {{.size = sizeof holds[0]},
                               {.size = sizeof holds[0], .flags = TQ_HOLD_NOBODY | TQ_USE_RESERVE},
                               {.size = sizeof holds[0]}};
    struct tq_hold found = {.size = sizeof found};
    char id[TQ_HOLD_ID_MAX];
    int count;

    amounts.of[TQ_UNIT_TOKENS] = 7;
    for (int i = 0; i < 3; i++) {
        if (known(tq_provider_hold(provider, i == 2 ? NULL : &amounts, lease_ns, NOW_NS, &holds[i])) != 0)
            continue;
        HOLDS(tq_hold_id(&holds[i], id, sizeof id) < (int)sizeof id);
        HOLDS(known(tq_ledger_hold(ledger, id, &found)) != 0 || found.levels == holds[i].levels);
        known(tq_hold_extend(&holds[i], 2 * lease_ns, NOW_NS));
    }
    count = tq_provider_holds(provider, NOW_NS, list, 4);
    HOLDS(count <= TQ_HOLDS_MAX && (count >= 0 || known(count)));
    for (int i = 0; i < count && i < 4; i++)
        known(tq_hold_cancel(&list[i].hold));
    known(tq_hold_settle(&holds[0], &usage, NOW_NS));
    known(tq_hold_settle(&holds[2], &usage, NOW_NS + lease_ns));
    known(tq_hold_cancel(&holds[1]));
}

static void use_provider(struct tq_ledger *ledger, struct tq_provider *provider)
{
    int64_t before, retry_at_ns;

    HOLDS(tq_provider_name(provider) && memchr(tq_provider_name(provider), '\0', TQ_NAME_MAX + 1));
    before = tq_provider_used(provider, NOW_NS);
    if (known(tq_provider_observe(provider, 3, NOW_NS, &retry_at_ns)) >= 0)
        HOLDS(before == INT64_MAX || tq_provider_used(provider, NOW_NS) == INT64_MAX ||
              tq_provider_used(provider, NOW_NS) == before + 3);
    known(tq_provider_record(provider, 1, NOW_NS + INT64_C(864000000000000), NULL));
    known(tq_provider_correct(provider, 2, NOW_NS));
    known(tq_provider_state(provider, NOW_NS, &retry_at_ns));
    use_windows(provider);
    use_holds(ledger, provider);
}

static void use(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    struct tq_exhausted list[4];
    struct tq_provider *provider;
    uint64_t cursor = 0;
    uint32_t seen = 0;
    char name[80];

    HOLDS(known(tq_ledger_check(ledger, &info, &error)) >= 0);
    if (info.faults != 0)
        check_message(error.msg, sizeof error.msg, 0xff);
    while (known(tq_ledger_walk(ledger, &cursor, &provider)) == 0)
        use_provider(ledger, provider);
    for (int i = 0; i < 300; i++) {
        HOLDS(snprintf(name, sizeof name,
                       i % 4 ? "name-%d" : "another name that has no place in the slot itself, %d", i) > 0);
        known(tq_tracker_record(tq_ledger_tracker(ledger), name, 1, NOW_NS, NULL));
    }
    tq_store_all_exhausted(tq_ledger_store(ledger), list, 4);
    known(tq_ledger_wait(ledger, &seen, 0));
    known(tq_ledger_statistics(ledger, &info));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tq_ledger_options reading = {.size = sizeof reading, .flags = TQ_OPEN_READ_ONLY};
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger, *reader;
    int answer;

    if (sound_size == 0)
        make_sound();
    if (size == 0)
        return 0;
    write_file(file, make_file(data + 1, size - 1, data[0]));
    if (known(tq_ledger_open(&reader, path, &reading, &error)) == 0) {
        struct tq_ledger_info info = {.size = sizeof info};

        HOLDS(known(tq_ledger_check(reader, &info, NULL)) >= 0);
        tq_ledger_close(reader);
    }
    answer = known(tq_ledger_open(&ledger, path, NULL, &error));
    HOLDS(answer <= 0 && (answer == 0) == (ledger != NULL));
    if (answer < 0)
        check_message(error.msg, sizeof error.msg, 0xff);
    else
        use(ledger);
    tq_ledger_close(ledger);
    unlink(path);
    return 0;
}
