/* config_lines.h: the lines of a configuration: sections, and keys with their values, each with its number.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_CONFIG_LINES_H
#define TOKENQUOTA_SERVE_CONFIG_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct listener;

#define CONFIG_SECTION_BYTES 320 /* of what stands between [ and ] */

struct config_lines {
    /* The caller's. */
    const char *text;
    size_t len;
    void *context;
    /* A section begins, its name without blanks at its ends; NULL: it has none, which was told. */
    void (*section)(struct config_lines *lines, const char *name);
    /* A key and its value, which is not NULL. continued: the line goes on with the value of the line above.
     */
    void (*key)(struct config_lines *lines, const char *key, const char *value, bool continued);
    /* What is wrong with a line. */
    void (*wrong)(struct config_lines *lines, const char *why);

    unsigned number; /* of the line */
    size_t at;
    bool waits;   /* for inih to find the key of this line */
    bool blank;   /* the line begins with a blank, */
    bool has_key; /* and there is a key above, in this section */
};

/* Reads all lines, calling the functions above. */
void config_lines_read(struct config_lines *lines);

#endif
