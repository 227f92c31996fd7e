/* registers.c: what changed on this machine is said, what others said later is taken.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sync/registers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/node.h"

#define SECOND_NS INT64_C(1000000000)
#define SHIFT_LEAST_MS 2000 /* clocks that differ by less are one clock: no word moves */

static const char *const fixed_names[] = {"mark",   "reported", "throttled", "available",
                                          "served", "settings", NULL};

/* ---- registers ------------------------------------------------------------------------------- */

static struct sync_register *find_register(const struct sync_registers *registers, const char *name)
{
    for (size_t i = 0; i < registers->count; i++)
        if (strcmp(registers->items[i].name, name) == 0)
            return &registers->items[i];
    return NULL;
}

struct sync_register *sync_register(struct sync_registers *registers, const char *name)
{
    struct sync_register *items = find_register(registers, name);

    if (items)
        return items;
    if (strlen(name) > SYNC_REGISTER_NAME_MOST)
        return NULL;
    items = tq__list_room(registers->items, registers->count, &registers->capacity, sizeof *items);
    if (!items)
        return NULL;
    registers->items = items;
    items[registers->count] = (struct sync_register){.at_ms = 0};
    snprintf(items[registers->count].name, sizeof items->name, "%s", name);
    return &items[registers->count++];
}

void sync_registers_free(struct sync_registers *registers)
{
    free(registers->items);
    *registers = (struct sync_registers){.settings = -1};
}

static uint64_t hash_of(const char *value)
{
    uint64_t hash = tq__hash(1, value, strlen(value));

    return hash != 0 ? hash : 1;
}

/* By how much an instant of this machine is later by the server's clock. */
static int64_t shift_of(const struct sync_node *node)
{
    int64_t half = node->offset_ms < 0 ? -500 : 500;

    if (node->offset_ms > -SHIFT_LEAST_MS && node->offset_ms < SHIFT_LEAST_MS)
        return 0;
    return (node->offset_ms + half) / 1000;
}

/* When the ledger's value was said, by the server's clock, as far as it tells. */
static int64_t natural_ms(const struct sync_node *node, const char *name, const char *value)
{
    int64_t at_ms = sync_value_at_ms(name, value);

    return at_ms > 1 ? at_ms + 1000 * shift_of(node) : at_ms;
}

/* ---- what is said ---------------------------------------------------------------------------- */

void sync_says_clear(struct sync_says *says)
{
    for (size_t i = 0; i < says->count; i++)
        free((char *)(uintptr_t)says->words[i].name);
    says->count = 0;
}

/* One piece of memory for name, node and value: the caller's may move before the flush is over. */
static int add_word(struct sync_node *node, uint32_t number, const struct sync_register *known,
                    const char *value)
{
    struct sync_says *says = &node->says;
    size_t name = strlen(known->name) + 1, by = strlen(known->node) + 1, len = strlen(value);
    struct sync_word *words = tq__list_room(says->words, says->count, &says->word_capacity, sizeof *words);
    struct sync_said *about;
    char *bytes;

    if (words)
        says->words = words;
    about = tq__list_room(says->about, says->count, &says->about_capacity, sizeof *about);
    if (about)
        says->about = about;
    bytes = words && about ? malloc(name + by + len + 1) : NULL;
    if (!bytes)
        return TQ_ENOMEM;
    memcpy(bytes, known->name, name);
    memcpy(bytes + name, known->node, by);
    memcpy(bytes + name + by, value, len + 1);
    says->words[says->count] = (struct sync_word){.provider = node->providers[number].name,
                                                  .name = bytes,
                                                  .at_ms = known->at_ms,
                                                  .node = bytes + name,
                                                  .value = bytes + name + by,
                                                  .len = len};
    says->about[says->count++] = (struct sync_said){
        .provider = number,
        .which = (uint32_t)(known - node->providers[number].registers.items),
        .hash = known->hash,
    };
    return 0;
}

