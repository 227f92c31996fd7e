/* exposition.c: writes metrics as text, in Prometheus's form 0.0.4 or in OpenMetrics 1.0.
 *
 * SPDX-License-Identifier: MIT
 */
#include "exposition.h"

#include <stdlib.h>
#include <string.h>

#include <tokenquota.h>

#include "base/number.h"
#include "base/text.h"

#define LABEL_BYTES 1100 /* every byte of the longest name as \xNN */

static void append(struct exposition *out, const char *bytes, size_t len)
{
    size_t need = out->len + len + 1;

    if (out->failed)
        return;
    if (need > out->capacity) {
        size_t larger = need > 2 * out->capacity ? need + 4096 : 2 * out->capacity;
        char *text = realloc(out->text, larger);

        out->failed = !text;
        if (!text)
            return;
        out->text = text;
        out->capacity = larger;
    }
    memcpy(out->text + out->len, bytes, len);
    out->len += len;
    out->text[out->len] = '\0';
}

static void append_text(struct exposition *out, const char *text)
{
    append(out, text, strlen(text));
}

/* What the type adds to the name of a family: always to its samples, in Prometheus's form also to its head.
 */
static const char *added_to(const struct family *family)
{
    return family->type == FAMILY_COUNTER ? "_total" : family->type == FAMILY_INFO ? "_info" : "";
}

static void put_head(struct exposition *out, const struct family *family)
{
    static const char *const types[] = {"gauge", "counter", "info", "histogram"};
    bool info = family->type == FAMILY_INFO && !out->openmetrics;
    const char *parts[][2] = {{"# HELP ", family->help},
                              {"# TYPE ", info ? "gauge" : types[family->type]},
                              {"# UNIT ", out->openmetrics ? family->unit : NULL}};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (!parts[i][1])
            continue;
        append_text(out, parts[i][0]);
        append_text(out, family->name);
        append_text(out, out->openmetrics ? "" : added_to(family));
        append_text(out, " ");
        append_text(out, parts[i][1]);
        append_text(out, "\n");
    }
}

/* What is control or no UTF-8 becomes \xNN, and then a backslash and a quote are escaped. */
static void put_label(struct exposition *out, const struct label *label, bool first)
{
    char safe[LABEL_BYTES];

    tq__text_make_safe(safe, sizeof safe, tq__span_of(label->value), SIZE_MAX, 0);
    append_text(out, first ? "{" : ",");
    append_text(out, label->name);
    append_text(out, "=\"");
    for (const char *at = safe; *at;) {
        size_t plain = strcspn(at, "\\\"");

        append(out, at, plain);
        at += plain;
        if (*at) {
            append(out, "\\", 1);
            append(out, at++, 1);
        }
    }
    append_text(out, "\"");
}

static void put_number(struct exposition *out, struct exact value)
{
    char text[TQ__NUMBER_BYTES];

    append_text(out, value.n < 0 ? "-" : "");
    append(out, text, tq__decimal_write(text, value.n < 0 ? -value.n : value.n, value.decimals, '\0'));
}

void exposition_put(struct exposition *out, const struct family *family, const char *suffix,
                    const struct label *labels, size_t label_count, struct exact value)
{
    bool any = false;

    if (out->begun != family)
        put_head(out, family);
    out->begun = family;
    append_text(out, family->name);
    append_text(out, suffix ? suffix : added_to(family));
    for (size_t i = 0; i < label_count; i++) {
        if (!labels[i].value || !*labels[i].value)
            continue;
        put_label(out, &labels[i], !any);
        any = true;
    }
    append_text(out, any ? "} " : " ");
    put_number(out, value);
    append_text(out, "\n");
}

int exposition_end(struct exposition *out)
{
    if (out->openmetrics)
        append_text(out, "# EOF\n");
    return out->failed ? TQ_ENOMEM : 0;
}
