/* vectors.c: reads a file of vectors and runs it through anything that answers part one's calls.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each call's answer is written as the text the file would hold and compared as text, so there is one
 * comparison and one message, and an answer of the wrong kind cannot be mistaken for a right
 * one. */

#include "vectors.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 8192
#define MAX_WORDS 5
#define MAX_LISTED 64

struct answer {
    size_t len;
    char text[LINE_BYTES];
};

struct call {
    const char *provider;
    int64_t number[2]; /* the numbers of the line, in its order */
};

/* One kind of line: its word, what stands behind it, and how to make the call. */
struct verb {
    const char *word;
    bool has_provider;
    size_t numbers;
    bool answers;
    int (*run)(const struct vectors_target *target, void *self, const struct call *call,
               struct answer *answer);
};

__attribute__((format(printf, 2, 3))) static void say(struct answer *answer, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(answer->text + answer->len, sizeof(answer->text) - answer->len, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof(answer->text) - answer->len)
        abort();
    answer->len += (size_t)len;
}

static int by_name(const void *left, const void *right)
{
    const struct tq_exhausted *a = left, *b = right;

    return strcmp(a->provider, b->provider);
}

static int say_list(struct answer *answer, struct tq_exhausted *list, size_t count)
{
    if (count > MAX_LISTED)
        return -1;
    qsort(list, count, sizeof(*list), by_name);
    for (size_t i = 0; i < count; i++)
        say(answer, "%s%s=%" PRId64, i ? " " : "", list[i].provider, list[i].retry_at_ns);
    if (count == 0)
        say(answer, "none");
    return 0;
}

static int run_set_budget(const struct vectors_target *t, void *self, const struct call *c,
                          struct answer *answer)
{
    (void)answer;
    return t->set_budget(self, c->provider, c->number[0]);
}

static int run_budget(const struct vectors_target *t, void *self, const struct call *c, struct answer *answer)
{
    say(answer, "%" PRId64, t->budget(self, c->provider));
    return 0;
}

static int run_used(const struct vectors_target *t, void *self, const struct call *c, struct answer *answer)
{
    say(answer, "%" PRId64, t->used(self, c->provider, c->number[0]));
    return 0;
}

static int run_record(const struct vectors_target *t, void *self, const struct call *c, struct answer *answer)
{
    int64_t retry_at_ns = -1;
    int code = t->record(self, c->provider, c->number[0], c->number[1], &retry_at_ns);

    if (code == TQ_EXHAUSTED)
        say(answer, "exhausted %" PRId64, retry_at_ns);
    else if (retry_at_ns == 0)
        say(answer, code == 0 ? "ok" : "error %d", code);
    else
        say(answer, "%d with retry at %" PRId64, code, retry_at_ns);
    return 0;
}

static int run_reset(const struct vectors_target *t, void *self, const struct call *c, struct answer *answer)
{
    (void)c;
    (void)answer;
    t->reset(self);
    return 0;
}

static int run_mark(const struct vectors_target *t, void *self, const struct call *c, struct answer *answer)
{
    (void)answer;
    return t->mark_quota_exhausted(self, c->provider, c->number[0]);
}

static int run_available(const struct vectors_target *t, void *self, const struct call *c,
                         struct answer *answer)
{
    (void)answer;
    return t->mark_available(self, c->provider);
}

static int run_state(const struct vectors_target *t, void *self, const struct call *c, struct answer *answer)
{
    int64_t retry_at_ns = -1;
    int state = t->state(self, c->provider, c->number[0], &retry_at_ns);

    say(answer, "%s %" PRId64, tq_state_name(state), retry_at_ns);
    return 0;
}

static int run_all(const struct vectors_target *t, void *self, const struct call *c, struct answer *answer)
{
    struct tq_exhausted list[MAX_LISTED];

    (void)c;
    return say_list(answer, list, t->all_exhausted(self, list, MAX_LISTED));
}

static int run_at(const struct vectors_target *t, void *self, const struct call *c, struct answer *answer)
{
    struct tq_exhausted list[MAX_LISTED];

    return say_list(answer, list, t->exhausted_at(self, c->number[0], list, MAX_LISTED));
}

static int run_observe(const struct vectors_target *t, void *self, const struct call *c,
                       struct answer *answer)
{
    int code = t->observe(self, c->provider, c->number[0], c->number[1]);

