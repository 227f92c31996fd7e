/* test_signal_vectors.c: responses of every vendor, read as tests/vectors/signals/ says they must be.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each case is a test.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "signal_cases.h"
#include "signal_promises.h"
#include "signal_words.h"

/* A file that is cut short, or a folder that is, must not pass: see the README beside them. */
#define CASES_MIN 545u
#define FILES_MIN 35u

/* ---- one reading of one case ----------------------------------------------------------------- */

static void print_lines(const char *title, char (*lines)[SIGNAL_LINE_BYTES], size_t count)
{
    print_error("  %s:\n", title);
    for (size_t i = 0; i < count; i++)
        print_error("    %s\n", lines[i]);
}

static bool same_lines(struct signal_case *c, struct signal_lines *came, const char *by)
{
    bool same = came->count == c->expected_count;

    for (size_t i = 0; same && i < came->count; i++)
        same = strcmp(came->line[i], c->expected[i]) == 0;
    if (!same) {
        print_error("%s, read by %s\n", c->name, by);
        print_lines("expected", c->expected, c->expected_count);
        print_lines("came", came->line, came->count);
    }
    return same;
}

/* by is "openai", or "auto=openai": what auto must find, where the profile is not the case's first. */
static bool reads_as_written(struct signal_case *c, const char *by, const char *first)
{
    const char *equals = strchr(by, '=');
    size_t len = equals ? (size_t)(equals - by) : strlen(by);
    const char *found = equals ? equals + 1 : strncmp(by, "auto", len) == 0 ? first : by;
    struct tq_usage usage = {.size = sizeof(usage)};
    struct tq_quota_signal signal = {.size = sizeof(signal)};
    struct tq_response response = {.size = sizeof(response),
                                   .status = c->status,
                                   .fields = c->fields,
                                   .field_count = c->field_count,
                                   .body = c->body,
                                   .body_len = c->body_len,
                                   .profile = tq_profile_find(by, len),
                                   .sent_at_ns = c->now_ns - 2000000000,
                                   .now_ns = c->now_ns,
                                   .day = c->day};
    struct signal_lines came;
    int answer = tq_signal_read(&response, &signal), used = 1;

    assert_true(tq_profile_known(by, len));
    assert_true(answer == 0 || answer == 1);
    signal_promises(&response, &signal);
    if (c->body)
        used = tq_usage_read(response.profile, c->body, c->body_len, &usage);
    if (used == 1)
        used = tq_usage_read_fields(response.profile, c->fields, c->field_count, &usage);
    assert_true(used == 0 || (used == 1 && usage.known == 0 && usage.counted == 0));
    signal_words(&signal, answer == 1, used == 0 ? &usage : NULL, &came);
    if (!same_lines(c, &came, by))
        return false;
    if (strcmp(tq_profile_name(tq_profile_of(signal.profile)), found) != 0) {
        print_error("%s, read by %s: by profile %s, not %s\n", c->name, by,
                    tq_profile_name(tq_profile_of(signal.profile)), found);
        return false;
    }
    return true;
}

static void reads_case(void **state)
{
    struct signal_case *c = *state;
    char by[sizeof(c->by)], first[sizeof(c->by)], *rest = NULL;
    bool right = true;

    snprintf(by, sizeof(by), "%s", c->by);
    snprintf(first, sizeof(first), "%.*s", (int)strcspn(c->by, " ="), c->by);
    assert_true(strncmp(c->name, first, strlen(first)) == 0 && c->name[strlen(first)] == ':');
    for (char *word = strtok_r(by, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        right = reads_as_written(c, word, first) && right;
    if (!right)
        fail_msg("%s", c->name);
}

/* ---- all of them ----------------------------------------------------------------------------- */

int main(void)
{
    struct signal_cases cases = {.list = NULL};
    int files = signal_cases_read_folder(&cases, "tests/vectors/signals"), status;
    struct CMUnitTest *tests = calloc(cases.count + 1, sizeof(*tests));

    if (!tests || files < (int)FILES_MIN || cases.count < CASES_MIN) {
        printf("Bail out! %zu cases in %d files, which are too few, or one is wrong\n", cases.count, files);
        free(tests);
        return 1;
    }
    for (size_t i = 0; i < cases.count; i++)
        tests[i] = (struct CMUnitTest){cases.list[i].name, reads_case, NULL, NULL, &cases.list[i]};
    status = _cmocka_run_group_tests("signal_vectors", tests, cases.count, NULL, NULL);
    free(tests);
    signal_cases_free(&cases);
    return status;
}
