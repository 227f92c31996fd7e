/* test_trees.c: the made-up logs of each tool and version give the records that people worked out by hand.
 *
 * SPDX-License-Identifier: MIT
 *
 * tests/logs/trees/NAME/expected.txt begins with how to read the tree, up to an empty line:
 *
 *     source NAME      which reader
 *     path PATH        what it is given, below the tree; without it, it looks in its own places
 *     env NAME VALUE   set before, {tree} is the tree's folder
 *     lines            say how many lines told of each record
 *     without session  do not say the session
 *
 * then the records, sorted: of the entries of one key the one of the greatest rank, those that used nothing
 * left out; then the bad lines and the signals. What is not known is not there. Each tree is read in one go,
 * and again with every reader closed after so many answers and opened where it was: nothing may be lost, and
 * nothing counted twice.
 */

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "harness.h"
#include "no_places.h"
#include "tokenquota_logs.h"

#define TREES "tests/logs/trees"
#define RECORDS_MAX 64
#define SIGNALS_MAX 64
#define SPLITS 12
#define ANSWERS_MAX 10000 /* of a reader that does not come to an end */

static const char *const names[] = {"antigravity",  "claude_dirs", "claude_fork",   "claude_new",
                                    "claude_old",   "cline",       "codex_archive", "codex_bare",
                                    "codex_new",    "codex_old",   "codex_records", "codex_subagent",
                                    "copilot",      "cursor",      "gemini_chats",  "gemini_telemetry",
                                    "grok",         "kilo",        "kimi",          "litellm",
                                    "openai_usage", "openclaw",    "opencode",      "otel",
                                    "pi",           "qwen"};

struct text {
    char bytes[16384];
    size_t len;
};

struct tree {
    char folder[256];
    char source[32];
    char path[512]; /* "": none */
    bool lines, session;
    struct text expected;
};

struct record {
    uint64_t key, rank;
    unsigned lines;
    struct text text;
};

struct reading {
    struct record records[RECORDS_MAX];
    size_t record_count;
    char *notes[SIGNALS_MAX]; /* signals and bad lines */
    size_t note_count;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *text, const char *format, ...)
{
    va_list arguments;
    int len;

    va_start(arguments, format);
    len = vsnprintf(text->bytes + text->len, sizeof text->bytes - text->len, format, arguments);
    va_end(arguments);
    assert_true(len >= 0 && (size_t)len < sizeof text->bytes - text->len);
    text->len += (size_t)len;
}

/* ---- what is expected ------------------------------------------------------------------------ */

static void set_environment(const struct tree *tree, char *words)
{
    char *value = strchr(words, ' '), *mark;
    struct text text = {.len = 0};

    assert_non_null(value);
    *value++ = '\0';
    for (; (mark = strstr(value, "{tree}")); value = mark + strlen("{tree}"))
        say(&text, "%.*s%s", (int)(mark - value), value, tree->folder);
    say(&text, "%s", value);
    assert_int_equal(setenv(words, text.bytes, 1), 0);
}

static void read_head_line(struct tree *tree, char *line)
{
    if (strncmp(line, "source ", 7) == 0)
        assert_true(snprintf(tree->source, sizeof tree->source, "%s", line + 7) < (int)sizeof tree->source);
    else if (strncmp(line, "path ", 5) == 0)
        assert_true(snprintf(tree->path, sizeof tree->path, "%s/%s", tree->folder, line + 5) <
                    (int)sizeof tree->path);
    else if (strncmp(line, "env ", 4) == 0)
        set_environment(tree, line + 4);
    else if (strcmp(line, "lines") == 0)
        tree->lines = true;
    else if (strcmp(line, "without session") == 0)
        tree->session = false;
    else
        fail_msg("%s: \"%s\" is no word of expected.txt", tree->folder, line);
}

static void read_tree(struct tree *tree, const char *name)
{
    char path[512], line[1024];
    bool head = true;
    FILE *file;

    *tree = (struct tree){.session = true};
    snprintf(tree->folder, sizeof tree->folder, "%s/%s", TREES, name);
    snprintf(path, sizeof path, "%s/expected.txt", tree->folder);
    /* What the machine's own user has must not be found. */
    forget_places();
    assert_int_equal(setenv("HOME", tree->folder, 1), 0);
    file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (!head) {
            say(&tree->expected, "%s", line);
        } else if (line[0] == '\n') {
            head = false;
        } else {
            line[strcspn(line, "\n")] = '\0';
            read_head_line(tree, line);
        }
    }
    fclose(file);
    assert_true(tree->expected.len > 0);
}

/* ---- what came ------------------------------------------------------------------------------- */

