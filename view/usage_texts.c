/* usage_texts.c: texts that come again and again, by number.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <string.h>

#include "usage.h"

#define SLOTS_FIRST 64

static size_t place(const struct usage_texts *texts, const char *text)
{
    size_t at = (size_t)tq__hash(0, text, strlen(text)) & (texts->slot_count - 1);

    while (texts->slots[at] && strcmp(texts->items[texts->slots[at] - 1], text) != 0)
        at = (at + 1) & (texts->slot_count - 1);
    return at;
}

static int grow(struct usage_texts *texts)
{
    size_t slot_count = texts->slot_count ? texts->slot_count * 2 : SLOTS_FIRST;
    char **items = realloc(texts->items, slot_count / 2 * sizeof(*items));
    uint32_t *slots = calloc(slot_count, sizeof(*slots));

    if (items)
        texts->items = items;
    if (!items || !slots) {
        free(slots);
        return -1;
    }
    free(texts->slots);
    texts->slots = slots;
    texts->slot_count = slot_count;
    texts->capacity = slot_count / 2;
    for (size_t i = 0; i < texts->count; i++)
        slots[place(texts, items[i])] = (uint32_t)i + 1;
    return 0;
}

int64_t texts_number(struct usage_texts *texts, const char *text)
{
    char *copy;
    size_t at;

    if (texts->count == texts->capacity && grow(texts) < 0)
        goto no_memory;
    at = place(texts, text);
    if (texts->slots[at])
        return texts->slots[at] - 1;
    copy = strdup(text);
    if (!copy)
        goto no_memory;
    texts->items[texts->count++] = copy;
    texts->slots[at] = (uint32_t)texts->count;
    return (int64_t)texts->count - 1;

no_memory:
    report("out of memory");
    return -1;
}

void texts_free(struct usage_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    free(texts->slots);
    *texts = (struct usage_texts){0};
}