    (void)answer;
    return code == TQ_EXHAUSTED ? 0 : code;
}

static const struct verb verbs[] = {
    {"set_budget", true, 1, false, run_set_budget},
    {"budget", true, 0, true, run_budget},
    {"used", true, 1, true, run_used},
    {"record", true, 2, true, run_record},
    {"reset", false, 0, false, run_reset},
    {"mark_quota_exhausted", true, 1, false, run_mark},
    {"mark_available", true, 0, false, run_available},
    {"state", true, 1, true, run_state},
    {"all_exhausted", false, 0, true, run_all},
    {"exhausted_at", false, 1, true, run_at},
    {"observe", true, 2, false, run_observe},
};

static bool parse_number(const char *word, int64_t *number)
{
    char *end;
    intmax_t value;

    errno = 0;
    value = strtoimax(word, &end, 10);
    if (errno != 0 || end == word || *end || value < INT64_MIN || value > INT64_MAX)
        return false;
    *number = value;
    return true;
}

/* Finds the verb of a line and fills call; NULL when the line is not one. Cuts the line into words. */
static const struct verb *parse_call(char *line, struct call *call)
{
    char *words[MAX_WORDS] = {NULL}, *rest = NULL;
    size_t count = 0, at = 1;

    for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (count == MAX_WORDS)
            return NULL;
        words[count++] = word;
    }
    for (size_t i = 0; count && i < sizeof(verbs) / sizeof(*verbs); i++) {
        const struct verb *verb = &verbs[i];

        if (strcmp(words[0], verb->word) != 0)
            continue;
        if (count != 1u + (verb->has_provider ? 1u : 0u) + verb->numbers)
            return NULL;
        if (verb->has_provider) {
            assert(words[at]);
            call->provider = strcmp(words[at], "\"\"") == 0 ? "" : words[at];
            at++;
        }
        for (size_t n = 0; n < verb->numbers; n++)
            if (!parse_number(words[at + n], &call->number[n]))
                return NULL;
        return verb;
    }
    return NULL;
}

static bool run_line(const char *where, char *line, const struct vectors_target *target, void *self,
                     struct vectors_result *result)
{
    struct call call = {.provider = NULL, .number = {0, 0}};
    struct answer answer = {.len = 0, .text = ""};
    char *expected = strstr(line, " -> ");
    const struct verb *verb;
    int code;

    if (expected) {
        *expected = '\0';
        expected += strlen(" -> ");
    }
    verb = parse_call(line, &call);
    if (!verb || !self || (expected != NULL) != verb->answers) {
        printf("%s: cannot read this line\n", where);
        return false;
    }
    result->calls++;
    result->answers += verb->answers;
    code = verb->run(target, self, &call, &answer);
    if (code != 0) {
        printf("%s: %s %s: %s failed: %s\n", where, target->name, verb->word, line, tq_error_name(code));
        return false;
    }
    if (expected && strcmp(answer.text, expected) != 0) {
        printf("%s: %s: %s %s: expected %s, got %s\n", where, target->name, verb->word,
               call.provider ? call.provider : "", expected, answer.text);
        return false;
    }
    return true;
}

static void close_case(const struct vectors_target *target, void **self)
{
    if (*self)
        target->close(*self);
    *self = NULL;
}

struct vectors_result vectors_run(const char *path, const struct vectors_target *target)
{
    struct vectors_result result = {0, 0, 0, 0};
    FILE *file = fopen(path, "r");
    void *self = NULL;
    char line[LINE_BYTES], where[512];

    if (!file) {
        printf("%s: %s\n", path, strerror(errno));
        result.faults++;
        return result;
    }
    for (unsigned number = 1; fgets(line, sizeof(line), file); number++) {
        size_t len = strlen(line);
        bool whole = len > 0 && line[len - 1] == '\n';

        snprintf(where, sizeof(where), "%s:%u", path, number);
        if (whole)
            line[len - 1] = '\0';
        if (!whole) {
            printf("%s: line without an end, or too long\n", where);
            result.faults++;
        } else if (line[0] == '\0') {
            close_case(target, &self);
        } else if (strncmp(line, "case ", strlen("case ")) == 0) {
            close_case(target, &self);
            self = target->open();
            result.cases++;
        } else if (!run_line(where, line, target, self, &result)) {
            result.faults++;
        }
    }
    close_case(target, &self);
    fclose(file);
    return result;
}
