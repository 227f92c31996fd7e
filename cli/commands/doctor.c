/* doctor.c: `tokenquota doctor` finds the ledger, says what is wrong with it and what to do.
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands/doctor.h"
#include "import/import.h"
#include "view/json.h"
#include "view/observe.h"

static const struct option options[] = {JSON_ROW, COLOR_ROW, LEDGER_ROW, HELP_ROWS_END};

void doctor_tell(struct doctor *doctor, enum kind kind, const char *what, const char *format, ...)
{
    static const char *const words[] = {"ok", "note", "bad"};
    static const char *const colours[] = {PAINT_GREEN, PAINT_YELLOW, PAINT_RED};
    char text[PATH_BYTES * 2];
    va_list list;

    va_start(list, format);
    text_vformat(text, sizeof text, doctor->style.ascii_names && !doctor->findings, format, list);
    va_end(list);
    doctor->bad |= kind == BAD;
    if (doctor->findings && kind == ADVICE) {
        json_t *last = json_array_get(doctor->findings, json_array_size(doctor->findings) - 1);

        json_array_append_new(json_object_get(last, "advice"), text_json(text));
    } else if (doctor->findings) {
        json_array_append_new(doctor->findings, json_pack("{s:s, s:s, s:o, s:[]}", "verdict", words[kind],
                                                          "what", what, "text", text_json(text), "advice"));
    } else if (kind == ADVICE) {
        printf("      -> %s\n", text);
    } else {
        paint(&doctor->style, colours[kind]);
        fputs(words[kind], stdout);
        unpaint(&doctor->style);
        printf("%*s  %-8s %s\n", 4 - (int)strlen(words[kind]), "", what, text);
    }
}

static void look_around(struct doctor *doctor)
{
    const struct session *session = &doctor->session;
    int64_t now_ns = tq_now_ns();
    bool right = now_ns >= CLOCK_MIN_NS;

    if (tq_version() == TQ_VERSION) {
        doctor_tell(doctor, OK, "version", "tokenquota %s", tq_version_string());
    } else {
        doctor_tell(doctor, NOTE, "version", "the command is version %d.%d.%d, the library in use is %s",
                    TQ_VERSION_MAJOR, TQ_VERSION_MINOR, TQ_VERSION_PATCH, tq_version_string());
        doctor_tell(doctor, ADVICE, NULL, "install both from the same release");
    }
    doctor_tell(doctor, right ? OK : BAD, "clock", "%sZ (%s)", format_utc(now_ns).s, format_local(now_ns).s);
    if (!right)
        doctor_tell(doctor, ADVICE, NULL, "set the clock: records before 2020 are refused");
    doctor_tell(doctor, OK, "place", "%s (%s)", session->path, session->why);
    if (session_is_apart(session)) {
        doctor_tell(doctor, NOTE, "place", "the machine has a ledger, but you may not write %s",
                    MACHINE_LEDGER);
        doctor_tell(doctor, ADVICE, NULL, "to count on it, join the group of %s: usermod -aG",
                    MACHINE_FOLDER);
    }
}

/* ---- the folder, the file and what is in it -------------------------------------------------- */

#define BTRFS 0x9123683eu /* f_type of statfs(2) */
#define BCACHEFS 0xca451a4eu
#define ZFS 0x2fc12fc1u

#define OTHERS_DAYS 7  /* looked at for what was counted beside an import */
#define OTHERS_SHOWN 5 /* providers */

#define BEGIN "begin: tokenquota observe PROVIDER TOKENS"

#define NEW_DIGITS 16 /* of LEDGER.new-0123456789abcdef, a ledger that is being made or compacted */
#define RESTORED ".sync.restored" /* before it: a copy that a restore of an exchanged ledger looks into */

/* Does no process have it open? A process that makes a ledger holds it locked (docs/format.md, "Lock"). */
static bool is_left_over(const char *path)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)(INT64_C(1) << 62), .l_len = 1};
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat info;
    bool left = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
                fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;

    if (fd >= 0)
        close(fd);
    return left;
}

