/* registers.c: what is known of each register, and what changed on this machine, which is said.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sync/registers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/node.h"

#define SHIFT_LEAST_MS 2000 /* clocks that differ by less are one clock: no word moves */

static const char *const fixed_names[] = {"mark",   "reported", "throttled", "available",
                                          "served", "settings", NULL};

/* ---- registers ------------------------------------------------------------------------------- */

bool sync_is_register(const char *name)
{
    for (size_t i = 0; fixed_names[i]; i++)
        if (strcmp(name, fixed_names[i]) == 0)
            return true;
    return strncmp(name, "stated:", strlen("stated:")) == 0;
}

struct sync_register *sync_register_find(const struct sync_registers *registers, const char *name)
{
    for (size_t i = 0; i < registers->count; i++)
        if (strcmp(registers->items[i].name, name) == 0)
            return &registers->items[i];
    return NULL;
}

struct sync_register *sync_register(struct sync_registers *registers, const char *name)
{
    struct sync_register *items = sync_register_find(registers, name);

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

uint64_t sync_value_hash(const char *value)
{
    uint64_t hash = tq__hash(1, value, strlen(value));

    return hash != 0 ? hash : 1;
}

int64_t sync_shift_s(const struct sync_node *node)
{
    int64_t half = node->offset_ms < 0 ? -500 : 500;

    if (node->offset_ms > -SHIFT_LEAST_MS && node->offset_ms < SHIFT_LEAST_MS)
        return 0;
    return (node->offset_ms + half) / 1000;
}

int64_t sync_natural_ms(const struct sync_node *node, const char *name, const char *value)
{
    int64_t at_ms = sync_value_at_ms(name, value);

    return at_ms > 1 ? at_ms + 1000 * sync_shift_s(node) : at_ms;
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
                                                 sync_shift_s(node), value)
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
    uint64_t hash = sync_value_hash(value);
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
                                                   : sync_natural_ms(node, known->name, value);

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

        if (known->at_ms == 0 || known->hash == sync_value_hash("") || known->hash == sync_value_hash("0"))
            continue;
        claim(node, known, next_ms(known, server_ms), sync_value_hash(""));
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
