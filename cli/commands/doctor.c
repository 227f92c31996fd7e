/* doctor.c: `tokenquota doctor` finds the ledger, says what is wrong with it and what to do.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/show/show.h"
#include "doctor.h"
#include "view/json.h"

enum {
    OPTION_JSON,
    OPTION_COLOR,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_JSON] = JSON_SPEC,
    [OPTION_COLOR] = COLOR_SPEC,
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

void doctor_find(struct doctor *doctor, enum verdict verdict, const char *what, const char *format, ...)
{
    static const struct {
        const char *word;
        const char *colour;
    } verdicts[] = {[OK] = {"ok", PAINT_GREEN}, [NOTE] = {"note", PAINT_YELLOW}, [BAD] = {"bad", PAINT_RED}};
    char text[PATH_BYTES + 128], clean[PATH_BYTES * 2];
    va_list list;

    va_start(list, format);
    if (vsnprintf(text, sizeof(text), format, list) < 0)
        text[0] = '\0';
    va_end(list);
    doctor->bad |= verdict == BAD;
    if (doctor->findings) {
        json_array_append_new(doctor->findings, json_pack("{s:s, s:s, s:o, s:[]}",
                                                          "verdict", verdicts[verdict].word,
                                                          "what", what,
                                                          "text", text_json(text),
                                                          "advice"));
        return;
    }
    text_clean(clean, sizeof(clean), text, strlen(text), doctor->style.ascii_names);
    paint(&doctor->style, verdicts[verdict].colour);
    fputs(verdicts[verdict].word, stdout);
    unpaint(&doctor->style);
    printf("%*s  %-8s %s\n", 4 - (int)strlen(verdicts[verdict].word), "", what, clean);
}

void doctor_advise(struct doctor *doctor, const char *format, ...)
{
    char text[PATH_BYTES + 128], clean[PATH_BYTES * 2];
    va_list list;

    va_start(list, format);
    if (vsnprintf(text, sizeof(text), format, list) < 0)
        text[0] = '\0';
    va_end(list);
    if (doctor->findings) {
        json_t *last = json_array_get(doctor->findings, json_array_size(doctor->findings) - 1);

        json_array_append_new(json_object_get(last, "advice"), text_json(text));
        return;
    }
    text_clean(clean, sizeof(clean), text, strlen(text), doctor->style.ascii_names);
    printf("      -> %s\n", clean);
}

static void look_at_library(struct doctor *doctor)
{
    if (tq_version() == TQ_VERSION) {
        doctor_find(doctor, OK, "version", "tokenquota %s", tq_version_string());
        return;
    }
    doctor_find(doctor, NOTE, "version", "the command is of %d.%d.%d, the library that runs is %s",
                TQ_VERSION_MAJOR, TQ_VERSION_MINOR, TQ_VERSION_PATCH, tq_version_string());
    doctor_advise(doctor, "install both from one release");
}

static void look_at_clock(struct doctor *doctor)
{
    int64_t now_ns = tq_now_ns();
    bool right = now_ns >= CLOCK_MIN_NS;

    doctor_find(doctor, right ? OK : BAD, "clock", "%sZ (%s)", format_utc(now_ns).s, format_local(now_ns).s);
    if (!right)
        doctor_advise(doctor, "set it: what is recorded before 2020 is refused");
}

static void look_at_place(struct doctor *doctor)
{
    const struct session *session = &doctor->session;

    doctor_find(doctor, OK, "place", "%s (%s)", session->path, session->why);
    if (session_is_apart(session)) {
        doctor_find(doctor, NOTE, "place", "the machine has a ledger, but you may not write %s",
                    MACHINE_LEDGER);
        doctor_advise(doctor, "to count on it, be put into the group of %s: usermod -aG", MACHINE_FOLDER);
    }
}

static int show_json(struct doctor *doctor)
{
    return json_print(json_pack("{s:i, s:s, s:o, s:b, s:o}",
                                "schema", SCHEMA,
                                "version", tq_version_string(),
                                "path", text_json(doctor->session.path),
                                "bad", doctor->bad,
                                "findings", doctor->findings),
                      false);
}

static int run(int argc, char **argv)
{
    const char *ledger = NULL, *colour = "auto";
    bool json = false;
    const struct option_target targets[] = {
        [OPTION_JSON] = {.flag = &json},
        [OPTION_COLOR] = {.value = &colour},
        [OPTION_LEDGER] = {.value = &ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_doctor, targets);
    struct doctor doctor = {.bad = false};

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (operands > 0) {
        report("unexpected \"%s\"; a ledger is given by --ledger", argv[0]);
        return CLI_ERROR;
    }
    if (style_init(&doctor.style, colour) < 0) {
        report("--color \"%s\": write auto, always or never", colour);
        return CLI_ERROR;
    }
    if (session_find(&doctor.session, ledger) < 0)
        return CLI_ERROR;
    if (json && !(doctor.findings = json_array())) {
        report("out of memory");
        return CLI_ERROR;
    }
    look_at_library(&doctor);
    look_at_clock(&doctor);
    look_at_place(&doctor);
    if (doctor_look_at_folder(&doctor) && doctor_look_at_file(&doctor))
        doctor_look_into(&doctor);
    if (json && show_json(&doctor) < 0)
        return CLI_ERROR;
    return doctor.bad ? CLI_NO : CLI_YES;
}

const struct command cmd_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "find the ledger, say what is wrong with it and what to do",
    .options = options,
    .notes = "\n"
             "Changes nothing. Each line is ok, note (worth knowing) or bad; what to do stands below it.\n\n"
             "Exit status: 0 nothing is bad, 1 something is, 2 an error.\n",
    .run = run,
};
