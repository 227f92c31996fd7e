/* fuzz_words.c: any words of other machines: the ledger takes what can be, and what is then said can be said
 * and is taken by another ledger as it is.
 *
 * SPDX-License-Identifier: MIT
 *
 *     records, each up to a byte 0xff: 'p' or any other letter: of which provider; a digit: how many years
 *     from now it was said, less 5; the register's name up to '='; the rest: its value
 */
#include <stdio.h>
#include <string.h>

#include <tokenquota.h>

#include "sync/merge.h"
#include "sync/node.h"
#include "target.h"

#define NOW_NS INT64_C(1790000000000000000)
#define MS_NS INT64_C(1000000)
#define YEAR_MS (INT64_C(365) * 86400 * 1000)

static struct sync_node *new_node(const struct sync_node_options *options, struct tq_ledger **ledger)
{
    struct sync_node *node = sync_node_new(options);

    HOLDS(node && tq_ledger_open(ledger, NULL, NULL, NULL) == 0);
    sync_node_attach(node, *ledger, false);
    node->connects = 1;
    return node;
}

static void free_node(struct sync_node *node, struct tq_ledger *ledger)
{
    sync_node_free(node);
    tq_ledger_close(ledger);
}

static void hear(struct sync_node *node, const uint8_t *record, size_t len)
{
    char name[SYNC_WORD_NAME_MOST + 1], value[SYNC_WORD_VALUE_MOST + 1];
    const uint8_t *equals = len > 2 ? memchr(record + 2, '=', len - 2) : NULL;
    size_t name_len = equals ? (size_t)(equals - record - 2) : 0;
    struct sync_word word = {
        .provider = "p", .name = name, .at_ms = NOW_NS / MS_NS, .node = "z", .value = value};

    if (!equals || name_len > SYNC_WORD_NAME_MOST || len - name_len - 3 > SYNC_WORD_VALUE_MOST)
        return;
    if (record[0] != 'p')
        word.provider = "other";
    word.at_ms += (record[1] % 16 - 5) * YEAR_MS;
    memcpy(name, record + 2, name_len);
    name[name_len] = '\0';
    word.len = len - name_len - 3;
    memcpy(value, equals + 1, word.len);
    value[word.len] = '\0';
    HOLDS(sync_words_hear(node, &word, NOW_NS) == 0);
}

static void hear_all(struct sync_node *node, const uint8_t *data, size_t size)
{
    while (size > 0) {
        const uint8_t *end = memchr(data, 0xff, size);
        size_t len = end ? (size_t)(end - data) : size;

        hear(node, data, len);
        data += len + (end != NULL);
        size -= len + (end != NULL);
    }
}

/* What is said of all providers can be said. */
static void look(struct sync_node *node)
{
    const struct sync_moment moment = sync_moment_of(node, 0, NOW_NS);

    sync_says_clear(&node->says);
    node->round++;
    HOLDS(sync_gather(node, &moment) == 0);
    for (size_t i = 0; i < node->says.count; i++) {
        const struct sync_word *word = &node->says.words[i];

        HOLDS(sync_is_node(tq__span_of(word->name)) && sync_is_node(tq__span_of(word->node)));
        HOLDS(word->at_ms > 0 && word->at_ms < SYNC_EXACT && word->len <= SYNC_WORD_VALUE_MOST);
    }
    for (size_t i = 0; i < node->item_count; i++)
        HOLDS(!node->items[i].writes || sync_entry_is_sound(&node->items[i].own));
}

/* A caller changes what is set: that is said, whatever was heard before. */
static void change(struct sync_node *node, struct tq_ledger *ledger)
{
    struct tq_provider *provider;
    size_t settings = 0;

    HOLDS(tq_ledger_provider(ledger, "p", 1, 0, &provider) >= 0);
    HOLDS(tq_provider_set_budget(provider, tq_provider_budget(provider) == 7 ? 8 : 7) >= 0);
    look(node);
    for (size_t i = 0; i < node->says.count; i++)
        settings += strcmp(node->says.words[i].name, "settings") == 0 &&
                    strcmp(node->says.words[i].provider, "p") == 0;
    HOLDS(settings == 1);
}

/* Another ledger that hears it holds the same. */
static void repeat_settings(struct tq_ledger *ledger, struct tq_ledger *to)
{
    char said[SYNC_VALUE_BYTES], heard[SYNC_VALUE_BYTES];
    struct tq_provider *from_provider, *to_provider;

    HOLDS(tq_ledger_provider(ledger, "p", 1, 0, &from_provider) >= 0);
    HOLDS(tq_ledger_provider(to, "p", 1, 0, &to_provider) >= 0);
    HOLDS(sync_settings_read(from_provider, said) >= 0);
    HOLDS(sync_settings_set(to, to_provider, said, NOW_NS) == 0);
    HOLDS(sync_settings_read(to_provider, heard) >= 0);
    HOLDS(strcmp(said, heard) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sync_node_options options = {
        .name = "a", .instance = "i", .before = "", .every_ms = 250, .tags = 16};
    struct tq_ledger *ledger, *other;
    struct sync_node *node = new_node(&options, &ledger);

    HOLDS(tq_ledger_open(&other, NULL, NULL, NULL) == 0);
    look(node);
    hear_all(node, data, size);
    look(node);
    repeat_settings(ledger, other);
    change(node, ledger);
    free_node(node, ledger);
    tq_ledger_close(other);
    return 0;
}
