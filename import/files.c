/* files.c: the files to import: where to continue in each, and how far each was read.
 *
 * SPDX-License-Identifier: MIT
 *
 * A file whose size and time have not changed is not opened. When entries of a file were skipped, for --since
 * or because the clock refused them, a run that would count them reads the file from its start. The responses
 * that were counted before are known by their keys.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "import.h"

/* The events that may mean that a file has something new. */
#define WATCHED                                                                                              \
    (IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_DELETE_SELF |     \
     IN_MOVE_SELF)

static uint64_t view_of(const struct import_logs *logs, const struct tq_log_source *source)
{
    const char *pattern = names_pattern(logs->name, source);

    return tq__hash(tq_log_source_id(source), pattern, strlen(pattern));
}

/* Sets the place of the cursor in file; true when the file has not changed. */
static bool go_on_from(struct import *import, struct merge_file *file, struct store_cursor *cursor)
{
    if (!cursor) {
        const struct store_cursor sought = {.device = file->device,
                                            .inode = file->inode,
                                            .view = file->view,
                                            .state.source = tq_log_source_id(file->source)};

        import->totals.renamed |= store_cursor_elsewhere(&import->store, &sought);
        return false;
    }
    cursor->day = store_day(import->request.at_ns);
    if (cursor->skipped_before_ns > import->request.since_ns)
        return false;
    file->skipped_before_ns = cursor->skipped_before_ns;
    file->state = cursor->state;
    return cursor->device == file->device && cursor->inode == file->inode &&
           cursor->file_bytes == file->file_bytes && cursor->modified_ns == file->modified_ns;
}

/* A file is sought among these logs. */
struct search {
    const struct import_logs *logs;
    const struct tq_log_source *source;
};

static int find_one(struct import *import, const char *path, const struct search *search, bool named);

/* The path of a file that was read now names another file. The old file may have got more lines before it was
 * renamed, so it is searched in its folder, by its inode. */
static int find_moved(struct import *import, const char *path, const struct search *search, uint64_t inode)
{
    char other[STORE_PATH_BYTES];
    const char *slash = strrchr(path, '/');
    int folder_len = slash ? (int)(slash - path) + 1 : 0, result = 0;
    struct dirent *entry;
    DIR *folder;

    snprintf(other, sizeof other, "%.*s", folder_len ? folder_len : 1, folder_len ? path : ".");
    folder = opendir(other);
    while (folder && (entry = readdir(folder)) != NULL) {
        if ((uint64_t)entry->d_ino != inode ||
            snprintf(other, sizeof other, "%.*s%s", folder_len, path, entry->d_name) >= (int)sizeof other)
            continue;
        result = find_one(import, other, search, false);
        import->moved++;
        break;
    }
    if (folder)
        closedir(folder);
    return result;
}

/* Is the file in the merge already? A renamed file may also be found under its new name. */
static bool is_there(const struct import *import, const struct merge_file *file)
{
    const struct merge *merge = &import->merge;

    for (size_t i = 0; import->moved && i < merge->count; i++)
        if (merge->files[i].inode == file->inode && merge->files[i].device == file->device &&
            merge->files[i].view == file->view)
            return true;
    return false;
}