static int say(struct sync_node *node, uint32_t number, const struct sync_register *known)
{
    struct sync_provider *provider = &node->providers[number];
    char value[SYNC_VALUE_BYTES] = "";
    int len = provider->handle ? sync_value_read(provider->handle, known->name, provider->registers.served_ns,
                                                 shift_of(node), value)
                               : 0;

    if (len < 0)
        return len;
    return add_word(node, number, known, value);
}

/* The instant of the next word: behind the last one, unless that is further ahead than a word can be. */
static int64_t next_ms(const struct sync_register *known, int64_t server_ms)
{
    if (server_ms > known->at_ms || known->at_ms - server_ms > SYNC_AHEAD_MS)
        return server_ms;
    return known->at_ms + 1;
}

static void claim(struct sync_node *node, struct sync_register *known, int64_t at_ms, uint64_t hash)
{
    known->at_ms = at_ms;
    known->hash = hash;
    known->is_unsaid = true;
    known->is_stale = false;
    snprintf(known->node, sizeof known->node, "%s", node->options.name);
    node->words_changed = true;
}

/* The ledger holds another value than the one that is known. */
static void take_change(struct sync_node *node, struct sync_registers *registers, struct sync_register *known,
                        const char *value, int64_t server_ms)
{
    uint64_t hash = hash_of(value);
    bool is_first = known->hash == 0, is_back = registers->is_put_back && !is_first;

    if (known->hash == hash)
        return;
    if (is_back) {
        /* An older ledger: what was said later stands, and is heard again. */
        known->is_stale = known->at_ms != 0;
        known->hash = hash;
        return;
    }
    if (is_first) {
        int64_t at_ms = sync_value_is_empty(value) ? 0
                        : registers->is_new        ? server_ms
                                                   : natural_ms(node, known->name, value);

        known->hash = hash;
        if (at_ms > known->at_ms)
            claim(node, known, at_ms, hash);
        else
            known->is_stale = known->at_ms != 0;
        return;
    }
    claim(node, known, next_ms(known, server_ms), hash);
}

static int look_at(struct sync_node *node, uint32_t number, const char *name, int64_t server_ms)
{
    struct sync_provider *provider = &node->providers[number];
    char value[SYNC_VALUE_BYTES];
    int len = sync_value_read(provider->handle, name, provider->registers.served_ns, 0, value);
    struct sync_register *known;

    if (len < 0)
        return len;
    known = sync_register(&provider->registers, name);
    if (!known)
        return TQ_ENOMEM;
    take_change(node, &provider->registers, known, value, server_ms);
    return known->is_unsaid && known->at_ms != 0 ? say(node, number, known) : 0;
}

/* An answer that lifted what the vendor stated leaves its line overruled. */
static void note_served(struct sync_registers *registers, const struct tq_limit_state *states, int count,
                        int64_t now_ns)
{
    uint32_t overruled = 0;

    for (int i = 0; i < count; i++)
        if (states[i].said & TQ_SAID_OVERRULED)
            overruled |= 1u << states[i].number;
    if (overruled & ~registers->overruled)
        registers->served_ns = now_ns;
    registers->overruled = overruled;
}

static int look_at_stated(struct sync_node *node, uint32_t number, int64_t now_ns, int64_t server_ms)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    struct sync_provider *provider = &node->providers[number];
    int count = tq_provider_limits(provider->handle, now_ns, states, TQ_LIMITS_MAX), answer = 0;
    char name[SYNC_REGISTER_NAME_MOST + 1];

    if (count < 0)
        return count;
    note_served(&provider->registers, states, count < TQ_LIMITS_MAX ? count : TQ_LIMITS_MAX, now_ns);
    for (int i = 0; i < count && i < TQ_LIMITS_MAX && answer == 0; i++)
        if (states[i].said_at_ns != 0 && sync_stated_name(&states[i], name))
            answer = look_at(node, number, name, server_ms);
    return answer;
}

/* Was all of this said as it is now? That of the windows that the vendor states is not in it. */
static bool is_as_looked_at(const struct sync_registers *registers, const struct tq_words *words,
                            int64_t settings)
{
    return registers->settings == settings && !registers->is_put_back &&
           registers->words_served_ns == registers->served_ns &&
           memcmp(&registers->words, words, sizeof *words) == 0;
}

