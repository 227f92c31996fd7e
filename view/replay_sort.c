/* replay_sort.c: put records in the order of time, and leave those of one instant in the order they came.
 *
 * SPDX-License-Identifier: MIT
 *
 * A log is nearly in order, and several logs are a few ordered stretches one behind the other. A natural
 * merge sort takes such stretches as they are and merges them in pairs: two sorted files cost one pass. qsort
 * may not be used: it may swap records of one instant, and then the answers depend on the C library.
 */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

/* The end of the ordered stretch that begins at start. */
static size_t stretch(const struct usage *usages, size_t start, size_t count)
{
    size_t end = start + 1;

    while (end < count && usages[end - 1].at_ns <= usages[end].at_ns)
        end++;
    return end < count ? end : count;
}

static void merge(struct usage *to, const struct usage *a, size_t a_count, const struct usage *b,
                  size_t b_count)
{
    while (a_count && b_count) {
        if (b->at_ns < a->at_ns) { /* at one instant a was first and stays it */
            *to++ = *b++;
            b_count--;
        } else {
            *to++ = *a++;
            a_count--;
        }
    }
    memcpy(to, a, a_count * sizeof(*a));
    memcpy(to + a_count, b, b_count * sizeof(*b));
}

/* One pass: merges stretches in pairs; how many there are now. */
static size_t merge_pairs(struct usage *to, const struct usage *from, size_t count)
{
    size_t stretches = 0;

    for (size_t start = 0, middle, end; start < count; start = end, stretches++) {
        middle = stretch(from, start, count);
        end = middle < count ? stretch(from, middle, count) : count;
        merge(to + start, from + start, middle - start, from + middle, end - middle);
    }
    return stretches;
}

int replay_sort(struct replay *replay)
{
    if (!replay->usages_unordered)
        return 0;
    struct usage *from = replay->usages, *to = malloc(replay->usage_count * sizeof(*to));
    size_t stretches;

    if (!to) {
        report("out of memory while sorting %zu records", replay->usage_count);
        return -1;
    }
    do {
        stretches = merge_pairs(to, from, replay->usage_count);

        struct usage *sorted = to;

        to = from;
        from = sorted;
    } while (stretches > 1);
    free(to);
    replay->usages = from;
    replay->usage_capacity = replay->usage_count;
    replay->usages_unordered = false;
    return 0;
}
