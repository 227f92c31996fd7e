/* files.c: finds the files of a source, each once.
 *
 * SPDX-License-Identifier: MIT
 *
 * Folders wait in a list until they are read, so that a deep tree needs no deep stack. Links are followed, as
 * the tools follow them. A folder or file is identified by device and inode: when two paths lead to it, it is
 * listed once, under the first path. Unreadable files and folders are skipped, because other programs keep
 * files in a tool's folder, too.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/list.h"
#include "base/text.h"
#include "error.h"
#include "places.h"
#include "sources.h"

#define DEPTH_MAX 32 /* folders below a place */

struct tq__log_found {
    char *path;
    uint64_t device, inode;
    unsigned depth; /* of a folder, below its place */
};

struct tq__log_list {
    struct tq__log_found *item;
    size_t count;
    size_t capacity;
};

struct tq_log_files {
    const struct tq_log_source *source;
    struct tq__log_list files;
    struct tq__log_list folders; /* all that were met, in that order, until the walk is over */
    size_t next_file;
    size_t next_folder;
};

/* ---- lists ---- */

/* Owns path from now on, even when there is no memory. */
static bool add(struct tq__log_list *list, char *path, const struct stat *status, unsigned depth)
{
    struct tq__log_found *item = tq__list_room(list->item, list->count, &list->capacity, sizeof(*item));

    if (!item) {
        free(path);
        return false;
    }
    list->item = item;
    item[list->count++] = (struct tq__log_found){path, status->st_dev, status->st_ino, depth};
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct tq__log_found *one = a, *other = b;

    if (one->device != other->device)
        return one->device < other->device ? -1 : 1;
    if (one->inode != other->inode)
        return one->inode < other->inode ? -1 : 1;
    return strcmp(one->path, other->path);
}

static int by_path(const void *a, const void *b)
{
    const struct tq__log_found *one = a, *other = b;

    return strcmp(one->path, other->path);
}

/* Keeps the first path of each file, and sorts the files by path. */
static void sort_once(struct tq__log_list *list)
{
    size_t kept = 0;

    if (list->count == 0)
        return;
    qsort(list->item, list->count, sizeof(*list->item), by_place);
    for (size_t i = 0; i < list->count; i++) {
        const struct tq__log_found *last = kept > 0 ? &list->item[kept - 1] : NULL;

        if (last && last->device == list->item[i].device && last->inode == list->item[i].inode)
            free(list->item[i].path);
        else
            list->item[kept++] = list->item[i];
    }
    list->count = kept;
    qsort(list->item, list->count, sizeof(*list->item), by_path);
}

static void free_list(struct tq__log_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->item[i].path);
    free(list->item);
}

/* ---- names ---- */

/* A suffix that ends in "*" may be followed by anything; one that does not begin with "." is the whole name.
 */
static bool ends_in(const char *name, size_t len, const char *suffix)
{
    size_t suffix_len = strlen(suffix);

    if (suffix[suffix_len - 1] == '*')
        return memmem(name, len, suffix, suffix_len - 1) != NULL;
    if (suffix[0] != '.')
        return len == suffix_len && memcmp(name, suffix, len) == 0;
    return len > suffix_len && memcmp(name + len - suffix_len, suffix, suffix_len) == 0;
}

/* Is there a folder of this name in the path? */
static bool goes_through(const char *path, const char *folder)
{
    size_t len = strlen(folder);

    for (const char *at = path; (at = strstr(at, folder)) != NULL; at++) {
        if ((at == path || at[-1] == '/') && at[len] == '/')
            return true;
    }
    return false;
}

static bool is_named(const struct tq_log_source *source, const char *path)
{
    const char *name = tq__last_part(path);
    size_t len = strlen(name);

    if (source->skip && strcmp(name, source->skip) == 0)
        return false;
    if (source->prefix && strncmp(name, source->prefix, strlen(source->prefix)) != 0)
        return false;
    if (source->folder && !goes_through(path, source->folder))
        return false;
    if (ends_in(name, len, ".zst"))
        len -= 4;
    else if (ends_in(name, len, ".gz"))
        len -= 3;
    for (size_t i = 0; i < sizeof(source->suffixes) / sizeof(source->suffixes[0]) && source->suffixes[i];
         i++) {
        if (ends_in(name, len, source->suffixes[i]))
            return true;
    }
    return false;
}

static bool is_wanted(const struct tq_log_source *source, const char *path)
{
    return is_named(source, path) || (source->older && is_named(source->older, path));
}

/* "folder/name", on the heap; NULL: there is no memory. */
static char *join(const char *folder, size_t folder_len, const char *name)
{
    char *path;

    return asprintf(&path, "%.*s/%s", (int)folder_len, folder, name) < 0 ? NULL : path;
}

/* ---- the walk ---- */