static void note_looked(struct sync_registers *registers, const struct tq_words *words, int64_t settings)
{
    registers->settings = settings;
    registers->is_put_back = false;
    registers->words = *words;
    registers->words_served_ns = registers->served_ns;
    for (size_t i = 0; i < registers->count; i++)
        if (registers->items[i].is_unsaid)
            registers->words.size = 0;
}

int sync_words_look(struct sync_node *node, uint32_t number, int64_t now_ns, int64_t server_ms)
{
    struct sync_provider *provider = &node->providers[number];
    struct tq_words words = {.size = sizeof words};
    int64_t settings = tq_ledger_settings(node->ledger);
    int answer;

    /* The first answer tells the server's clock, without which nothing can be said. */
    if (node->connects == 0)
        return 0;
    answer = look_at_stated(node, number, now_ns, server_ms);
    if (answer == 0)
        answer = tq_provider_words(provider->handle, &words);
    if (answer < 0 || is_as_looked_at(&provider->registers, &words, settings))
        return answer;
    for (size_t i = 0; fixed_names[i] && answer == 0; i++) {
        bool is_settings = strcmp(fixed_names[i], "settings") == 0;
        struct sync_register *known =
            is_settings ? sync_register(&provider->registers, fixed_names[i]) : NULL;

        if (is_settings && !known)
            return TQ_ENOMEM;
        if (!is_settings || settings != provider->registers.settings || known->is_unsaid)
            answer = look_at(node, number, fixed_names[i], server_ms);
    }
    if (answer == 0)
        note_looked(&provider->registers, &words, settings);
    return answer;
}

int sync_words_forgotten(struct sync_node *node, uint32_t number, int64_t server_ms)
{
    struct sync_registers *registers = &node->providers[number].registers;
    int answer = 0;

    node->providers[number].handle = NULL;
    for (size_t i = 0; i < registers->count && answer == 0; i++) {
        struct sync_register *known = &registers->items[i];

        if (known->at_ms == 0 || known->hash == hash_of("") || known->hash == hash_of("0"))
            continue;
        claim(node, known, next_ms(known, server_ms), hash_of(""));
        answer = add_word(node, number, known, "");
    }
    registers->settings = -1;
    return answer;
}

void sync_words_were_said(struct sync_node *node, const struct sync_exchange *exchange)
{
    for (size_t i = 0; i < node->says.count; i++) {
        const struct sync_said *said = &node->says.about[i];
        struct sync_provider *provider = &node->providers[said->provider];
        struct sync_register *known = &provider->registers.items[said->which];

        if (exchange->epoch[provider->tag] != 0 && known->hash == said->hash)
            known->is_unsaid = false;
    }
}

void sync_words_say_again(struct sync_node *node, unsigned tag)
{
    for (size_t i = 0; i < node->provider_count; i++) {
        struct sync_provider *provider = &node->providers[i];

        for (size_t k = 0; provider->tag == tag && k < provider->registers.count; k++)
            provider->registers.items[k].is_unsaid = provider->registers.items[k].at_ms != 0;
        if (provider->tag == tag)
            provider->registers.settings = -1;
    }
    node->wants_another = true;
}

/* ---- what is heard --------------------------------------------------------------------------- */

/* Is it later than what is known? The greater name decides of two that were said at one instant. */
static bool is_later(const struct sync_word *word, const struct sync_register *known, int64_t server_ms)
{
    int order = strcmp(word->node, known->node);

    if (known->at_ms - server_ms > SYNC_AHEAD_MS)
        return true;
    if (word->at_ms != known->at_ms)
        return word->at_ms > known->at_ms;
    return order > 0 || (order == 0 && known->is_stale);
}

static bool is_name(const char *name)
{
    for (size_t i = 0; fixed_names[i]; i++)
        if (strcmp(name, fixed_names[i]) == 0)
            return true;
    return strncmp(name, "stated:", strlen("stated:")) == 0;
}

