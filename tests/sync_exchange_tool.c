/* sync_exchange_tool.c: a node for tests: exchanges what lines on its input say, and prints what it heard as
 * JSON.
 *
 * SPDX-License-Identifier: MIT
 *
 *     sync_exchange_tool --to ADDRESS [--auth-file FILE] [--ca-file FILE] [--tags N]
 *
 * Fields of a line are separated by tabs, and lists grow until `clear`:
 *
 *     node NAME INSTANCE BEFORE EVERY_MS
 *     item PROVIDER LIMIT KEY_S EXPIRE_MS KIND ENTRY      KIND: w writes, r reads, wa and ra ask for all
 *     own NUMBER ENTRY                                    of the item of this number, for the next flush
 *     word PROVIDER NAME AT_MS NODE VALUE
 *     seen TAG VERSION
 *     tag PROVIDER
 *     flush DEADLINE_MS
 *     facts DEADLINE_MS
 *     merge ENTRY ENTRY...
 *     clear
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <tokenquota.h>

#include "base/text.h"
#include "sync/exchange.h"
#include "sync/merge.h"
#include "sync/redis.h"

#define MOST 20000

static struct sync_item items[MOST];
static struct sync_word words[MOST];
static struct sync_exchange exchange = {
    .node = "a", .instance = "i1", .before = "", .every_ms = 250, .items = items, .words = words};

static void die(const char *why)
{
    fprintf(stderr, "sync_exchange_tool: %s\n", why);
    exit(3);
}

static int64_t number(const char *text)
{
    return strtoll(text, NULL, 10);
}

static char *copy(const char *text)
{
    char *made = strdup(text);

    if (!made)
        die("no memory");
    return made;
}

static void read_entry(const char *text, struct sync_entry *entry)
{
    *entry = (struct sync_entry){.seq = 0};
    if (text[0] != '\0' && !sync_entry_read(tq__span_of(text), entry))
        entry->seq = 0;
}

static json_t *entry_json(const struct sync_entry *entry)
{
    char text[SYNC_ENTRY_BYTES];

    if (entry->seq == 0)
        return json_null();
    sync_entry_write(text, entry);
    return json_string(text);
}

static void add_item(char **field)
{
    struct sync_item *item = &items[exchange.item_count++];

    *item = (struct sync_item){.provider = copy(field[1]),
                               .limit = copy(field[2]),
                               .key_s = number(field[3]),
                               .expire_ms = number(field[4]),
                               .writes = field[5][0] == 'w',
                               .asks_all = strchr(field[5], 'a')};
    read_entry(field[6], &item->own);
}

static void add_word(char **field)
{
    words[exchange.word_count++] = (struct sync_word){.provider = copy(field[1]),
                                                      .name = copy(field[2]),
                                                      .at_ms = number(field[3]),
                                                      .node = copy(field[4]),
                                                      .value = copy(field[5]),
                                                      .len = strlen(field[5])};
}

static void clear(void)
{
    sync_exchange_clear(&exchange);
    for (size_t i = 0; i < exchange.item_count; i++) {
        free((char *)(uintptr_t)items[i].provider);
        free((char *)(uintptr_t)items[i].limit);
    }
    for (size_t i = 0; i < exchange.word_count; i++) {
        free((char *)(uintptr_t)words[i].provider);
        free((char *)(uintptr_t)words[i].name);
        free((char *)(uintptr_t)words[i].node);
        free((char *)(uintptr_t)words[i].value);
    }
    exchange.item_count = exchange.word_count = 0;
}

static json_t *item_json(const struct sync_item *item)
{
    json_t *all = json_object();

    for (size_t i = 0; i < item->count; i++)
        json_object_set_new(all, item->all[i].node, entry_json(&item->all[i]));
    return json_pack("{s:b,s:o,s:I,s:I,s:o}", "heard", item->is_heard, "stored", entry_json(&item->stored),
                     "added", (json_int_t)item->added, "corrected", (json_int_t)item->corrected, "all", all);
}

static json_t *exchange_json(int answer, const struct tq_error *error, int64_t took_ns)
{
    json_t *list = json_array(), *heard = json_array(), *peers = json_array(), *versions = json_array(),
           *epochs = json_array();

    for (size_t i = 0; i < exchange.item_count; i++)
        json_array_append_new(list, item_json(&items[i]));
    for (size_t i = 0; i < exchange.heard_count; i++) {
        const struct sync_word *word = &exchange.heard[i];

        json_array_append_new(heard, json_pack("[s,s,I,s,s%]", word->provider, word->name,
                                               (json_int_t)word->at_ms, word->node, word->value, word->len));
    }
    for (size_t i = 0; i < exchange.peer_count; i++)
        json_array_append_new(peers, json_string(exchange.peers[i].name));
    for (size_t tag = 0; tag < SYNC_TAGS_MOST; tag++) {
        json_array_append_new(versions, json_integer((json_int_t)exchange.version[tag]));
        json_array_append_new(epochs, json_integer((json_int_t)exchange.epoch[tag]));
    }
    return json_pack("{s:i,s:s,s:o,s:o,s:o,s:o,s:o,s:b,s:s,s:I,s:I,s:I}", "answer", answer, "msg", error->msg,
                     "items", list, "words", heard, "peers", peers, "versions", versions, "epochs", epochs,
                     "refused", exchange.is_refused, "refused_by", exchange.refused_by, "server_ms",
                     (json_int_t)exchange.server_ms, "connects", (json_int_t)exchange.connects, "took_ms",
                     (json_int_t)(took_ns / 1000000));
}

static json_t *run_flush(struct sync_redis *redis, int64_t deadline_ms)
{
    struct tq_error error = {.size = sizeof error};
    int64_t start_ns = sync_now_ns();
    int answer = sync_exchange(redis, &exchange, start_ns + deadline_ms * 1000000, &error);

    return exchange_json(answer, &error, sync_now_ns() - start_ns);
}

static json_t *run_facts(struct sync_redis *redis, int64_t deadline_ms)
{
    struct tq_error error = {.size = sizeof error};
    struct sync_server_facts facts;
    int answer = sync_server_facts(redis, &facts, sync_now_ns() + deadline_ms * 1000000, &error);

    return json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:b,s:b,s:b,s:I}", "answer", answer, "msg", error.msg,
                     "name", facts.name, "kind", facts.kind, "version", facts.version, "role", facts.role,
                     "policy", facts.policy, "maxmemory", (json_int_t)facts.maxmemory, "script",
                     facts.allows_script, "cluster", facts.is_cluster, "saves_log", facts.saves_log,
                     "offset_ms", (json_int_t)(facts.offset_ns / 1000000));
}

static json_t *run_merge(char **field, size_t count)
{
    struct sync_entry kept = {.seq = 0}, other;

    for (size_t i = 1; i < count; i++) {
        read_entry(field[i], &other);
        sync_entry_merge(&kept, &other);
    }
    return json_pack("{s:o}", "merged", entry_json(&kept));
}

static void run_line(struct sync_redis *redis, char **field, size_t count)
{
    static char *names[3];
    const char *verb = field[0];
    json_t *said = NULL;

    if (strcmp(verb, "item") == 0 && count == 7 && exchange.item_count < MOST)
        add_item(field);
    else if (strcmp(verb, "word") == 0 && count == 6 && exchange.word_count < MOST)
        add_word(field);
    else if (strcmp(verb, "own") == 0 && count == 3 && (size_t)number(field[1]) < exchange.item_count)
        read_entry(field[2], &items[number(field[1])].own);
    else if (strcmp(verb, "seen") == 0 && count == 3)
        exchange.seen_version[number(field[1]) % SYNC_TAGS_MOST] = (uint64_t)number(field[2]);
    else if (strcmp(verb, "clear") == 0)
        clear();
    else if (strcmp(verb, "flush") == 0 && count == 2)
        said = run_flush(redis, number(field[1]));
    else if (strcmp(verb, "facts") == 0 && count == 2)
        said = run_facts(redis, number(field[1]));
    else if (strcmp(verb, "tag") == 0 && count == 2)
        said = json_pack("{s:i}", "tag", (int)sync_tag_of(field[1], sync_redis_tags(redis)));
    else if (strcmp(verb, "merge") == 0)
        said = run_merge(field, count);
    else if (strcmp(verb, "node") == 0 && count == 5) {
        for (size_t i = 0; i < 3; i++) {
            free(names[i]);
            names[i] = copy(field[i + 1]);
        }
        exchange.node = names[0];
        exchange.instance = names[1];
        exchange.before = names[2];
        exchange.every_ms = number(field[4]);
    } else
        die(verb);
    if (!said)
        return;
    json_dumpf(said, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(said);
}

int main(int argc, char **argv)
{
    struct sync_redis_options options = {.to = NULL};
    struct tq_error error = {.size = sizeof error};
    struct sync_redis *redis;
    size_t capacity = 0;
    char *line = NULL;
    ssize_t len;

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--to") == 0)
            options.to = argv[i + 1];
        else if (strcmp(argv[i], "--auth-file") == 0)
            options.auth_file = argv[i + 1];
        else if (strcmp(argv[i], "--ca-file") == 0)
            options.ca_file = argv[i + 1];
        else if (strcmp(argv[i], "--tags") == 0)
            options.tags = (unsigned)number(argv[i + 1]);
        else
            die("usage: --to ADDRESS [--auth-file FILE] [--ca-file FILE] [--tags N]");
    }
    if (!options.to || sync_redis_open(&redis, &options, &error) < 0)
        die(options.to ? error.msg : "--to is missing");
    while ((len = getline(&line, &capacity, stdin)) > 0) {
        struct tq__span rest = {line, (size_t)len - (line[len - 1] == '\n')};
        char *field[64];
        size_t count = 0;

        line[rest.len] = '\0';
        do {
            struct tq__span one = tq__span_cut(&rest, '\t');

            field[count] = line + (one.at - line);
            field[count++][one.len] = '\0';
        } while (count < 64 && rest.at <= line + len && rest.len > 0);
        while (count < 6 + (strcmp(field[0], "item") == 0) &&
               strcmp(field[0], "item") == 0) /* an empty entry */
            field[count++] = line + len - 1;
        run_line(redis, field, count);
    }
    clear();
    sync_redis_close(redis);
    free(line);
    return 0;
}