/* Was the folder found before? A linear search is enough: a tree of thousands of sessions has hundreds of
 * folders. */
static bool is_known(const struct tq__log_list *folders, const struct stat *status)
{
    for (size_t i = 0; i < folders->count; i++) {
        if (folders->item[i].device == status->st_dev && folders->item[i].inode == status->st_ino)
            return true;
    }
    return false;
}

/* Adds the path to the lists when it is a folder or a wanted file; a file that a place names is wanted. Owns
 * path from now on. */
static int note(struct tq_log_files *files, char *path, unsigned depth, bool given,
                struct tq_log_error *error)
{
    struct stat status;
    bool done = true;

    if (!path)
        return tq__log_fail_memory(error);
    if (stat(path, &status) != 0) {
        int sys = errno;

        free(path);
        return given ? tq__log_fail(error, TQ_LOG_BROKEN, 0, sys, "cannot read: %s", strerror(sys)) : 0;
    }
    if (S_ISDIR(status.st_mode) && depth <= DEPTH_MAX && !is_known(&files->folders, &status))
        done = add(&files->folders, path, &status, depth);
    else if (!S_ISDIR(status.st_mode) &&
             (given || (S_ISREG(status.st_mode) && (depth == 0 || is_wanted(files->source, path)))))
        done = add(&files->files, path, &status, depth);
    else
        free(path);
    return done ? 0 : tq__log_fail_memory(error);
}

static int walk(struct tq_log_files *files, bool given, struct tq_log_error *error)
{
    for (; files->next_folder < files->folders.count; files->next_folder++) {
        struct tq__log_found folder = files->folders.item[files->next_folder];
        size_t len = strlen(folder.path);
        DIR *open = opendir(folder.path);
        struct dirent *entry;
        int answer = 0;

        if (!open && given && folder.depth == 0)
            return tq__log_fail(error, TQ_LOG_BROKEN, 0, errno, "cannot read: %s", strerror(errno));
        while (len > 1 && folder.path[len - 1] == '/')
            len--;
        while (open && answer == 0 && (entry = readdir(open)) != NULL) {
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                answer = note(files, join(folder.path, len, entry->d_name), folder.depth + 1, false, error);
        }
        if (open)
            closedir(open);
        if (answer != 0)
            return answer;
    }
    return 0;
}

/* ---- the places of a tool ---- */

/* What note_found needs. */
struct finding {
    struct tq_log_files *files;
    struct tq_log_error *error;
};

static int note_found(void *context, char *path)
{
    struct finding *finding = context;
    char *slash = strrchr(path, '/');
    struct stat status;

    if (!finding->files->source->queries || !slash || stat(path, &status) != 0 || S_ISDIR(status.st_mode))
        return note(finding->files, path, 0, false, finding->error);
    *slash = '\0'; /* of a database, the folder: there its -wal can be watched */
    return note(finding->files, path, DEPTH_MAX, false, finding->error);
}

static int count_found(void *context, char *path)
{
    free(path);
    ++*(unsigned *)context;
    return 0;
}

static int note_places(struct tq_log_files *files, struct tq_log_error *error)
{
    const char *unless = files->source->unless;
    struct finding finding = {files, error};
    unsigned others = 0;
    int answer = unless ? tq__log_place_find(unless, count_found, &others) : 0;

    if (others > 0)
        return 0;

    for (const struct tq_log_source *source = files->source; source; source = source->older)
        for (size_t i = 0; answer == 0 && i < TQ__LOG_PLACES_MAX && source->places[i]; i++)
            answer = tq__log_place_find(source->places[i], note_found, &finding);
    return answer == -1 ? tq__log_fail_memory(error) : answer;
}

/* ---- the public calls ---- */

int tq_log_files_open(struct tq_log_files **out, const struct tq_log_source *source, const char *path,
                      struct tq_log_error *error)
{
    struct tq_log_files *files = calloc(1, sizeof(*files));
    int answer;

    *out = NULL;
    if (!files)
        return tq__log_fail_memory(error);
    files->source = source;
    answer = path ? note(files, strdup(path), 0, true, error) : note_places(files, error);
    if (answer == 0)
        answer = walk(files, path != NULL, error);
    if (answer != 0) {
        tq_log_files_close(files);
        return answer;
    }
    sort_once(&files->files);
    sort_once(&files->folders);
    files->next_folder = 0;
    *out = files;
    return 0;
}

const char *tq_log_files_next(struct tq_log_files *files)
{
    return files->next_file < files->files.count ? files->files.item[files->next_file++].path : NULL;
}

const char *tq_log_files_next_folder(struct tq_log_files *files)
{
    return files->next_folder < files->folders.count ? files->folders.item[files->next_folder++].path : NULL;
}

void tq_log_files_close(struct tq_log_files *files)
{
    if (!files)
        return;
    free_list(&files->files);
    free_list(&files->folders);
    free(files);
}
