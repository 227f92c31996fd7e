/* statusline_words.c: the parts of the status line, and the placeholders of `tokenquota statusline --format`.
 *
 * SPDX-License-Identifier: MIT
 *
 * Texts come from Claude Code's JSON and from folders, so no control character of theirs gets to the
 * terminal.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/commands/statusline.h"

#define WHOLE_PPM 1000000
#define NANO_USD 1e9
#define COST_MOST 1e9   /* dollars */
#define TEXT_BYTES 256  /* of a part */
#define HEAD_BYTES 512  /* of .git/HEAD, and of .git where that is a file */
#define HASH_SHOWN 7    /* of a commit that has no branch */
#define SESSION_SHOWN 8 /* of a session without a name */
#define FOLDERS_MOST 64 /* above the current one, in which a repository is looked for */

/* ---- with or without a format ---------------------------------------------------------------- */

void line_put_share(const struct line *line, int64_t ppm, bool out)
{
    paint(&line->style, paint_of_usage(ppm, WHOLE_PPM, out));
    fputs(format_percent(ppm, WHOLE_PPM).s, stdout);
    unpaint(&line->style);
}

void line_put_state(const struct line *line)
{
    const struct tq_verdict *verdict = &line->verdict;
    bool out = verdict->state == TQ_QUOTA_EXHAUSTED;

    paint(&line->style, !out ? PAINT_GREEN : verdict_is_wait(verdict) ? PAINT_YELLOW : PAINT_RED);
    fputs(out ? verdict_reason(verdict).s : tq_state_name(verdict->state), stdout);
    unpaint(&line->style);
    if (out && !verdict_is_wait(verdict) && verdict->retry_at_ns < TQ_NOW_END_NS)
        printf(" until %s", format_local_soon(verdict->retry_at_ns, line->asked.at.ns).s);
}

/* ---- what Claude Code wrote ------------------------------------------------------------------ */

static const char *input_text(const struct line *line, const char *object, const char *key)
{
    const json_t *from = object ? json_object_get(line->input, object) : line->input;

    return json_string_value(json_object_get(from, key));
}

/* False when there is no such number. */
static bool input_number(const struct line *line, const char *object, const char *key, double *number)
{
    const json_t *value = json_object_get(json_object_get(line->input, object), key);

    *number = json_number_value(value);
    return json_is_number(value) && *number >= 0 && *number < COST_MOST;
}

static void put_text(const char *text, size_t most)
{
    char out[TEXT_BYTES];

    if (!text || !*text) {
        putchar('-');
        return;
    }
    tq__text_make_safe(out, sizeof out, (struct tq__span){text, strnlen(text, most)}, SIZE_MAX, 0);
    fputs(out, stdout);
}

static const char *current_folder(const struct line *line)
{
    const char *folder = input_text(line, "workspace", "current_dir");

    return folder ? folder : input_text(line, NULL, "cwd");
}

static void put_model(const struct line *line)
{
    const char *name = input_text(line, "model", "display_name");

    put_text(name ? name : input_text(line, "model", "id"), SIZE_MAX);
}

static void put_folder(const struct line *line)
{
    const char *folder = current_folder(line), *last = folder ? tq__last_part(folder) : NULL;

    put_text(last && !*last ? folder : last, SIZE_MAX);
}

static void put_cost(const struct line *line)
{
    double dollars;

    if (input_number(line, "cost", "total_cost_usd", &dollars))
        fputs(format_dollars((int64_t)(dollars * NANO_USD)).s, stdout);
    else
        putchar('-');
}

static void put_context(const struct line *line)
{
    double percent;

    if (input_number(line, "context_window", "used_percentage", &percent))
        line_put_share(line, (int64_t)(percent * (WHOLE_PPM / 100)), false);
    else
        putchar('-');
}

static void put_session(const struct line *line)
{
    const char *name = input_text(line, NULL, "session_name");

    if (name && *name)
        put_text(name, SIZE_MAX);
    else
        put_text(input_text(line, NULL, "session_id"), SESSION_SHOWN);
}

/* ---- the branch ------------------------------------------------------------------------------ */

