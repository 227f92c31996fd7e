/* entry.c: what the entries of all sources have in common: keys, ranks, instants, names of vendors.
 *
 * SPDX-License-Identifier: MIT
 *
 * Keys are kept on disk for weeks and compared with those of later versions: the results of the functions for
 * keys and ranks must never change. The hash is FNV-1a, whose weak high bits are mixed at the end. A user
 * gains nothing by making two responses of their own log collide.
 */
#include "entry.h"

#include <string.h>

#include "base/time.h"
#include "error.h"

#define FNV_BEGIN UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

#define STAMP_BYTES 64 /* of a time without an offset */

#define RANK_TOTAL_MAX ((INT64_C(1) << 38) - 1)

/* ---- keys ------------------------------------------------------------------------------------ */

void tq__log_hash_bytes(struct tq__log_hash *hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t value = hash->value;

    for (size_t i = 0; i < len; i++)
        value = (value ^ at[i]) * FNV_PRIME;
    hash->value = value;
}

void tq__log_hash_number(struct tq__log_hash *hash, uint64_t number)
{
    uint64_t value = hash->value;

    for (int i = 0; i < 8; i++, number >>= 8)
        value = (value ^ (number & 0xff)) * FNV_PRIME;
    hash->value = value;
}

void tq__log_hash_text(struct tq__log_hash *hash, struct tq__span text)
{
    tq__log_hash_bytes(hash, text.at, text.len);
    tq__log_hash_number(hash, text.len);
}

struct tq__log_hash tq__log_hash_begin(uint32_t source, const char *kind)
{
    struct tq__log_hash hash = {FNV_BEGIN};

    tq__log_hash_number(&hash, source);
    tq__log_hash_text(&hash, tq__span_of(kind));
    return hash;
}

