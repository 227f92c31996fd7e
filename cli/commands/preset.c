/* preset.c: `tokenquota preset` lists the plans of vendors, shows one, and sets its limits on a provider.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/show/show.h"
#include "cli/show/table.h"
#include "view/json.h"
#include "view/presets.h"

#define MACHINE_FILE "/etc/tokenquota/presets.json"

struct presetting {
    struct request asked;
    const char *file;
    bool dry_run;
    struct presets presets;
    const struct preset *preset; /* of show and apply */
};

/* ---- the files ------------------------------------------------------------------------------- */

static int read_file(struct presets *presets, const char *path, bool must_be)
{
    int answer = presets_read(presets, path);

    if (answer == 1 && must_be)
        report("%s: %s", path, strerror(ENOENT));
    if (answer < 0)
        report("%s", presets->wrong);
    return answer < 0 || (answer == 1 && must_be) ? CLI_ERROR : 0;
}

/* Beside the command: below the prefix where it is installed, or in the folder where it was built. */
static int read_own(struct presets *presets)
{
    static const char *const own[] = {PRESETS_FROM_BIN, "presets.json"};
    char folder[PATH_BYTES], path[2 * PATH_BYTES];
    ssize_t len = readlink("/proc/self/exe", folder, sizeof folder - 1);
    char *slash;
    int answer = 0;

    folder[len > 0 ? len : 0] = '\0';
    slash = strrchr(folder, '/');
    if (!slash)
        return 0;
    *slash = '\0';
    for (size_t i = 0; answer == 0 && i < sizeof own / sizeof own[0]; i++) {
        snprintf(path, sizeof path, "%s%s%s", own[i][0] == '/' ? "" : folder, own[i][0] == '/' ? "" : "/",
                 own[i]);
        answer = read_file(presets, path, false);
    }
    return answer;
}

/* What is read first wins where names are the same. */
static int read_all(struct presetting *presetting)
{
    struct presets *presets = &presetting->presets;
    const char *named = getenv("TOKENQUOTA_PRESETS"), *config = getenv("XDG_CONFIG_HOME"),
               *home = getenv("HOME");
    char path[PATH_BYTES] = "";
    int answer = 0;

    if (presetting->file)
        answer = read_file(presets, presetting->file, true);
    if (answer == 0 && named && *named)
        answer = read_file(presets, named, true);
    if (config && *config == '/')
        snprintf(path, sizeof path, "%s/tokenquota/presets.json", config);
    else if (home && *home == '/')
        snprintf(path, sizeof path, "%s/.config/tokenquota/presets.json", home);
    if (answer == 0 && *path)
        answer = read_file(presets, path, false);
    if (answer == 0)
        answer = read_file(presets, MACHINE_FILE, false);
    if (answer == 0)
        answer = read_own(presets);
    if (answer == 0 && presets->count == 0) {
        report("there is no file of presets; name one with --file");
        answer = CLI_ERROR;
    }
    return answer;
}

/* Reads the files and finds the preset that is named. */
static int find(struct presetting *presetting)
{
    const char *name = presetting->asked.operands[0];
    struct presets *presets = &presetting->presets;
    const char **names;
    int answer = read_all(presetting);

    if (answer != 0)
        return answer;
    presetting->preset = presets_find(presets, name);
    if (presetting->preset)
        return 0;
    names = must_have(calloc(presets->count + 1, sizeof *names));
    for (size_t i = 0; i < presets->count; i++)
        names[i] = presets->items[i].name;
    answer = report_unknown("unknown preset", "", name, names, "`tokenquota preset list` lists them");
    free(names);
    return answer;
}

static void release(void *request)
{
    presets_free(&((struct presetting *)request)->presets);
}

/* ---- list ------------------------------------------------------------------------------------ */