/* The first line of a file. False: there is no such file, or nothing is in it. */
static bool first_line(const char *path, char out[HEAD_BYTES])
{
    FILE *file = fopen(path, "re");
    bool read = file && fgets(out, HEAD_BYTES, file);

    if (file)
        fclose(file);
    if (read)
        out[strcspn(out, "\r\n")] = '\0';
    return read && *out;
}

/* Reads what is checked out in the repository at a folder. False: there is none. */
static bool read_head(const char *folder, char out[HEAD_BYTES])
{
    char path[PATH_BYTES], link[HEAD_BYTES];
    const char *to = link + strlen("gitdir: ");

    if (snprintf(path, sizeof path, "%s/.git/HEAD", folder) >= (int)sizeof path)
        return false;
    if (first_line(path, out))
        return true;
    path[strlen(path) - strlen("/HEAD")] = '\0'; /* a worktree has a file there, which names the folder */
    if (!first_line(path, link) || strncmp(link, "gitdir: ", strlen("gitdir: ")) != 0)
        return false;
    if (snprintf(path, sizeof path, "%s%s%s/HEAD", *to == '/' ? "" : folder, *to == '/' ? "" : "/", to) >=
        (int)sizeof path)
        return false;
    return first_line(path, out);
}

static void put_branch(const struct line *line)
{
    const char *given = input_text(line, "worktree", "branch"), *folder = current_folder(line);
    static const char branch[] = "ref: refs/heads/";
    char head[HEAD_BYTES], at[PATH_BYTES], *slash;
    bool found = false;

    snprintf(at, sizeof at, "%s", folder && *folder == '/' && !given ? folder : "");
    for (int i = 0; *at && !found && i < FOLDERS_MOST; i++) {
        found = read_head(at, head);
        slash = strrchr(at, '/');
        *slash = '\0';
    }
    if (!found)
        put_text(given, SIZE_MAX);
    else if (strncmp(head, branch, strlen(branch)) == 0)
        put_text(head + strlen(branch), SIZE_MAX);
    else
        put_text(head, HASH_SHOWN);
}

/* ---- windows --------------------------------------------------------------------------------- */

enum part { SHARE, RESET, LEFT };

/* A window of the vendor's, as a placeholder names it: 5h, 7d_opus, 5h_reset, 7d_opus_left. */
struct window_word {
    int64_t length_ns;
    struct tq__span name;
    enum part part;
};

/* False: it is none. */
static bool window_word(struct tq__span word, struct window_word *window)
{
    size_t taken = tq__length_take(word, true, &window->length_ns);
    static const struct {
        const char *end;
        enum part part;
    } ends[] = {{"_reset", RESET}, {"_left", LEFT}};

    if (taken == 0 || window->length_ns <= 0 || (taken < word.len && word.at[taken] != '_'))
        return false;
    window->name = tq__span_behind(word, taken);
    window->part = SHARE;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (tq__span_ends(window->name, ends[i].end)) {
            window->name.len -= strlen(ends[i].end);
            window->part = ends[i].part;
        }
    if (window->name.len > 0)
        window->name = tq__span_behind(window->name, 1);
    return true;
}

/* What is known of a window. */
struct known {
    int64_t ppm;       /* -1: nothing */
    int64_t end_at_ns; /* 0: nobody said */
    bool out;
};

static bool find_axis(const struct line *line, const struct window_word *window, struct known *known)
{
    const struct tq_quota_signal *signal = &line->signal;

    for (uint32_t i = 0; i < signal->axis_count && i < TQ_AXES_MAX; i++) {
        const struct tq_axis *axis = &signal->axis[i];

        if (axis->window_ns != window->length_ns || !(axis->known & TQ_AXIS_USED) ||
            !tq__span_matches(window->name, signal->window_name[i]))
            continue;
        *known = (struct known){axis->used_ppm, axis->known & TQ_AXIS_RESET ? axis->reset_at_ns : 0,
                                axis->flags & TQ_AXIS_EMPTY};
        return true;
    }
    return false;
}

/* Claude Code's input is the newest word; what it lacks the ledger may have, of the provider or of its pool.
 */
