/* usage_say.c: usage in words, so that a test compares all of it at once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "usage_say.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void add(char *words, const char *word, int64_t number)
{
    size_t len = strlen(words);

    snprintf(words + len, USAGE_WORDS_BYTES - len, "%s%s %" PRId64, len ? " " : "", word, number);
}

static void add_word(char *words, const char *word)
{
    size_t len = strlen(words);

    snprintf(words + len, USAGE_WORDS_BYTES - len, "%s%s", len ? " " : "", word);
}

static void add_counts(const struct tq_usage *usage, char *words)
{
    const struct {
        uint32_t bit;
        const char *word;
        int64_t number;
    } counts[] = {
        {TQ_USAGE_INPUT, "input", usage->input},
        {TQ_USAGE_CACHE_READ, "cache-read", usage->cache_read},
        {TQ_USAGE_CACHE_WRITE, "cache-write", usage->cache_write},
        {TQ_USAGE_OUTPUT, "output", usage->output},
        {TQ_USAGE_REASONING, "reasoning", usage->reasoning},
        {TQ_USAGE_TOTAL, "total", usage->total},
    };

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        if (usage->known & counts[i].bit)
            add(words, counts[i].word, counts[i].number);
        else if (counts[i].number != 0)
            add(words, "UNKNOWN", counts[i].number);
    }
}

const char *usage_say(int answer, const struct tq_usage *usage, char words[USAGE_WORDS_BYTES])
{
    words[0] = '\0';
    add_counts(usage, words);
    if (answer == 1)
        add_word(words, "none");
    else if (answer != 0)
        add(words, "ANSWER", answer);
    if (answer == 0 || usage->counted != 0)
        add(words, "counted", usage->counted);
    if (usage->requests != (answer == 0))
        add(words, "requests", usage->requests);
    if (usage->flags & TQ_USAGE_PARTIAL)
        add_word(words, "partial");
    if (usage->flags & ~TQ_USAGE_PARTIAL)
        add(words, "FLAGS", usage->flags);
    return words;
}

const char *usage_say_of(const char *body, char words[USAGE_WORDS_BYTES])
{
    struct tq_usage usage = {.size = sizeof(usage), .input = 7, .flags = 7, .counted = 7, .requests = 7};
    int answer = tq_usage_read(NULL, body, strlen(body), &usage);

    return usage_say(answer, &usage, words);
}