uint64_t tq__log_hash_end(struct tq__log_hash hash)
{
    uint64_t value = hash.value;

    value = (value ^ value >> 33) * UINT64_C(0xff51afd7ed558ccd);
    value = (value ^ value >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    value ^= value >> 33;
    return value != 0 ? value : 1;
}

uint64_t tq__log_key_of_place(uint32_t source, const struct tq__log_piece *piece)
{
    struct tq__log_hash hash = tq__log_hash_begin(source, "place");

    tq__log_hash_number(&hash, piece->offset);
    tq__log_hash_text(&hash, (struct tq__span){piece->text, piece->len});
    return tq__log_hash_end(hash);
}

uint64_t tq__log_key_of_counts(uint32_t source, const struct tq_log_entry *entry)
{
    struct tq__log_hash hash = tq__log_hash_begin(source, "counts");
    const struct tq_usage *usage = &entry->usage;

    tq__log_hash_number(&hash, (uint64_t)entry->at_ns);
    tq__log_hash_text(&hash, tq__span_of(entry->model));
    tq__log_hash_number(&hash, (uint64_t)usage->input);
    tq__log_hash_number(&hash, (uint64_t)usage->cache_read);
    tq__log_hash_number(&hash, (uint64_t)usage->cache_write);
    tq__log_hash_number(&hash, (uint64_t)usage->output);
    return tq__log_hash_end(hash);
}

uint64_t tq__log_rank(const struct tq_usage *usage, bool preferred, bool tie)
{
    int64_t total = tq__add_saturated(tq__usage_counted(usage), usage->cache_read);

    if (total > RANK_TOTAL_MAX)
        total = RANK_TOTAL_MAX;
    return (uint64_t)preferred << 39 | (uint64_t)total << 1 | (uint64_t)tie;
}

void tq__log_set_key(struct tq_log_entry *entry, uint64_t key, uint32_t source,
                     const struct tq__log_piece *piece)
{
    entry->key = key != 0 ? key : tq__log_key_of_place(source, piece);
    entry->flags |= key != 0 ? 0 : TQ_LOG_ENTRY_NO_KEY;
}

/* ---- what a piece says ----------------------------------------------------------------------- */

int tq__log_take_usage(struct tq_log_entry *entry, const struct tq__log_usage *usage, bool preferred,
                       bool tie, struct tq_log_error *error)
{
    const struct tq__usage_fault *fault = &usage->fault;
    uint32_t requests = entry->usage.requests;

    if (fault->why != 0)
        return tq__log_fail_value(error, entry->line, fault->key, fault->why, fault->text);
    tq__counts_usage(&usage->counts, false, &entry->usage);
    entry->usage.requests = requests;
    entry->rank = tq__log_rank(&entry->usage, preferred, tie);
    return 0;
}

void tq__log_settle_by_total(struct tq__counts *counts)
{
    int64_t *count = counts->count, cached = count[TQ__READ_WITHIN], thoughts = count[TQ__THOUGHTS];
    int64_t sum = tq__add_saturated(tq__add_saturated(count[TQ__WHOLE_INPUT], count[TQ__VISIBLE_OUTPUT]),
                                    count[TQ__TOOL_INPUT]);

    if (!(counts->known >> TQ__TOTAL & 1))
        return;
    if (thoughts > 0 && thoughts <= count[TQ__VISIBLE_OUTPUT] && count[TQ__TOTAL] == sum)
        count[TQ__VISIBLE_OUTPUT] -= thoughts;
    else if (cached > 0 && count[TQ__TOTAL] == tq__add_saturated(tq__add_saturated(sum, thoughts), cached))
        count[TQ__WHOLE_INPUT] = tq__add_saturated(count[TQ__WHOLE_INPUT], cached);
}

bool tq__log_used_any(const struct tq_usage *usage)
{
    return usage->input > 0 || usage->cache_read > 0 || usage->cache_write > 0 || usage->output > 0;
}

int tq__log_take_instant(struct tq_log_entry *entry, const struct tq__json_item *item, bool numbers,
                         const char *name, struct tq_log_error *error)
{
    struct tq__span text =
        item->kind == TQ__JSON_NUMBER && !numbers ? (struct tq__span){0} : tq__log_scalar(item);
    int fault = tq__time_read(text, &entry->at_ns);

    return fault != 0 ? tq__log_fail_value(error, entry->line, tq__span_of(name), fault, text) : 0;
}

/* What is missing of an offset at the end of a time: tables have times in UTC without one, and Postgres
 * writes +00 where minutes are 0. */
static const char *missing_offset(struct tq__span text, int fault)
{
    if (fault == TQ__NO_OFFSET)
        return "Z";
    if (text.len > 12 && (text.at[text.len - 3] == '+' || text.at[text.len - 3] == '-') &&
        memchr(text.at, ':', text.len))
        return ":00";
    return NULL;
}

int tq__log_read_utc(struct tq__span text, int64_t *at_ns)
{
    int fault = tq__time_read(text, at_ns);
    const char *missing = fault != 0 ? missing_offset(text, fault) : NULL;
    char stamp[STAMP_BYTES];

    if (!missing || text.len == 0 || text.len + strlen(missing) > sizeof(stamp))
        return fault;
    memcpy(stamp, text.at, text.len);
    memcpy(stamp + text.len, missing, strlen(missing));
    return tq__time_read((struct tq__span){stamp, text.len + strlen(missing)}, at_ns);
}

int tq__log_take_utc(struct tq_log_entry *entry, const struct tq__json_item *item, const char *name,
                     struct tq_log_error *error)
{
    struct tq__span text = tq__log_scalar(item);
    int fault = tq__log_read_utc(text, &entry->at_ns);

    return fault != 0 ? tq__log_fail_value(error, entry->line, tq__span_of(name), fault, text) : 0;
}

bool tq__log_has_word(const char *text, size_t len, const char *const *words)
{
    while (*words && !memmem(text, len, *words, strlen(*words)))
        words++;
    return *words != NULL;
}

const char *tq__log_copy(const struct tq__json_item *item, char *out, size_t out_size)
{
    tq__json_copy(item, out, out_size);
    return out;
}

void tq__log_copy_span(struct tq__span text, char *out, size_t out_size)
{
    size_t len = text.len < out_size - 1 ? text.len : out_size - 1;

    if (len > 0)
        memcpy(out, text.at, len);
    out[len] = '\0';
}

const char *tq__log_vendor(const char *name)
{
    static const struct {
        const char *theirs, *ours;
    } names[] = {
        {"amazon-bedrock", "bedrock"},   {"google-vertex", "vertex"},
        {"aws.bedrock", "bedrock"},      {"aws_bedrock", "bedrock"},
        {"bedrock_converse", "bedrock"}, {"gcp.gemini", "google"},
        {"gcp.gen_ai", "google"},        {"gemini", "google"},
        {"gcp.vertex_ai", "vertex"},     {"vertex_ai", "vertex"},
        {"vertex_ai_beta", "vertex"},    {"google-vertex-anthropic", "vertex"},
        {"github-copilot", "copilot"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i].theirs) == 0)
            return names[i].ours;
    }
    return name;
}

int64_t tq__log_cost_of(const struct tq__json_item *item, int scale)
{
    struct tq__number number;
    int64_t nano;
    bool exact;

    if (tq__number_read(tq__log_scalar(item), &number) != 0 ||
        tq__number_scale(&number, scale, &nano, &exact) != 0 || nano < 0)
        return -1;
    return nano;
}
