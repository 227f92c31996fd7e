/* embedded.h: files that the command carries in itself, as tools/embed.py writes them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_EMBEDDED_H
#define TOKENQUOTA_SERVE_EMBEDDED_H

#include <stddef.h>

/* A row without a path ends a table. */
struct embedded {
    const char *path; /* the base name of the file */
    const char *type; /* its media type */
    const char *etag; /* with its quotes; it changes with the bytes */
    const char *bytes;
    size_t len;
};

extern const struct embedded page_files[], openapi_json[];

#endif
