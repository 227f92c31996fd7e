/* presets.h: the limits of vendors' plans, read from files of JSON.
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/presets.md describes the format.
 */
#ifndef TOKENQUOTA_VIEW_PRESETS_H
#define TOKENQUOTA_VIEW_PRESETS_H

#include <stdbool.h>
#include <stddef.h>

#include <tokenquota.h>

struct json_t;

/* One limit of a plan, and where its numbers are from. */
struct preset_limit {
    const char *sentence; /* as tq_limit_parse reads it */
    const char *source;   /* the address of the page that says it */
    const char *date;     /* of the day on which it said so, "2026-10-17" */
    const char *note;     /* NULL: none */
    struct tq_limit limit;
};

struct preset {
    const char *name, *title, *vendor;
    const char *note;    /* NULL: none */
    const char *overage; /* "allow", "stop"; NULL: as it was */
    const char *file;    /* it was read from */
    struct preset_limit limits[TQ_LIMITS_MAX];
    size_t count;
};

/* What was read; a struct of zeros holds nothing. Texts belong to it. */
struct presets {
    struct preset *items; /* in the order in which they were read */
    size_t count, capacity;
    struct json_t **documents; /* of the files */
    char **files;              /* their paths */
    size_t file_count, file_capacity, document_capacity;
    char wrong[512]; /* what is wrong with a file, with its path and line */
};

/* Reads a file. What it has under a name that was read before is left out. 0; 1: there is no such file; -1
 * with presets->wrong. */
int presets_read(struct presets *presets, const char *path);

/* NULL: there is none by that name. */
const struct preset *presets_find(const struct presets *presets, const char *name);

void presets_free(struct presets *presets);

/* Does this limit keep callers out by itself? One without an amount only counts and shows; what a vendor
 * states does, when the vendor says so. */
bool preset_limit_has_amount(const struct preset_limit *limit);

/* Objects with the members of the file. */
struct json_t *preset_json(const struct preset *preset);

#endif
