/* fuzz_sync.c: any bytes as the answer of the server that machines exchange through: what is heard is within
 * bounds.
 *
 * SPDX-License-Identifier: MIT
 *
 *     byte 0     what each of the three items of the flush asks for, two bits each: writes, asks for all;
 *                0xff: addresses
 *     rest       the answers, as they come over the connection
 */
#include <string.h>

#include <tokenquota.h>

#include "sync/address.h"
#include "sync/merge.h"
#include "sync/reply.h"
#include "sync/trouble.h"
#include "target.h"

#define ITEMS 3
#define ELEMENTS_MOST                                                                                        \
    7 /* digits of a count: hiredis 0.14 asks for the memory before the elements are there */

static void check_entry(const struct sync_entry *entry, int may_be_none)
{
    char text[SYNC_ENTRY_BYTES];
    struct sync_entry again = {.seq = 0};

    if (may_be_none && entry->seq == 0)
        return;
    HOLDS(sync_entry_is_sound(entry) && sync_is_node(tq__span_of(entry->node)));
    HOLDS(sync_entry_read((struct tq__span){text, sync_entry_write(text, entry)}, &again));
    memcpy(again.node, entry->node, sizeof again.node);
    HOLDS(memcmp(&again, entry, sizeof again) == 0);
    sync_entry_merge(&again, entry);
    HOLDS(memcmp(&again, entry, sizeof again) == 0);
    HOLDS(sync_entry_weight(entry, 1) >= 0 && sync_entry_weight(entry, 1) <= SYNC_TOTAL_MOST);
}

static void check_item(const struct sync_item *item)
{
    if (!item->is_heard)
        return;
    HOLDS(item->added >= 0 && item->added < SYNC_EXACT && item->corrected >= 0 &&
          item->corrected < SYNC_EXACT);
    check_entry(&item->stored, 1);
    for (size_t i = 0; i < item->count; i++)
        check_entry(&item->all[i], 0);
}

static void check_heard(const struct sync_exchange *exchange)
{
    for (size_t i = 0; i < ITEMS; i++)
        check_item(&exchange->items[i]);
    for (size_t i = 0; i < exchange->heard_count; i++) {
        const struct sync_word *word = &exchange->heard[i];

        HOLDS(strlen(word->provider) > 0 && strlen(word->provider) <= TQ_NAME_MAX);
        HOLDS(sync_is_node(tq__span_of(word->name)) && sync_is_node(tq__span_of(word->node)));
        HOLDS(word->len <= SYNC_WORD_VALUE_MOST && word->value[word->len] == '\0');
        HOLDS(word->at_ms >= 0 && word->at_ms < SYNC_EXACT);
        HOLDS(!sync_word_is_later(word, word));
    }
    for (size_t i = 0; i < exchange->peer_count; i++) {
        const struct sync_peer *peer = &exchange->peers[i];

        HOLDS(sync_is_node(tq__span_of(peer->name)) && peer->seen_ms >= 0 && peer->every_ms >= 0 &&
              peer->rate >= 0);
    }
    if (exchange->is_refused)
        check_message(exchange->refused_by, sizeof exchange->refused_by, 0x7e);
}

/* Does it promise an array of more elements than a sanitizer would let hiredis ask for? */
static int is_vast(const uint8_t *data, size_t size)
{
    size_t digits = 0;

    for (size_t i = 0; i < size; i++) {
        digits = data[i] == '*' ? 1 : digits > 0 && data[i] >= '0' && data[i] <= '9' ? digits + 1 : 0;
        if (digits > ELEMENTS_MOST - 1)
            return 1;
    }
    return 0;
}

static void read_addresses(const uint8_t *data, size_t size)
{
    struct place asked = {.host = "home", .port = 1}, place;
    struct tq_error error = {.size = sizeof error};
    char *text = malloc(size + 1), name[ADDRESS_NAME_BYTES], line[TROUBLE_BYTES];
    struct address address;

    HOLDS(text);
    memcpy(text, data, size);
    text[size] = '\0';
    if (address_read(&address, text, &error) == 0)
        for (size_t i = 0; i < address.count; i++) {
            place_name(name, &address.places[i]);
            check_message(name, sizeof name, 0xff);
        }
    else
        check_message(error.msg, sizeof error.msg, 0xff);
    if (place_read(&place, text, size, &asked))
        HOLDS(place.port > 0 && place.port < 65536 && place.host[0] != '\0');
    trouble_line(line, trouble_of(text), "home:1", text);
    check_message(line, sizeof line, 0xff);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t order[ITEMS] = {0, 1, 2};
    struct sync_item items[ITEMS];
    struct sync_exchange exchange = {
        .node = "a", .instance = "i", .before = "", .items = items, .item_count = ITEMS};
    redisReader *reader;
    void *reply = NULL;

    if (size == 0 || is_vast(data, size))
        return 0;
    if (data[0] == 0xff) {
        read_addresses(data + 1, size - 1);
        return 0;
    }
    HOLDS(!hiredis_load());
    for (size_t i = 0; i < ITEMS; i++)
        items[i] = (struct sync_item){.provider = "p",
                                      .limit = "",
                                      .writes = data[0] >> 2 * i & 1,
                                      .asks_all = data[0] >> 2 * i & 2,
                                      .own = {.node = "a", .seq = 5, .start_s = 1, .added = 9}};
    reader = hiredis.redisReaderCreate();
    HOLDS(reader);
    hiredis.redisReaderFeed(reader, (const char *)data + 1, size - 1);
    while (hiredis.redisReaderGetReply(reader, &reply) == REDIS_OK && reply) {
        int answer = reply_take(&exchange, 0, reply, order, ITEMS);

        HOLDS(answer == 0 || answer == 1 || answer == TQ_EFORMAT);
        check_heard(&exchange);
    }
    hiredis.redisReaderFree(reader);
    sync_exchange_clear(&exchange);
    return 0;
}