static void look_for_left_over(struct doctor *doctor, const char *folder)
{
    const char *path = doctor->session.path, *name = tq__last_part(path);
    size_t name_len = strlen(name);
    char left[PATH_BYTES * 2];
    DIR *entries = opendir(folder);
    struct dirent *entry;

    while (entries && (entry = readdir(entries)) != NULL) {
        const char *end = entry->d_name + name_len, *at = end;

        if (strncmp(entry->d_name, name, name_len) != 0)
            continue;
        if (strncmp(at, RESTORED, sizeof RESTORED - 1) == 0)
            at += sizeof RESTORED - 1;
        if (strncmp(at, ".new-", 5) != 0 || strspn(at + 5, "0123456789abcdef") != NEW_DIGITS ||
            at[5 + NEW_DIGITS] != '\0')
            continue;
        snprintf(left, sizeof(left), "%s%s", path, end);
        if (!is_left_over(left))
            continue;
        doctor_tell(doctor, NOTE, "left", "%s, left by a create or compact that was killed", entry->d_name);
        doctor_tell(doctor, ADVICE, NULL, "rm '%s'", left);
    }
    if (entries)
        closedir(entries);
    snprintf(left, sizeof(left), "%s.imports.restored", path);
    if (access(left, F_OK) == 0)
        doctor_tell(doctor, NOTE, "left",
                    "%s.imports.restored, left by a restore that was killed or still runs; the next import, "
                    "backup or compact finishes it",
                    name);
}

/* On a file system that writes each change to a new place, a full disk ends the programs that count. */
static void look_at_disk(struct doctor *doctor)
{
    int fd = open(doctor->session.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), flags = 0;
    struct statfs system;
    uint32_t type = fd >= 0 && fstatfs(fd, &system) == 0 ? (uint32_t)system.f_type : 0;

    if (type == BTRFS && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && !(flags & FS_NOCOW_FL)) {
        doctor_tell(
            doctor, NOTE, "disk",
            "Btrfs writes each change of this file to a new place: when the disk is full, a signal ends the "
            "programs that count");
        doctor_tell(doctor, ADVICE, NULL, "when nobody has it open: tokenquota ledger compact");
    } else if (type == ZFS || type == BCACHEFS) {
        doctor_tell(doctor, NOTE, "disk",
                    "%s writes each change to a new place: when the disk is full, a signal may end the "
                    "programs that count",
                    type == ZFS ? "ZFS" : "bcachefs");
        doctor_tell(doctor, ADVICE, NULL,
                    "keep some of the disk free, or move the ledger to ext4, XFS or Btrfs");
    }
    if (fd >= 0)
        close(fd);
}

/* Tells about the mode of a folder or a file that is there; all is what everybody may do with it, NULL for
 * nothing. */
static void tell_mode(struct doctor *doctor, const char *what, const char *path, const char *mode,
                      const char *all)
{
    doctor_tell(doctor, all ? BAD : OK, what, "%s%s%s", mode, all ? ": anybody may " : "", all ? all : "");
    if (all)
        doctor_tell(doctor, ADVICE, NULL, "chmod o-w '%s'", path);
}

static bool look_at_folder(struct doctor *doctor)
{
    const struct session *session = &doctor->session;
    char path[PATH_BYTES], mode[PATH_BYTES + 32], *folder;
    struct stat info;

    snprintf(path, sizeof path, "%s", session->path);
    folder = dirname(path);
    if (stat(folder, &info) < 0) {
        bool missing = errno == ENOENT;

        if (missing && !session->given)
            doctor_tell(doctor, NOTE, "folder", "%s does not exist yet; it is made with the ledger", folder);
        else
            doctor_tell(doctor, BAD, "folder", "%s: %s", folder, strerror(errno));
        if (!missing)
            doctor_tell(doctor, ADVICE, NULL, "check the folders above it, or name another place: --ledger");
        else if (session->given)
            doctor_tell(doctor, ADVICE, NULL, "mkdir -p -m 0700 '%s'", folder);
        else
            doctor_tell(doctor, ADVICE, NULL, BEGIN);
        return false;
    }
    if (!S_ISDIR(info.st_mode)) {
        doctor_tell(doctor, BAD, "folder", "%s is not a folder", folder);
        doctor_tell(doctor, ADVICE, NULL, "name another place: --ledger");
        return false;
    }
    snprintf(mode, sizeof mode, "%s, mode %04o", folder, (unsigned)info.st_mode & 07777);
    tell_mode(doctor, "folder", folder, mode,
              info.st_mode & S_IWOTH && !(info.st_mode & S_ISVTX) ? "replace the ledger" : NULL);
    look_for_left_over(doctor, folder);
    return true;
}