/* named: the user named the file itself. */
static int find_one(struct import *import, const char *path, const struct search *search, bool named)
{
    const struct tq_log_source *source = search->source;
    struct merge_file found = {.source = source, .logs = search->logs, .named = named}, *file;
    struct store_cursor *before;
    uint64_t moved_inode = 0;
    struct stat status;

    if (stat(path, &status) < 0) /* it was removed meanwhile */
        return 0;
    found.device = (uint64_t)status.st_dev;
    found.inode = (uint64_t)status.st_ino;
    found.path_hash = tq__hash(STORE_SEED_PATH, path, strlen(path));
    found.skipped_before_ns = INT64_MIN;
    found.view = view_of(search->logs, source);
    found.file_bytes = (uint64_t)status.st_size;
    found.modified_ns = (int64_t)status.st_mtim.tv_sec * TQ__SECOND_NS + status.st_mtim.tv_nsec;
    tq_log_source_beside(source, path, &found.file_bytes, &found.modified_ns);
    if (is_there(import, &found))
        return 0;
    import->totals.found++;
    before = store_cursor_find(&import->store, found.device, found.inode, found.path_hash, found.view);
    if (before && before->device == found.device && before->path_hash == found.path_hash)
        moved_inode = before->inode;
    if (go_on_from(import, &found, before)) {
        import->totals.unchanged++;
        return 0;
    }
    file = merge_add(&import->merge, path, source);
    if (!file)
        return import_no_memory(&import->error);
    found.path = file->path;
    *file = found;
    if (found.file_bytes > found.state.offset)
        import->total_bytes += found.file_bytes - found.state.offset;
    return moved_inode && moved_inode != found.inode ? find_moved(import, path, search, moved_inode) : 0;
}

static void watch(struct import *import, const char *path, size_t len)
{
    char folder[STORE_PATH_BYTES];

    if (len < sizeof folder) {
        memcpy(folder, path, len);
        folder[len] = '\0';
        if (inotify_add_watch(import->watch_fd, folder, WATCHED) < 0 && errno != ENOENT)
            import->watch_error = errno;
    }
}

static int find_below(struct import *import, const struct search *search, const char *path)
{
    const struct tq_log_source *source = search->source;
    struct tq_log_files *files;
    struct tq_log_error error = {0};
    const char *name;
    int result = 0;

    if (path && import->watch_fd >= 0) { /* where the file is made again after it was removed */
        const char *slash = strrchr(path, '/');

        watch(import, slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1);
    }
    if (tq_log_files_open(&files, source, path, &error) < 0) {
        if (import->watch_fd >= 0 && (import->entries || import->request.waits))
            return 0;
        return import_fail(&import->error, TQ_ESYS, "%s: %s", path ? path : tq_log_source_name(source),
                           error.msg);
    }
    while (import->watch_fd >= 0 && (name = tq_log_files_next_folder(files)) != NULL)
        watch(import, name, strlen(name));
    while (result == 0 && (name = tq_log_files_next(files)) != NULL)
        result = find_one(import, name, search, path && strcmp(name, path) == 0);
    tq_log_files_close(files);
    return result;
}

static int find_logs(struct import *import, const struct import_logs *logs)
{
    struct search search = {logs, logs->source};
    int result = 0;

    for (size_t i = 0; logs->paths[i] && result == 0; i++)
        result = find_below(import, &search, logs->paths[i]);
    if (logs->paths[0])
        return result;
    if (logs->source)
        return find_below(import, &search, NULL);
    for (size_t i = 0; (search.source = tq_log_source_at(i)) != NULL && result == 0; i++)
        result = find_below(import, &search, NULL);
    return result;
}

int import_find(struct import *import)
{
    int result = 0;

    import->total_bytes = 0;
    import->moved = 0;
    import->totals.found = import->totals.unchanged = 0;
    for (size_t i = 0; i < import->request.log_count && result == 0; i++)
        result = find_logs(import, &import->request.logs[i]);
    return result;
}

int import_save(struct import *import, struct merge_file *file, bool over)
{
    struct store_cursor cursor = {
        .device = file->device,
        .inode = file->inode,
        .path_hash = file->path_hash,
        .view = file->view,
        .file_bytes = over ? file->file_bytes : UINT64_MAX,
        .modified_ns = file->modified_ns,
        .skipped_before_ns = file->again ? INT64_MAX : file->skipped_before_ns,
        .day = store_day(import->request.at_ns),
    };

    if (over)
        cursor.state = file->state;
    else
        merge_state(file, &cursor.state);
    file->unsaved = 0;
    return store_cursor_set(&import->store, &cursor, !file->restarted);
}
