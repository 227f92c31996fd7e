/* doctor_file.c: the folder, the file and what is in it, as doctor looks at them.
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "doctor.h"

#define BTRFS 0x9123683eu /* f_type of statfs(2) */
#define BCACHEFS 0xca451a4eu
#define ZFS 0x2fc12fc1u

#define NEW_DIGITS 16 /* of LEDGER.new-0123456789abcdef, a ledger that is being made or compacted */

/* Nobody has it open: whoever makes a ledger holds it locked (docs/format.md, "Lock"). */
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
    const char *path = doctor->session.path, *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t name_len = strlen(name);
    char left[PATH_BYTES * 2];
    DIR *entries = opendir(folder);
    struct dirent *entry;

    while (entries && (entry = readdir(entries)) != NULL) {
        const char *end = entry->d_name + name_len;

        if (strncmp(entry->d_name, name, name_len) != 0 || strncmp(end, ".new-", 5) != 0 ||
            strspn(end + 5, "0123456789abcdef") != NEW_DIGITS || end[5 + NEW_DIGITS] != '\0')
            continue;
        snprintf(left, sizeof(left), "%s%s", path, end);
        if (!is_left_over(left))
            continue;
        doctor_find(doctor, NOTE, "left", "%s, of a create or compact that was killed", entry->d_name);
        doctor_advise(doctor, "rm '%s'", left);
    }
    if (entries)
        closedir(entries);
    snprintf(left, sizeof(left), "%s.imports.restored", path);
    if (access(left, F_OK) == 0)
        doctor_find(doctor, NOTE, "left",
                    "%s.imports.restored, of a restore that was killed or is at work; the next import, backup or "
                    "compact finishes it",
                    name);
}

/* Where each store is written to a new place, a full disk ends the programs that count. */
static void look_at_disk(struct doctor *doctor)
{
    const char *path = doctor->session.path;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), flags = 0;
    struct statfs system;
    uint32_t type = fd >= 0 && fstatfs(fd, &system) == 0 ? (uint32_t)system.f_type : 0;

    if (type == BTRFS && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && !(flags & FS_NOCOW_FL)) {
        doctor_find(doctor, NOTE, "disk",
                    "Btrfs writes each change of this file to a new place: when the disk is full, programs that "
                    "count are ended by a signal");
        doctor_advise(doctor, "when nobody has it open: tokenquota ledger compact");
    } else if (type == ZFS || type == BCACHEFS) {
        doctor_find(doctor, NOTE, "disk",
                    "%s writes each change to a new place: when the disk is full, programs that count may be ended "
                    "by a signal",
                    type == ZFS ? "ZFS" : "bcachefs");
        doctor_advise(doctor, "keep some of the disk free, or move the ledger to ext4, XFS or Btrfs");
    }
    if (fd >= 0)
        close(fd);
}

bool doctor_look_at_folder(struct doctor *doctor)
{
    const struct session *session = &doctor->session;
    char folder[PATH_BYTES];
    const char *slash = strrchr(session->path, '/');
    struct stat info;

    if (!slash)
        snprintf(folder, sizeof(folder), ".");
    else
        snprintf(folder, sizeof(folder), "%.*s", slash == session->path ? 1 : (int)(slash - session->path),
                 session->path);
    if (stat(folder, &info) < 0 && errno == ENOENT && !session->given) {
        doctor_find(doctor, NOTE, "folder", "%s is not there yet; it is made with the ledger", folder);
        doctor_advise(doctor, "begin: tokenquota observe PROVIDER TOKENS");
        return false;
    }
    if (stat(folder, &info) < 0) {
        doctor_find(doctor, BAD, "folder", "%s: %s", folder, strerror(errno));
        if (errno == ENOENT)
            doctor_advise(doctor, "mkdir -p -m 0700 '%s'", folder);
        else
            doctor_advise(doctor, "look at the folders above it, or name another place: --ledger");
        return false;
    }
    if (!S_ISDIR(info.st_mode)) {
        doctor_find(doctor, BAD, "folder", "%s is no folder", folder);
        doctor_advise(doctor, "name another place: --ledger");
        return false;
    }
    bool open_to_all = (info.st_mode & S_IWOTH) && !(info.st_mode & S_ISVTX);

    doctor_find(doctor, open_to_all ? BAD : OK, "folder", "%s, mode %04o%s", folder,
                (unsigned)info.st_mode & 07777,
                open_to_all ? ": anybody may put another file in the ledger's place" : "");
    if (open_to_all)
        doctor_advise(doctor, "chmod o-w '%s'", folder);
    look_for_left_over(doctor, folder);
    return true;
}