static int list(void *request)
{
    struct presetting *presetting = request;
    const struct presets *presets = &presetting->presets;
    json_t *array;
    int width = 0, answer = read_all(presetting);

    if (answer != 0)
        return answer;
    if (presetting->asked.json) {
        array = must_have(json_array());
        for (size_t i = 0; i < presets->count; i++)
            json_array_append_new(array, must_have(preset_json(&presets->items[i])));
        json_print(json_pack("{s:o}", "presets", array), false);
        return CLI_YES;
    }
    for (size_t i = 0; i < presets->count; i++)
        width = text_widest(width, presets->items[i].name);
    for (size_t i = 0; i < presets->count; i++) {
        const struct preset *preset = &presets->items[i];

        printf("%-*s  %s: ", width, preset->name, preset->title);
        for (size_t k = 0; k < preset->count; k++)
            printf("%s%s", k > 0 ? ", " : "", preset->limits[k].sentence);
        putchar('\n');
    }
    return CLI_YES;
}

/* ---- show ------------------------------------------------------------------------------------ */

/* What a limit does. */
static const char *effect(const struct preset_limit *limit)
{
    if (limit->limit.window == TQ_WINDOW_STATED)
        return "the vendor states how much is used and when it ends";
    return preset_limit_has_amount(limit) ? "excludes when it is used up"
                                          : "no amount is known: it is only shown";
}

static void put_rest(const struct preset *preset)
{
    if (preset->overage)
        printf("  overage: %s\n", preset->overage);
    if (preset->note)
        printf("%s\n", preset->note);
}

static int show(void *request)
{
    struct presetting *presetting = request;
    const struct preset *preset;
    int answer = find(presetting);

    if (answer != 0)
        return answer;
    preset = presetting->preset;
    if (presetting->asked.json) {
        json_print(preset_json(preset), false);
        return CLI_YES;
    }
    printf("%s: %s\n", preset->name, preset->title);
    for (size_t i = 0; i < preset->count; i++) {
        const struct preset_limit *limit = &preset->limits[i];

        printf("  %s: %s\n    %s, %s\n", limit->sentence, effect(limit), limit->source, limit->date);
        if (limit->note)
            printf("    %s\n", limit->note);
    }
    put_rest(preset);
    printf("From %s\n", preset->file);
    return CLI_YES;
}

/* ---- apply ----------------------------------------------------------------------------------- */

/* What became of the limit with this number: it is new, has another amount or reserve, or is as it was. */
static const char *outcome(const struct limits *before, const struct limits *after, uint32_t number)
{
    const struct tq_limit_state *was = limits_find(before, number), *is = limits_find(after, number);

    if (!was)
        return "set";
    return is && was->limit.amount == is->limit.amount && was->limit.reserve == is->limit.reserve &&
                   was->limit.reserve_share == is->limit.reserve_share
               ? "unchanged"
               : "changed";
}

static void put_outcome(const struct preset_limit *limit, const char *what, uint32_t number, json_t *array)
{
    if (array)
        json_array_append_new(array, must_have(json_pack("{s:s, s:o, s:s, s:b}", "limit", limit->sentence,
                                                         "number", some_json(number), "outcome", what,
                                                         "has_amount", preset_limit_has_amount(limit))));
    else
        printf("  %s: %s; %s\n", limit->sentence, what, effect(limit));
}

static int set_limit(struct tq_provider *provider, const struct preset_limit *limit, json_t *array)
{
    struct tq_error error = {.size = sizeof error};
    struct limits before, after = {0};
    int answer = limits_read(provider, tq_now_ns(), &before);
    int number = answer < 0 ? answer : tq_provider_set_limit(provider, &limit->limit, &error);

    if (number > 0)
        answer = limits_read(provider, tq_now_ns(), &after);
    if (number > 0)
        put_outcome(limit, outcome(&before, &after, (uint32_t)number), (uint32_t)number, array);
    else if (number != TQ_EGONE)
        report("\"%s\": %s", limit->sentence, error.msg[0] ? error.msg : tq_strerror(number));
    limits_free(&before);
    limits_free(&after);
    return number > 0 ? 0 : number == TQ_EGONE ? TQ_EGONE : CLI_ERROR;
}

static int set_overage(struct tq_provider *provider, const char *overage)
{
    int answer =
        tq_provider_set_overage(provider, strcmp(overage, "stop") == 0 ? TQ_OVERAGE_STOP : TQ_OVERAGE_ALLOW);

    return answer < 0 ? session_fail(tq_provider_name(provider), answer) : 0;
}