/* An open refuses all but a regular file of a trusted owner; look_into reports that. */
static bool look_at_file(struct doctor *doctor)
{
    const char *path = doctor->session.path;
    struct stat info;
    char mode[128];

    if (lstat(path, &info) < 0) {
        bool missing = errno == ENOENT;

        doctor_tell(doctor, missing ? NOTE : BAD, "file", "%s",
                    missing ? "there is no ledger yet" : strerror(errno));
        if (missing)
            doctor_tell(doctor, ADVICE, NULL, BEGIN);
        return false;
    }
    if (!S_ISREG(info.st_mode))
        return true;
    snprintf(mode, sizeof mode, "mode %04o, of user %u%s, %s bytes on the disk",
             (unsigned)info.st_mode & 07777, (unsigned)info.st_uid, info.st_uid == geteuid() ? " (you)" : "",
             format_exact((int64_t)info.st_blocks * 512).s);
    tell_mode(doctor, "file", path, mode, info.st_mode & S_IWOTH ? "change every number in it" : NULL);
    look_at_disk(doctor);
    return true;
}

/* Tells a count, if it is not 0. thing is a noun in the singular. */
static void note(struct doctor *doctor, uint64_t count, const char *what, const char *thing, const char *text,
                 const char *advice)
{
    if (!count)
        return;
    doctor_tell(doctor, NOTE, what, "%s %s", plural(count, thing).s, text);
    doctor_tell(doctor, ADVICE, NULL, "%s", advice);
}

static void look_at_numbers(struct doctor *doctor, const struct tq_ledger_info *info)
{
    uint64_t dead = info->slots > info->providers ? info->slots - info->providers : 0;

    note(doctor, info->clock, "clock", "record", "refused: before 2020 or ahead of the clock",
         "look for a program or a machine with a wrong clock");
    if (info->ahead > 0) {
        doctor_tell(doctor, NOTE, "clock", "%s with records of a future day, the latest %s",
                    plural(info->ahead, "provider").s, format_utc_day(info->ahead_at_ns).s);
        doctor_tell(doctor, ADVICE, NULL, "set the clock; each provider's next record then repairs it");
    }
    note(doctor, info->too_old, "days", "record", "refused: of a day that is no longer kept",
         "record sooner, or create a ledger that keeps more: tokenquota ledger create --days 64");
    note(doctor, info->saturated, "days", "record", "of a day whose count is at its limit (2^46 tokens)",
         "find the program that records too much; then: tokenquota reset PROVIDER");
    note(doctor, dead > info->providers ? dead : 0, "slots", "slot",
         "left behind by forgotten and killed providers",
         "when nobody has it open: tokenquota ledger compact");
    note(doctor, info->rebuilt, "power", "time",
         "the index was rebuilt after a restart of the machine, or in a copy",
         "to lose less when the power fails: tokenquota ledger flush --every 1s");
}

static void check(struct doctor *doctor)
{
    struct tq_ledger_info info = {.size = sizeof(info)};
    struct tq_error error = {.size = sizeof(error)};
    int answer = tq_ledger_check(doctor->session.ledger, &info, &error);

    if (answer < 0) {
        doctor_tell(doctor, BAD, "check", "%s", tq_strerror(answer));
        return;
    }
    if (answer == 0) {
        doctor_tell(doctor, OK, "check", "%s, no errors found", plural(info.providers, "provider").s);
    } else {
        doctor_tell(doctor, BAD, "check", "%s, the first: %s", plural(info.faults, "error").s, error.msg);
        doctor_tell(doctor, ADVICE, NULL,
                    "restore a backup (mv it to this path), or move this file away to start a new one");
    }
    look_at_numbers(doctor, &info);
}