/* Who opens it refuses what is no regular file of a trusted owner; look_into says that. */
bool doctor_look_at_file(struct doctor *doctor)
{
    const char *path = doctor->session.path;
    struct stat info;

    if (lstat(path, &info) < 0 && errno == ENOENT) {
        doctor_find(doctor, NOTE, "file", "there is no ledger yet");
        doctor_advise(doctor, "begin: tokenquota observe PROVIDER TOKENS");
        return false;
    }
    if (lstat(path, &info) < 0) {
        doctor_find(doctor, BAD, "file", "%s", strerror(errno));
        return false;
    }
    if (!S_ISREG(info.st_mode))
        return true;
    bool open_to_all = info.st_mode & S_IWOTH;

    doctor_find(doctor, open_to_all ? BAD : OK, "file", "mode %04o, of user %u%s, %s bytes on the disk%s",
                (unsigned)info.st_mode & 07777, (unsigned)info.st_uid,
                info.st_uid == geteuid() ? " (you)" : "", format_exact((int64_t)info.st_blocks * 512).s,
                open_to_all ? ": anybody may change every number in it" : "");
    if (open_to_all)
        doctor_advise(doctor, "chmod o-w '%s'", path);
    look_at_disk(doctor);
    return true;
}

/* thing is what there are so many of, without its s. */
static void note(struct doctor *doctor, uint64_t count, const char *what, const char *thing, const char *text,
                 const char *advice)
{
    if (!count)
        return;
    doctor_find(doctor, NOTE, what, "%s %s%s %s", format_exact((int64_t)count).s, thing,
                count == 1 ? "" : "s", text);
    doctor_advise(doctor, "%s", advice);
}

static void look_at_numbers(struct doctor *doctor, const struct tq_ledger_info *info)
{
    uint64_t dead = info->slots > info->providers ? info->slots - info->providers : 0;

    note(doctor, info->clock, "clock", "record", "refused: before 2020 or ahead of the clock",
         "look for a program or a machine with a wrong clock");
    if (info->ahead > 0) {
        doctor_find(doctor, NOTE, "clock", "%s provider%s with records of a day that is not there yet, the latest %s",
                    format_exact((int64_t)info->ahead).s, info->ahead == 1 ? "" : "s",
                    format_utc_day(info->ahead_at_ns).s);
        doctor_advise(doctor, "set the clock; then each provider's next record puts it right");
    }
    note(doctor, info->too_old, "days", "record", "refused: of a day that is no longer kept",
         "record sooner, or create a ledger that keeps more: tokenquota ledger create --days 64");
    note(doctor, info->saturated, "days", "record",
         "of a day that is counted to the brim (2^46 tokens and more)",
         "look for a program that records too much; then tokenquota reset PROVIDER");
    note(doctor, dead > info->providers ? dead : 0, "slots", "slot", "left by killed inserts",
         "when nobody has it open: tokenquota ledger compact");
    note(doctor, info->rebuilt, "power", "time", "the machine was started anew, and the index rebuilt",
         "what a loss of power can take is less with: tokenquota ledger flush --every 1s");
}

static void check(struct doctor *doctor)
{
    struct tq_ledger_info info = {.size = sizeof(info)};
    struct tq_error error = {.size = sizeof(error)};
    int answer = tq_ledger_check(doctor->session.ledger, &info, &error);

    if (answer < 0) {
        doctor_find(doctor, BAD, "check", "%s", tq_strerror(answer));
        return;
    }
    if (answer == 0) {
        doctor_find(doctor, OK, "check", "%s provider%s, every word is as it must be",
                    format_exact((int64_t)info.providers).s, info.providers == 1 ? "" : "s");
    } else {
        doctor_find(doctor, BAD, "check", "%s wrong, the first: %s", format_exact((int64_t)info.faults).s,
                    error.msg);
        doctor_advise(doctor,
                      "restore a backup (mv it to this path), or move this file away and a new one is made");
    }
    look_at_numbers(doctor, &info);
}

/* For writing; else for reading only. */
void doctor_look_into(struct doctor *doctor)
{
    struct tq_ledger_options options = session_options();
    struct tq_error error = {.size = sizeof(error)};
    struct session *session = &doctor->session;
    int answer;

    options.flags |= TQ_OPEN_EXISTING;
    answer = tq_ledger_open(&session->ledger, session->path, &options, &error);
    if (answer == TQ_ESYS && (error.sys == EACCES || error.sys == EPERM || error.sys == EROFS)) {
        options.flags |= TQ_OPEN_READ_ONLY;
        answer = tq_ledger_open(&session->ledger, session->path, &options, &error);
        if (answer == 0) {
            doctor_find(doctor, NOTE, "open", "for reading only: you may not write it");
            doctor_advise(doctor, "to count, be allowed to write it, or name another: --ledger");
        }
    } else if (answer == 0) {
        doctor_find(doctor, OK, "open", "for reading and writing");
    }
    if (answer < 0) {
        bool by_system = error.code == TQ_ESYS && error.sys != 0;

        doctor_find(doctor, BAD, "open", "%s%s%s", error.msg, by_system ? ": " : "",
                    by_system ? strerror(error.sys) : "");
        return;
    }
    if (error.msg[0])
        doctor_find(doctor, NOTE, "open", "%s", error.msg);
    check(doctor);
    tq_ledger_close(session->ledger);
}