static void find_window(const struct line *line, const struct window_word *window, struct known *known)
{
    *known = (struct known){.ppm = -1};
    if (find_axis(line, window, known))
        return;
    for (size_t level = 0; level <= POOLS_MOST; level++)
        for (size_t i = 0; i < line->limits[level].count; i++) {
            const struct tq_limit_state *state = &line->limits[level].items[i];

            if (state->limit.length_ns != window->length_ns || !limit_has_reading(state) ||
                !tq__span_matches(window->name, limit_is_stated(&state->limit) ? state->limit.zone : ""))
                continue;
            *known =
                (struct known){state->said_ppm, state->said_reset_at_ns, state->state == TQ_QUOTA_EXHAUSTED};
            return;
        }
}

static void put_window(const struct line *line, const struct window_word *window)
{
    int64_t now_ns = line->asked.at.ns;
    struct known known;

    find_window(line, window, &known);
    if (window->part == SHARE ? known.ppm < 0 : known.end_at_ns <= now_ns)
        putchar('-');
    else if (window->part == SHARE)
        line_put_share(line, known.ppm, known.out);
    else if (window->part == RESET)
        fputs(format_local_soon(known.end_at_ns, now_ns).s, stdout);
    else
        fputs(format_length(known.end_at_ns - now_ns).s, stdout);
}

/* The first of the windows that do not last at their pace. */
static void put_runs_out(const struct line *line)
{
    int64_t first_ns = INT64_MAX;

    for (size_t level = 0; level <= POOLS_MOST; level++)
        for (size_t i = 0; i < line->limits[level].count; i++) {
            struct lasts lasts = limit_lasts(&line->limits[level].items[i]);

            if (lasts.kind == LASTS_RUNS_OUT && lasts.out_at_ns < first_ns)
                first_ns = lasts.out_at_ns;
        }
    fputs(first_ns < INT64_MAX ? format_local_soon(first_ns, line->asked.at.ns).s : "-", stdout);
}

/* ---- the format ------------------------------------------------------------------------------ */

static void put_state(const struct line *line)
{
    if (line->applied)
        line_put_state(line);
    else
        fputs(STATUSLINE_NO_LEDGER, stdout);
}

static const struct word {
    const char *name;
    void (*put)(const struct line *line);
} words[] = {
    {"model", put_model},     {"folder", put_folder},   {"branch", put_branch}, {"cost", put_cost},
    {"context", put_context}, {"session", put_session}, {"state", put_state},   {"runs_out", put_runs_out},
};

static const struct word *word_of(struct tq__span name)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (tq__span_equals(name, words[i].name))
            return &words[i];
    return NULL;
}

/* The placeholder that begins at a "{", without its braces; NULL where none does. "{{" is a brace. */
static const char *placeholder(const char *at, struct tq__span *name)
{
    const char *end = strchr(at, '}');

    if (at[1] == '{' || !end)
        return NULL;
    *name = (struct tq__span){at + 1, (size_t)(end - at) - 1};
    return end + 1;
}

bool line_unknown(const char *format, struct tq__span *unknown)
{
    struct window_word window;

    while ((format = strchr(format, '{')) != NULL) {
        const char *behind = placeholder(format, unknown);

        if (behind && !word_of(*unknown) && !window_word(*unknown, &window))
            return true;
        format = behind ? behind : format + 1 + (format[1] == '{');
    }
    return false;
}

void line_put_format(const struct line *line)
{
    const char *at = line->format;

    while (*at) {
        struct window_word window;
        struct tq__span name;
        const char *behind = *at == '{' ? placeholder(at, &name) : NULL;
        const struct word *word = behind ? word_of(name) : NULL;

        if (word)
            word->put(line);
        else if (behind && window_word(name, &window))
            put_window(line, &window);
        else
            putchar(*at);
        at = behind ? behind : at + 1 + (at[0] == '{' && at[1] == '{');
    }
    if (!line->applied && !strstr(line->format, "{state}"))
        fputs(" | " STATUSLINE_NO_LEDGER, stdout);
}
