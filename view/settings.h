/* settings.h: all settings of a provider but its limits, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_SETTINGS_H
#define TOKENQUOTA_VIEW_SETTINGS_H

#include <tokenquota.h>

#define WEIGHT_UNSET 1000 /* thousandths of a class without a weight of its own */
#define PRICE_UNSET (-1)
#define CARE_UNSET (-1)

struct json_t;

struct settings {
    int64_t budget;              /* 0: none */
    uint32_t rule;               /* TQ_RULE_... */
    int64_t care;                /* in quarters, of its own rule care; CARE_UNSET: its rule is another */
    uint32_t overage;            /* TQ_OVERAGE_... */
    const char *pool;            /* its name, NULL: none */
    int64_t weights[TQ_CLASSES]; /* thousandths */
    int64_t price[TQ_CLASSES];   /* micro-dollars a million tokens */
};

/* "input", "cache_read", "cache_write", "output", in the order of weights and prices; a NULL ends them. */
extern const char *const class_names[TQ_CLASSES + 1];

/* "allow", "stop", in the order of their numbers; a NULL ends them. */
extern const char *const overage_names[];

/* 0, or negative from the library. */
int settings_read(struct tq_provider *provider, struct settings *settings);

/* An object with a member for each. */
struct json_t *settings_json(const struct settings *settings);

#endif
