/* hold_list.c: holds by their ids, and the list of a provider's holds.
 *
 * SPDX-License-Identifier: MIT
 *
 * An id names the provider, and in each level the place and the generation of the hold there. Levels above
 * the provider are told by a hash of their names, as numbers of slots are others after a compact:
 *
 *     NAME#PPPGGGGG[-HHHHHHHHPPPGGGGG[-HHHHHHHHPPPGGGGG]]
 */
#include <stdio.h>
#include <string.h>

#include "held.h"
#include "hold_handle.h"
#include "state.h"

/* ---- ids ------------------------------------------------------------------------------------- */

/* FNV-1a, of 32 bits. */
static uint32_t hash_of(const char *bytes, size_t len)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)bytes[i]) * 16777619u;
    return hash;
}

static uint32_t place_of(const struct tq_hold *hold, uint32_t i)
{
    return (uint32_t)hold->place[i] << TQ__HOLD_GENERATION_BITS |
           (uint32_t)tq__hold_generation(hold->word[i]);
}

int tq_hold_id(const struct tq_hold *hold, char *out, size_t capacity)
{
    char id[TQ_HOLD_ID_MAX];
    const char *name;
    size_t len;

    if (!hold || hold->size < sizeof *hold || hold->levels == 0 || hold->levels > TQ__LEVELS ||
        !hold->provider || (!out && capacity > 0))
        return TQ_EINVAL;
    len = (size_t)snprintf(id, sizeof id, "%s#%08x", tq_provider_name(hold->provider), place_of(hold, 0));
    for (uint32_t i = 1; i < hold->levels; i++) {
        uint32_t number = (uint32_t)(hold->place[i] >> 32);
        struct tq__slot *slot = tq__slot_number(hold->provider->ledger, number);

        name = slot ? tq__provider_name(hold->provider->ledger, slot, number) : NULL;
        len += (size_t)snprintf(id + len, sizeof id - len, "-%08x%08x",
                                name ? hash_of(name, strlen(name)) : 0, place_of(hold, i));
    }
    return capacity > 0 ? snprintf(out, capacity, "%s", id) : (int)len;
}

