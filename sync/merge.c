/* merge.c: which of two entries and of two words is kept, and how entries are written.
 *
 * SPDX-License-Identifier: MIT
 */
#include "merge.h"

#include <string.h>

#include "base/number.h"

bool sync_is_node(struct tq__span name)
{
    if (name.len == 0 || name.len > SYNC_NODE_MOST || name.at[0] == ':')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] <= ' ' || name.at[i] > '~')
            return false;
    return true;
}

bool sync_number_read(struct tq__span text, int64_t most, int64_t *number)
{
    int64_t value = 0;

    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!tq__is_digit(text.at[i]))
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, text.at[i] - '0', &value) || value > most)
            value = most;
    }
    *number = value;
    return true;
}

bool sync_entry_read(struct tq__span text, struct sync_entry *entry)
{
    /* One more than what is allowed stands for all that is too much; claims are only bounded. */
    static const int64_t most[6] = {SYNC_EXACT,          SYNC_EXACT,      SYNC_TOTAL_MOST + 1,
                                    SYNC_TOTAL_MOST + 1, SYNC_TOTAL_MOST, SYNC_EXACT - 1};
    int64_t numbers[6];

    for (size_t i = 0; i < 6; i++) {
        bool is_last = i == 5;

        if (!is_last && (text.len == 0 || !memchr(text.at, ' ', text.len)))
            return false;
        if (!sync_number_read(is_last ? text : tq__span_cut(&text, ' '), most[i], &numbers[i]))
            return false;
    }
    if (numbers[0] < 1 || numbers[0] == SYNC_EXACT || numbers[1] == SYNC_EXACT ||
        numbers[2] > SYNC_TOTAL_MOST || numbers[3] > SYNC_TOTAL_MOST)
        return false;
    entry->seq = (uint64_t)numbers[0];
    entry->start_s = numbers[1];
    entry->added = numbers[2];
    entry->corrected = numbers[3];
    entry->claim = numbers[4];
    entry->until_ms = numbers[5];
    return true;
}

static bool is_within(int64_t number, int64_t most)
{
    return number >= 0 && number <= most;
}

bool sync_entry_is_sound(const struct sync_entry *entry)
{
    return entry->seq >= 1 && entry->seq < (uint64_t)SYNC_EXACT &&
           is_within(entry->start_s, SYNC_EXACT - 1) && is_within(entry->added, SYNC_TOTAL_MOST) &&
           is_within(entry->corrected, SYNC_TOTAL_MOST) && is_within(entry->claim, SYNC_TOTAL_MOST) &&
           is_within(entry->until_ms, SYNC_EXACT - 1);
}

size_t sync_entry_write(char out[SYNC_ENTRY_BYTES], const struct sync_entry *entry)
{
    const int64_t numbers[] = {(int64_t)entry->seq, entry->start_s, entry->added,
                               entry->corrected,    entry->claim,   entry->until_ms};
    size_t len = 0;

    for (size_t i = 0; i < 6; i++) {
        if (i > 0)
            out[len++] = ' ';
        len += tq__number_write(out + len, numbers[i], '\0');
    }
    return len;
}

/* Does the claim of `other` stand, of two entries with one start? */
static bool claims_later(const struct sync_entry *other, const struct sync_entry *kept)
{
    if (other->seq != kept->seq)
        return other->seq > kept->seq;
    if (other->claim != kept->claim)
        return other->claim > kept->claim;
    return other->until_ms > kept->until_ms;
}

void sync_entry_merge(struct sync_entry *kept, const struct sync_entry *other)
{
    if (other->seq == 0)
        return;
    if (kept->seq == 0 || kept->start_s != other->start_s) {
        if (kept->seq < other->seq || (kept->seq == other->seq && kept->start_s < other->start_s))
            *kept = *other;
        return;
    }
    if (claims_later(other, kept)) {
        kept->seq = other->seq;
        kept->claim = other->claim;
        kept->until_ms = other->until_ms;
    }
    if (kept->added < other->added)
        kept->added = other->added;
    if (kept->corrected < other->corrected)
        kept->corrected = other->corrected;
}

bool sync_merge(struct sync_entry *kept, const struct sync_entry *other)
{
    struct sync_entry before = *kept;

    sync_entry_merge(kept, other);
    return before.seq != kept->seq || before.start_s != kept->start_s || before.added != kept->added ||
           before.corrected != kept->corrected || before.claim != kept->claim ||
           before.until_ms != kept->until_ms;
}

int64_t sync_entry_weight(const struct sync_entry *entry, int64_t server_ms)
{
    int64_t count = entry->added > entry->corrected ? entry->added - entry->corrected : 0;

    return entry->until_ms > server_ms && entry->claim > count ? entry->claim : count;
}

/* As strcmp and memcmp order bytes; of two texts of which one begins with the other the longer one is
 * greater. */
static int order_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t both = a_len < b_len ? a_len : b_len;
    int order = both > 0 ? memcmp(a, b, both) : 0;

    return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

bool sync_word_is_later(const struct sync_word *word, const struct sync_word *than)
{
    int order;

    if (word->at_ms != than->at_ms)
        return word->at_ms > than->at_ms;
    order = order_bytes(word->node, strlen(word->node), than->node, strlen(than->node));
    return (order != 0 ? order : order_bytes(word->value, word->len, than->value, than->len)) > 0;
}