static void learn(struct sync_node *node, struct sync_register *known, const struct sync_word *word,
                  uint64_t hash)
{
    known->at_ms = word->at_ms;
    known->hash = hash;
    known->is_unsaid = known->is_stale = false;
    snprintf(known->node, sizeof known->node, "%s", word->node);
    node->words_changed = true;
}

/* What the ledger holds, as it is compared. 0; negative. */
static int hash_now(struct sync_provider *provider, const char *name, char value[SYNC_VALUE_BYTES],
                    uint64_t *hash)
{
    int len = sync_value_read(provider->handle, name, provider->registers.served_ns, 0, value);

    *hash = hash_of(value);
    return len < 0 ? len : 0;
}

static int find_handle(struct sync_node *node, struct sync_provider *provider, bool makes)
{
    int answer;

    if (provider->handle)
        return 0;
    answer = tq_ledger_provider(node->ledger, provider->name, strlen(provider->name),
                                makes ? 0 : TQ_PROVIDER_EXISTING, &provider->handle);
    return answer;
}

/* Did somebody change the value here since it was looked at, which will be said with a later instant? Or was
 * it never looked at, and the ledger's own is later? */
static bool stays(const struct sync_node *node, const struct sync_register *known,
                  const struct sync_word *word, bool is_new, const char *value, uint64_t hash)
{
    if (known->hash == hash)
        return false;
    if (known->hash != 0)
        return true;
    if (is_new && !sync_value_is_empty(value))
        return true;
    return !sync_value_is_empty(value) && natural_ms(node, known->name, value) > word->at_ms;
}

static int take_word(struct sync_node *node, struct sync_provider *provider, struct sync_register *known,
                     const struct sync_word *word, const char *text, int64_t now_ns)
{
    char value[SYNC_VALUE_BYTES];
    uint64_t hash;
    int answer = hash_now(provider, known->name, value, &hash), set;

    if (answer < 0 || stays(node, known, word, provider->registers.is_new, value, hash))
        return answer;
    /* It is this node's own, of an earlier run, and nothing else happened since. */
    set = sync_value_set(node->ledger, provider->handle, known->name, text, shift_of(node), now_ns);
    if (set == 1)
        node->words_refused++;
    if (set < 0 && sync_is_of_the_ledger(set))
        return set;
    if (strcmp(known->name, "served") == 0 && set == 0)
        provider->registers.served_ns =
            sync_value_at_ms("served", text) * 1000000 - shift_of(node) * SECOND_NS;
    answer = hash_now(provider, known->name, value, &hash);
    if (answer < 0)
        return answer;
    learn(node, known, word, hash);
    return 0;
}

int sync_words_hear(struct sync_node *node, const struct sync_word *word, int64_t now_ns)
{
    struct sync_provider *provider;
    struct sync_register *known;
    char text[SYNC_VALUE_BYTES];
    int answer;

    if (!is_name(word->name) || word->len >= sizeof text || memchr(word->value, '\0', word->len))
        return 0;
    if (!sync_node_takes(node, word->provider)) {
        node->words_refused++;
        return 0;
    }
    memcpy(text, word->value, word->len);
    text[word->len] = '\0';
    provider = sync_node_provider(node, word->provider);
    if (!provider)
        return TQ_ENOMEM;
    if (provider->is_local)
        return 0;
    if (provider->registers.count >= SYNC_REGISTERS_MOST &&
        !find_register(&provider->registers, word->name)) {
        node->words_refused++;
        return 0;
    }
    known = sync_register(&provider->registers, word->name);
    if (!known)
        return TQ_ENOMEM;
    if (!is_later(word, known, now_ns / 1000000 + node->offset_ms))
        return 0;
    answer = find_handle(node, provider, !sync_value_is_empty(text));
    if (answer != 0) {
        if (answer > 0)
            learn(node, known, word, hash_of(text));
        return answer > 0 || answer == TQ_ENAME ? 0 : answer;
    }
    return take_word(node, provider, known, word, text, now_ns);
}