/* Calls may have been counted twice: by `observe` and by an import. */
static void look_at_imports(struct doctor *doctor)
{
    uint32_t today = store_day(tq_now_ns()), rows, shown = 0;
    struct store store;

    if (today < OTHERS_DAYS || !store_peek(&store, doctor->session.path))
        return;
    /* Acquire pairs with the release in store_row_of: a row that counts has its name. */
    rows = atomic_load_explicit(&store.header->rows, memory_order_acquire);
    for (uint32_t i = 0; i < rows && shown < OTHERS_SHOWN; i++) {
        const struct store_row *row = &store.rows[i];
        struct import_others others = {.first_day = today - OTHERS_DAYS + 1, .last_day = today};
        struct tq_provider *provider;

        if (tq_ledger_provider(doctor->session.ledger, row->name, strnlen(row->name, TQ_NAME_MAX),
                               TQ_PROVIDER_EXISTING, &provider) != 0)
            continue;
        import_count_others(row, provider, &others);
        if (others.tokens <= 0)
            continue;
        shown++;
        doctor_tell(doctor, NOTE, "import",
                    "\"%s\" is fed by `tokenquota import`, but others counted %s tokens in %d days",
                    tq_provider_name(provider), format_exact(others.tokens).s, OTHERS_DAYS);
        doctor_tell(doctor, ADVICE, NULL,
                    "if the logs have the same calls, each counts twice: give one of the two another name, "
                    "with --provider");
    }
    store_close(&store);
}

/* For writing; else for reading only. */
static void look_into(struct doctor *doctor)
{
    struct tq_ledger_options opening = session_options();
    struct tq_error error = {.size = sizeof(error)};
    struct session *session = &doctor->session;
    bool forbidden;
    int answer;

    opening.flags |= TQ_OPEN_EXISTING;
    answer = tq_ledger_open(&session->ledger, session->path, &opening, &error);
    forbidden = session_is_forbidden(&error);
    opening.flags |= TQ_OPEN_READ_ONLY;
    if (forbidden)
        answer = tq_ledger_open(&session->ledger, session->path, &opening, &error);
    if (answer < 0) {
        bool by_system = error.code == TQ_ESYS && error.sys != 0;

        doctor_tell(doctor, BAD, "open", "%s%s%s", error.msg, by_system ? ": " : "",
                    by_system ? strerror(error.sys) : "");
        if (error.code == TQ_EFORMAT && forbidden)
            doctor_tell(doctor, ADVICE, NULL, AS_A_WRITER, session->path);
        return;
    }
    if (forbidden) {
        doctor_tell(doctor, NOTE, "open", "for reading only: you have no permission to write it");
        doctor_tell(doctor, ADVICE, NULL,
                    "to count, get permission to write it, or name another ledger: --ledger");
    } else {
        doctor_tell(doctor, OK, "open", "for reading and writing");
    }
    if (error.msg[0])
        doctor_tell(doctor, NOTE, "open", "%s", error.msg);
    check(doctor);
    look_at_imports(doctor);
    doctor_look_at_limits(doctor, !forbidden);
    doctor_look_at_accounts(doctor);
    doctor_look_at_sync(doctor);
    tq_ledger_close(session->ledger);
}

static int run(void *request)
{
    struct doctor *doctor = request;

    style_init(&doctor->style, doctor->asked.colour);
    if (session_find(&doctor->session, doctor->asked.ledger) < 0)
        return CLI_ERROR;
    if (doctor->asked.json)
        doctor->findings = must_have(json_array());
    look_around(doctor);
    if (look_at_folder(doctor) && look_at_file(doctor))
        look_into(doctor);
    /* clang-format off */
    if (doctor->asked.json)
        json_print(json_pack("{s:s, s:o, s:b, s:o}",
                             "version", tq_version_string(),
                             "path", text_json(doctor->session.path),
                             "bad", doctor->bad,
                             "findings", doctor->findings), false);
    /* clang-format on */
    return doctor->bad ? CLI_NO : CLI_YES;
}

const struct command cmd_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "find the ledger, say what is wrong with it and how to repair it",
    .options = options,
    .notes = "\n"
             "Changes nothing, but reads the rules of the limits' time zones anew. Each line is ok, note\n"
             "(worth knowing) or bad, with advice below it.\n\n"
             "Exit status: 0 if nothing is bad, 1 if something is, 2 on an error.\n",
    .request_bytes = sizeof(struct doctor),
    .needs = "name a ledger with --ledger",
    .run = run,
};
