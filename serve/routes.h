/* routes.h: the handlers, by the file that holds them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_ROUTES_H
#define TOKENQUOTA_SERVE_ROUTES_H

#include "http.h"

/* health.c */
http_handler health_alive, health_ready;

/* page.c */
http_handler page_root, page_file;

#endif