static void say_instant(struct text *text, int64_t at_ns)
{
    time_t seconds = (time_t)(at_ns / 1000000000);
    struct tm tm;
    char words[32];

    assert_non_null(gmtime_r(&seconds, &tm));
    strftime(words, sizeof words, "%Y-%m-%dT%H:%M:%S", &tm);
    say(text, "%s.%03dZ", words, (int)(at_ns % 1000000000 / 1000000));
}

static void say_count(struct text *text, const struct tq_usage *usage, uint32_t flag, const char *name,
                      int64_t count)
{
    assert_true(count >= 0);
    if (usage->known & flag)
        say(text, " %s %" PRId64, name, count);
    else
        assert_int_equal(count, 0);
}

static void say_record(struct text *text, const struct tree *tree, const struct tq_log_entry *entry)
{
    const struct tq_usage *usage = &entry->usage;

    say_instant(text, entry->at_ns);
    say(text, " %s %s", entry->vendor, entry->model);
    say_count(text, usage, TQ_USAGE_INPUT, "input", usage->input);
    say_count(text, usage, TQ_USAGE_CACHE_READ, "cache_read", usage->cache_read);
    say_count(text, usage, TQ_USAGE_CACHE_WRITE, "cache_write", usage->cache_write);
    say_count(text, usage, TQ_USAGE_OUTPUT, "output", usage->output);
    say_count(text, usage, TQ_USAGE_REASONING, "reasoning", usage->reasoning);
    say_count(text, usage, TQ_USAGE_TOTAL, "total", usage->total);
    say(text, " counted %" PRId64, usage->counted);
    if (entry->cost_nano_usd >= 0)
        say(text, " cost %" PRId64, entry->cost_nano_usd);
    if (usage->requests != 1)
        say(text, " requests %" PRIu32, usage->requests);
    if (tree->session && entry->session[0])
        say(text, " session %s", entry->session);
    if (entry->project[0] == '/')
        say(text, " project %s", entry->project);
    if (entry->flags & TQ_LOG_ENTRY_SIDECHAIN)
        say(text, " sidechain");
    if (entry->flags & TQ_LOG_ENTRY_BUCKET)
        say(text, " bucket");
    if (entry->flags & TQ_LOG_ENTRY_NO_KEY)
        say(text, " no-key");
}

static void say_signal(struct text *text, const struct tq_quota_signal *signal)
{
    say(text, "signal ");
    say_instant(text, signal->said_at_ns);
    say(text, " %s",
        signal->refusal == TQ_CLASS_EXHAUSTED ? "exhausted"
        : signal->refusal                     ? "refused"
                                              : "none");
    if (signal->retry_at_ns) {
        say(text, " until ");
        say_instant(text, signal->retry_at_ns);
    }
    assert_true(signal->axis_count <= TQ_AXES_MAX);
    for (uint32_t i = 0; i < signal->axis_count; i++) {
        const struct tq_axis *axis = &signal->axis[i];

        say(text, "; %" PRId64 " h", axis->window_ns / HOUR_NS);
        if (axis->known & TQ_AXIS_USED)
            say(text, " %" PRIu32 " ppm", axis->used_ppm);
        if (axis->known & TQ_AXIS_RESET) {
            say(text, " until ");
            say_instant(text, axis->reset_at_ns);
        }
    }
}

/* A signal or a bad line, once: who reads from an earlier place meets it again. */
static void add_note(struct reading *reading, const struct text *text)
{
    for (size_t i = 0; i < reading->note_count; i++)
        if (strcmp(reading->notes[i], text->bytes) == 0)
            return;
    assert_true(reading->note_count < SIGNALS_MAX);
    reading->notes[reading->note_count] = strdup(text->bytes);
    assert_non_null(reading->notes[reading->note_count++]);
}

static void add_entry(struct reading *reading, const struct tree *tree, const struct tq_log_entry *entry)
{
    const struct tq_usage *usage = &entry->usage;
    struct text text = {.len = 0};
    size_t i = 0;

    assert_int_not_equal(entry->key, 0);
    if (entry->signal) {
        say_signal(&text, entry->signal);
        add_note(reading, &text);
    }
    if (usage->input + usage->cache_read + usage->cache_write + usage->output == 0)
        return;
    while (i < reading->record_count && reading->records[i].key != entry->key)
        i++;
    assert_true(i < RECORDS_MAX);
    if (i == reading->record_count)
        reading->records[reading->record_count++] = (struct record){.key = entry->key};
    reading->records[i].lines++;
    if (reading->records[i].lines == 1 || entry->rank > reading->records[i].rank) {
        reading->records[i].rank = entry->rank;
        reading->records[i].text.len = 0;
        say_record(&reading->records[i].text, tree, entry);
    }
}

