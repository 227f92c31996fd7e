/* settings.h: all settings of a provider but its limits, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_SETTINGS_H
#define TOKENQUOTA_VIEW_SETTINGS_H

#include <stdbool.h>

#include <tokenquota.h>

#define WEIGHT_UNSET 1000 /* thousandths of a class without a weight of its own */
#define PRICE_UNSET (-1)
#define CARE_UNSET (-1)

struct json_t;
struct listener;

struct settings {
    int64_t budget;              /* 0: none */
    uint32_t rule;               /* TQ_RULE_... */
    int64_t care;                /* in quarters, of its own rule care; CARE_UNSET: its rule is another */
    uint32_t overage;            /* TQ_OVERAGE_... */
    uint32_t cut;                /* TQ_CUT_... */
    const char *pool;            /* its name, NULL: none */
    int64_t weights[TQ_CLASSES]; /* thousandths */
    int64_t price[TQ_CLASSES];   /* micro-dollars a million tokens */
};

/* "input", "cache_read", "cache_write", "output", in the order of weights and prices; a NULL ends them. */
extern const char *const class_names[TQ_CLASSES + 1];

/* "allow", "stop", in the order of their numbers; a NULL ends them. */
extern const char *const overage_names[];

/* "share", "open", "closed", in the order of their numbers; a NULL ends them. */
extern const char *const cut_names[];

/* 0, or negative from the library. */
int settings_read(struct tq_provider *provider, struct settings *settings);

/* An object with a member for each. */
struct json_t *settings_json(const struct settings *settings);

/* ---- settings_words.c: as people write them -------------------------------------------------- */

enum setting {
    SETTING_BUDGET,
    SETTING_RULE,
    SETTING_CARE,
    SETTING_POOL,
    SETTING_WEIGHTS,
    SETTING_PRICE,
    SETTING_OVERAGE,
    SETTING_CUT,
    SETTINGS,
};

#define SETTING_BYTES (TQ_NAME_MAX + 1) /* of a written value; a pool's name is the longest */

/* "budget", "rule", ..., in that order; a NULL ends them. */
extern const char *const setting_keys[SETTINGS + 1];

/* Reads a value; an empty text gives what holds without the setting, in values that begin as zeros. A pool's
 * name is that of the text. 0, or -1 with listener->why. */
int setting_read(enum setting key, const char *text, struct settings *values, struct listener *listener);

/* After all were read: a care is one of the rule care, and beside that rule no care is the default one.
 * Changes what is given so that each can be set. 0, or -1 with listener->why. */
int settings_fit(struct settings *values, bool given[SETTINGS], struct listener *listener);

/* Sets one of the values; pool is the provider whose name is values->pool. As the library. */
int setting_set(struct tq_provider *provider, enum setting key, const struct settings *values,
                struct tq_provider *pool);

/* Writes a value as it is read; "" when it is what holds without the setting. */
void setting_write(enum setting key, const struct settings *values, char out[SETTING_BYTES]);

#endif
