/* registers_hear.c: takes what other machines said later than what is known.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "sync/node.h"
#include "sync/registers.h"

/* Is it later than what is known? The greater name decides between two that were said at one instant. A word
 * that this machine had already is taken once more where its ledger was put back. */
static bool is_later(const struct sync_word *word, const struct sync_register *known, int64_t server_ms)
{
    int order = strcmp(word->node, known->node);

    if (known->at_ms - server_ms > SYNC_AHEAD_MS)
        return true;
    if (word->at_ms != known->at_ms)
        return word->at_ms > known->at_ms;
    return order > 0 || (order == 0 && known->is_stale);
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

    *hash = sync_value_hash(value);
    return len < 0 ? len : 0;
}

/* 0; 1 the ledger has no such provider; negative. */
static int find_handle(struct sync_node *node, struct sync_provider *provider, bool makes)
{
    if (provider->handle)
        return 0;
    return tq_ledger_provider(node->ledger, provider->name, strlen(provider->name),
                              makes ? 0 : TQ_PROVIDER_EXISTING, &provider->handle);
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
    return !sync_value_is_empty(value) && sync_natural_ms(node, known->name, value) > word->at_ms;
}

static int take_word(struct sync_node *node, struct sync_provider *provider, struct sync_register *known,
                     const struct sync_word *word, const char *text, int64_t now_ns)
{
    char value[SYNC_VALUE_BYTES];
    uint64_t hash;
    int answer = hash_now(provider, known->name, value, &hash), set;

    if (answer < 0 || stays(node, known, word, provider->registers.is_new, value, hash))
        return answer;
    set = sync_value_set(node->ledger, provider->handle, known->name, text, sync_shift_s(node), now_ns);
    if (set == 1)
        node->words_refused++;
    if (set < 0 && sync_is_of_the_ledger(set))
        return set;
    if (strcmp(known->name, "served") == 0 && set == 0)
        provider->registers.served_ns =
            sync_value_at_ms("served", text) * 1000000 - sync_shift_s(node) * TQ__SECOND_NS;
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

    if (!sync_is_register(word->name) || word->len >= sizeof text || memchr(word->value, '\0', word->len))
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
        !sync_register_find(&provider->registers, word->name)) {
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
            learn(node, known, word, sync_value_hash(text));
        return answer > 0 || answer == TQ_ENAME ? 0 : answer;
    }
    return take_word(node, provider, known, word, text, now_ns);
}