/* Reads 8 hexadecimal digits. */
static bool read_word(const char **text, uint32_t *word)
{
    *word = 0;
    for (int i = 0; i < 8; i++, (*text)++) {
        char c = **text;

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        *word = *word << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return true;
}

/* The slot of a name with this hash: among the pools of the provider, else among all. TQ__SLOTS_MAX: none. */
static uint32_t slot_of_hash(struct tq_ledger *ledger, struct tq__slot *own, uint32_t hash)
{
    struct tq__levels levels;
    struct tq__slot *slot;

    tq__levels_of(ledger, own, &levels);
    for (uint32_t i = 1; i < levels.count; i++) {
        uint32_t number = tq__array_number(&ledger->slots, levels.slot[i]);
        const char *name = tq__provider_name(ledger, levels.slot[i], number);

        if (name && hash_of(name, strlen(name)) == hash)
            return number;
    }
    for (uint32_t n = 0, end = tq__slots_end(ledger); (slot = tq__slots_next(ledger, &n, end)) != NULL; n++) {
        const char *name =
            tq__held_any(tq__limits_of(ledger, slot)) ? tq__provider_name(ledger, slot, n) : NULL;

        if (name && hash_of(name, strlen(name)) == hash)
            return n;
    }
    return TQ__SLOTS_MAX;
}

/* Finds the words of level i by what an id says of them. Returns whether the hold is still there. */
static bool find_level(struct tq_hold *hold, uint32_t i, uint32_t slot, uint32_t word)
{
    uint32_t place = word >> TQ__HOLD_GENERATION_BITS;
    struct tq__limits *limits;
    struct tq__hold *own;
    uint64_t seen;

    hold->place[i] = tq__handle_place(slot, place);
    hold->word[i] = 0;
    own = tq__handle_at(hold, i, &limits);
    seen = own ? atomic_load_explicit(&own->word, memory_order_acquire) : 0; /* its amounts come after it */
    if (tq__hold_state_of(seen) != TQ__HOLD_HELD || tq__hold_generation(seen) != tq__hold_generation(word))
        return false;
    hold->word[i] = seen;
    if (i == 0)
        hold->until_ns = tq__lease_end_ns(tq__hold_lease(seen));
    return true;
}

int tq_ledger_hold(struct tq_ledger *ledger, const char *id, struct tq_hold *hold)
{
    const char *mark = id ? strrchr(id, '#') : NULL, *text = mark ? mark + 1 : NULL;
    uint32_t word, hash;
    int answer;

    if (!ledger || !mark || mark == id || !hold || hold->size < sizeof *hold || !read_word(&text, &word))
        return TQ_EINVAL;
    answer = tq__refuse_reads(ledger);
    if (answer == 0)
        answer = tq_ledger_provider(ledger, id, (size_t)(mark - id), TQ_PROVIDER_EXISTING, &hold->provider);
    if (answer != 0)
        return answer == 1 || answer == TQ_ENAME ? TQ_EINVAL : answer;
    hold->levels = hold->flags = 0;
    hold->until_ns = 0;
    hold->ended =
        !find_level(hold, 0, tq__array_number(&ledger->slots, tq__provider_slot(hold->provider)), word);
    for (hold->levels = 1; *text == '-' && hold->levels < TQ__LEVELS; hold->levels++) {
        text++;
        if (!read_word(&text, &hash) || !read_word(&text, &word)) {
            text = "?";
            break;
        }
        hold->ended |= !find_level(hold, hold->levels,
                                   slot_of_hash(ledger, tq__provider_slot(hold->provider), hash), word);
    }
    if (*text != '\0') {
        hold->levels = 0;
        return TQ_EINVAL;
    }
    return (int)hold->ended;
}

/* ---- the list -------------------------------------------------------------------------------- */

static void tell_hold(const struct tq_provider *provider, const struct tq__hold *own, uint32_t place,
                      uint64_t word, struct tq_hold_state *state)
{
    state->owner = tq__hold_owner(word) >> 6;
    for (uint32_t unit = 1; unit < TQ__UNITS; unit++) {
        uint64_t amount = atomic_load_explicit(&own->amount[unit - 1], memory_order_relaxed);

        if (!tq__hold_counts(word, amount))
            continue;
        state->known |= 1u << unit;
        state->of[unit] = (int64_t)(amount & TQ__HOLD_AMOUNT_MAX);
    }
    state->hold.size = sizeof state->hold;
    state->hold.levels = 1;
    state->hold.provider = (struct tq_provider *)(uintptr_t)provider;
    state->hold.until_ns = tq__lease_end_ns(tq__hold_lease(word));
    state->hold.place[0] =
        tq__handle_place(tq__array_number(&provider->ledger->slots, tq__provider_slot(provider)), place);
    state->hold.word[0] = word;
}

int tq_provider_holds(const struct tq_provider *provider, int64_t now_ns, struct tq_hold_state *out,
                      size_t capacity)
{
    const uint32_t size = out && capacity > 0 ? out->size : (uint32_t)sizeof *out;
    struct tq__owners_asked asked = {{0}};
    struct tq__limits *limits;
    struct tq_ledger *ledger;
    size_t count = 0;
    int answer;

    if (!provider || (!out && capacity > 0) || size < sizeof *out || size % sizeof(int64_t) != 0)
        return TQ_EINVAL;
    ledger = provider->ledger;
    answer = tq__ledger_look(ledger, now_ns);
    if (answer < 0)
        return answer;
    limits = tq__limits_of(ledger, tq__provider_slot(provider));
    for (uint32_t place = 0; place < tq__hold_places(limits); place++) {
        const struct tq__hold *own = tq__hold_at(ledger, limits, place);
        uint64_t word =
            own ? atomic_load_explicit(&own->word, memory_order_acquire) : 0; /* as in find_level */

        if (tq__hold_state_of(word) != TQ__HOLD_HELD)
            continue;
        if (count < capacity) { /* those of a later header are larger */
            struct tq_hold_state *state = (void *)((char *)out + count * size);

            memset(state, 0, size);
            state->size = size;
            tell_hold(provider, own, place, word, state);
            state->alive =
                !tq__lease_is_over(ledger, word, now_ns) && !tq__owner_is_dead(ledger, &asked, word);
        }
        count++;
    }
    return (int)count;
}