static void add_bad_line(struct reading *reading, const char *path, const struct tq_log_error *error)
{
    struct text text = {.len = 0};

    say(&text, "bad %s:%" PRIu64, strrchr(path, '/') + 1, error->line);
    add_note(reading, &text);
}

static struct tq_log_reader *open_reader(const struct tq_log_source *source, const char *path,
                                         const struct tq_log_state *state)
{
    struct tq_log_error error = {0};
    struct tq_log_reader *reader = NULL;
    int restarted = -1;

    if (tq_log_reader_open(&reader, source, path, state, &restarted, &error) != 0)
        fail_msg("%s: %s", path, error.msg);
    if (!strstr(path, ".zst")) /* always read from the start */
        assert_int_equal(restarted, 0);
    return reader;
}

/* With `split` above 0 the reader is closed after so many answers, and again and again. */
static void read_file(struct reading *reading, const struct tree *tree, const struct tq_log_source *source,
                      const char *path, unsigned split)
{
    struct tq_log_state state = {.size = sizeof state};
    struct tq_log_entry entry = {.size = sizeof entry};
    struct tq_log_error error = {0};
    struct tq_log_reader *reader = open_reader(source, path, NULL);
    bool splits = split > 0 && !strstr(path, ".zst");
    unsigned answers = 0;
    int answer;

    while ((answer = tq_log_reader_next(reader, &entry, &error)) != TQ_LOG_END) {
        if (answer == TQ_LOG_RECORD)
            add_entry(reading, tree, &entry);
        else if (answer == TQ_LOG_BAD_LINE)
            add_bad_line(reading, path, &error);
        else
            fail_msg("%s: %s", path, error.msg);
        assert_true(++answers < ANSWERS_MAX);
        if (splits && answers % split == 0) {
            uint64_t before = state.offset;

            tq_log_reader_state(reader, &state);
            assert_int_equal(state.source, tq_log_source_id(source));
            tq_log_reader_close(reader);
            /* A whole document has no place inside it to go on from: it is read from its start again. */
            splits = state.offset > before;
            reader = open_reader(source, path, &state);
        }
    }
    tq_log_reader_close(reader);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct record *)a)->text.bytes, ((const struct record *)b)->text.bytes);
}

static int by_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void say_reading(struct text *text, struct reading *reading, bool lines)
{
    qsort(reading->records, reading->record_count, sizeof reading->records[0], by_text);
    qsort(reading->notes, reading->note_count, sizeof reading->notes[0], by_words);
    for (size_t i = 0; i < reading->record_count; i++) {
        say(text, "%s", reading->records[i].text.bytes);
        if (lines)
            say(text, " lines %u", reading->records[i].lines);
        say(text, "\n");
    }
    for (size_t i = 0; i < reading->note_count; i++) {
        say(text, "%s\n", reading->notes[i]);
        free(reading->notes[i]);
    }
}

static void read_all(struct text *text, const struct tree *tree, unsigned split)
{
    const struct tq_log_source *source = tq_log_source_find(tree->source);
    struct reading *reading = calloc(1, sizeof *reading);
    struct tq_log_files *files;
    struct tq_log_error error;
    const char *path;

    assert_non_null(source);
    assert_non_null(reading);
    assert_int_equal(tq_log_files_open(&files, source, tree->path[0] ? tree->path : NULL, &error), 0);
    while ((path = tq_log_files_next(files)))
        read_file(reading, tree, source, path, split);
    tq_log_files_close(files);
    text->len = 0;
    text->bytes[0] = '\0';
    say_reading(text, reading, tree->lines);
    free(reading);
}

static void test_tree(void **state)
{
    static struct tree tree;
    static struct text text;

    read_tree(&tree, *state);
    assert_non_null(tq_log_source_find(tree.source));
    for (unsigned split = 0; split <= SPLITS; split++) {
        read_all(&text, &tree, split);
        if (strcmp(text.bytes, tree.expected.bytes) != 0)
            fail_msg("%s, closed after every %u answers:\n%sexpected:\n%s", tree.folder, split, text.bytes,
                     tree.expected.bytes);
    }
}

static void test_all_trees_are_named(void **state)
{
    DIR *folder = opendir(TREES);
    size_t count = 0;
    struct dirent *entry;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder)))
        count += entry->d_name[0] != '.';
    closedir(folder);
    assert_int_equal(count, sizeof names / sizeof names[0]);
}

int main(void)
{
    struct CMUnitTest tests[sizeof names / sizeof names[0] + 1] = {
        cmocka_unit_test(test_all_trees_are_named)};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        tests[i + 1] = (struct CMUnitTest){names[i], test_tree, NULL, NULL, (void *)(uintptr_t)names[i]};
    return cmocka_run_group_tests_name("trees", tests, NULL, NULL);
}
