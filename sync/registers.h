/* registers.h: what is no count, as last said or heard: one register by provider and name, the last writer's.
 *
 * SPDX-License-Identifier: MIT
 *
 * A register has a value, the instant at which it was said, by the server's clock, and the node that said it.
 * What the ledger holds is compared with what was last said or heard of it. When it is another value,
 * somebody changed it on this machine: that is said, with the present instant. What is heard and is later
 * than what is known goes into the ledger, if nobody changed it there meanwhile. So "cleared" is a word, too:
 * its value is "0".
 *
 *     mark        INSTANT                   until when a caller keeps the provider out; 0: no more
 *     reported    WORD WHY PROBE            the vendor's refusal for the quota: hexadecimal words of the slot
 *     throttled   WORD WHY                  for the moment
 *     available   INSTANT                   when a caller made the provider available
 *     served      INSTANT                   a request sent then was served: it lifts what was stated before
 *     stated:...  SHARE FLAGS SAID RESET LIMIT SOURCE PROFILE
 *                                           a reading of a window that the vendor states
 *     settings    lines (settings.c)        budget, limits, pool, rule, ...; "": the provider was forgotten
 */
#ifndef TOKENQUOTA_SYNC_REGISTERS_H
#define TOKENQUOTA_SYNC_REGISTERS_H

#include "sync/exchange.h"
#include "tokenquota.h"

#define SYNC_REGISTER_NAME_MOST 63
/* Of one provider, that others may name: it has 6, and one for each window. */
#define SYNC_REGISTERS_MOST 64
#define SYNC_VALUE_BYTES 4097

/* What is known of one register. */
struct sync_register {
    char name[SYNC_REGISTER_NAME_MOST + 1];
    char node[SYNC_NODE_MOST + 1];
    int64_t at_ms;  /* 0: nobody said it yet */
    uint64_t hash;  /* of the ledger's value then; 0: never looked at */
    bool is_unsaid; /* the server may not have it */
    bool is_stale;  /* the ledger was put back and holds another value than was said */
};

struct sync_registers {
    struct sync_register *items;
    size_t count, capacity;
    int64_t settings;      /* tq_ledger_settings when the settings were looked at; -1: never */
    struct tq_words words; /* of the ledger when all were looked at; size 0: something is unsaid */
    int64_t words_served_ns;
    uint32_t overruled; /* bits of the limits whose vendor's block was lifted by an answer */
    int64_t served_ns;  /* when that was noticed last */
    bool is_put_back;   /* until the next look */
    bool is_new;        /* the provider came while the node looked: what it has was said now */
};

/* What a flush says: copies that live until it is over. */
struct sync_said {
    uint32_t provider, which; /* numbers of the provider, and of the register in it */
    uint64_t hash;
};
struct sync_says {
    struct sync_word
        *words; /* each with name, node and value in one piece of memory, which begins with the name */
    struct sync_said *about;
    size_t count, word_capacity, about_capacity;
};

struct sync_node;

/* Finds a register by its name, or makes it. NULL: no memory, or too long a name. */
struct sync_register *sync_register(struct sync_registers *registers, const char *name);
void sync_registers_free(struct sync_registers *registers);

/* Compares what the ledger holds of a provider with what is known of it, and lists what is to be said. 0;
 * negative. */
int sync_words_look(struct sync_node *node, uint32_t number, int64_t now_ns, int64_t server_ms);

/* The ledger has the provider no more: so its settings and words are gone, too. 0; negative. */
int sync_words_forgotten(struct sync_node *node, uint32_t number, int64_t server_ms);

/* The server has what this flush said to the tags that answered. */
void sync_words_were_said(struct sync_node *node, const struct sync_exchange *exchange);

/* The server lost what it had of a tag, or is another one: everything is said again, as it was said. */
void sync_words_say_again(struct sync_node *node, unsigned tag);

void sync_says_clear(struct sync_says *says);

/* NULL: there is none of that name. */
struct sync_register *sync_register_find(const struct sync_registers *registers, const char *name);

/* Can a register have that name? */
bool sync_is_register(const char *name);

/* Of a value, to compare it; never 0. */
uint64_t sync_value_hash(const char *value);

/* By how many seconds an instant of this machine is later by the server's clock. */
int64_t sync_shift_s(const struct sync_node *node);

/* When the ledger's value was said, by the server's clock, as far as the value tells; as sync_value_at_ms. */
int64_t sync_natural_ms(const struct sync_node *node, const char *name, const char *value);

/* ---- registers_hear.c ---------------------------------------------------------------------------- */

/* Takes a word that was heard. 0 also when it was an older one, or none that can be; negative: the library.
 */
int sync_words_hear(struct sync_node *node, const struct sync_word *word, int64_t now_ns);

/* ---- values.c: as text, with instants shifted by so many seconds --------------------------------- */

/* Writes what the ledger holds of a register; "" or "0" when it holds nothing. Returns its length; negative:
 * the library. */
int sync_value_read(struct tq_provider *provider, const char *name, int64_t served_ns, int64_t shift_s,
                    char out[SYNC_VALUE_BYTES]);

bool sync_value_is_empty(const char *value);

/* When that was said as far as the value itself tells, in ms; 1: it does not tell. */
int64_t sync_value_at_ms(const char *name, const char *value);

/* Puts a value that was heard into the ledger. 0; 1 not taken: it can be no such value, or somebody changed
 * it meanwhile; negative: the library. */
int sync_value_set(struct tq_ledger *ledger, struct tq_provider *provider, const char *name,
                   const char *value, int64_t shift_s, int64_t now_ns);

/* The name of the register of a window that the vendor states. false: it cannot be one. */
bool sync_stated_name(const struct tq_limit_state *state, char out[SYNC_REGISTER_NAME_MOST + 1]);

/* ---- settings.c ---------------------------------------------------------------------------------- */

/* Writes budget, limits with their amounts, strict, cut, pool, weights, price, rule, care and overage as
 * lines; "" when none is set. Returns the length; negative: the library. */
int sync_settings_read(struct tq_provider *provider, char out[SYNC_VALUE_BYTES]);

/* Sets them, each by its public call, which refuses what cannot be; takes out what the text does not name. As
 * sync_value_set. */
int sync_settings_set(struct tq_ledger *ledger, struct tq_provider *provider, const char *text,
                      int64_t now_ns);

/* Where a fixed window is anchored, the same on all machines: the library gives of all its beginnings the
 * newest one, which is another one later. 0: no fixed window. */
int64_t sync_limit_anchor(const struct tq_limit *limit);

#endif