/* provider NULL: nothing is set, and what would be set is shown. */
static int set_all(const struct preset *preset, struct tq_provider *provider, json_t *array)
{
    int answer = 0;

    for (size_t i = 0; answer == 0 && i < preset->count; i++)
        if (provider)
            answer = set_limit(provider, &preset->limits[i], array);
        else
            put_outcome(&preset->limits[i], "would be set", 0, array);
    return answer == 0 && provider && preset->overage ? set_overage(provider, preset->overage) : answer;
}

static int apply_to(const struct presetting *presetting, struct tq_provider *provider)
{
    const struct preset *preset = presetting->preset;
    const char *name = presetting->asked.operands[1];
    json_t *array = presetting->asked.json ? must_have(json_array()) : NULL;
    int answer;

    if (!array)
        printf("%s: %s\n", name, preset->title);
    answer = set_all(preset, provider, array);
    if (answer == 0 && !array)
        put_rest(preset);
    if (answer == 0 && array)
        json_print(json_pack("{s:s, s:s, s:O, s:s?}", "provider", name, "preset", preset->name, "limits",
                             array, "overage", preset->overage),
                   false);
    json_decref(array);
    return answer;
}

static int apply_work(struct session *session, void *request)
{
    const char *name = ((const struct presetting *)request)->asked.operands[1];
    struct tq_provider *provider;
    int answer = session_provider_make(session, name, &provider);

    return answer < 0 ? session_fail(name, answer) : apply_to(request, provider);
}

static int apply(void *request)
{
    struct presetting *presetting = request;
    int answer = find(presetting);

    if (answer != 0)
        return answer;
    if (!*presetting->asked.operands[1])
        return session_fail("", TQ_ENAME);
    return presetting->dry_run ? apply_to(presetting, NULL)
                               : session_work(request, SESSION_CREATE, apply_work);
}

/* ---- the verbs ------------------------------------------------------------------------------- */

#define TO(field) offsetof(struct presetting, field)
#define FILE_ROW                                                                                             \
    {                                                                                                        \
        'f', "file", "PATH", "read this file of presets first", option_text, TO(file), "@file"               \
    }

static const struct option look_options[] = {FILE_ROW, JSON_ROW, HELP_ROWS_END};

static const struct option apply_options[] = {
    FLAG_ROW('n', "dry-run", TO(dry_run), "show what would be set, and set nothing"),
    FILE_ROW,
    JSON_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static const struct command preset_list = {
    .name = "preset list",
    .operands = "",
    .summary = "list the plans of vendors whose limits are known, and their windows",
    .options = look_options,
    .notes = "\nExit status: 0 on success, 2 on an error.\n",
    .request_bytes = sizeof(struct presetting),
    .run = list,
    .release = release,
};

static const struct command preset_show = {
    .name = "preset show",
    .operands = "NAME",
    .summary = "show the limits of a plan, each with its source and date",
    .options = look_options,
    .notes = "\nExit status: 0 on success, 2 on an error.\n",
    .request_bytes = sizeof(struct presetting),
    .least = 1,
    .most = 1,
    .needs = "it takes the NAME of a preset",
    .offers = "@preset",
    .run = show,
    .release = release,
};

static const struct command preset_apply = {
    .name = "preset apply",
    .operands = "NAME PROVIDER",
    .summary = "set the limits of a plan on a provider",
    .options = apply_options,
    .notes =
        "\n"
        "What is there and the same stays as it was, with its count. Other limits of the provider stay.\n\n"
        "Exit status: 0 on success, 2 on an error.\n\n"
        "  tokenquota preset apply claude-max-5x claude\n",
    .request_bytes = sizeof(struct presetting),
    .least = 2,
    .most = 2,
    .needs = "it takes the NAME of a preset and a PROVIDER",
    .offers = "@preset|@provider",
    .run = apply,
    .release = release,
};

static const struct command *const verbs[] = {&preset_list, &preset_show, &preset_apply, NULL};

static const struct option options[] = {HELP_ROWS_END};

const struct command cmd_preset = {
    .name = "preset",
    .operands = "VERB [OPTION]...",
    .summary = "set limits from the plans of vendors: list, show, apply",
    .options = options,
    .notes = "\n`tokenquota preset VERB --help` prints the options of a verb.\n",
    .verbs = verbs,
};
