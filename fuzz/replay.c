/* replay.c: runs a fuzz target on every file of the given folders, without a fuzzer.
 *
 * SPDX-License-Identifier: MIT
 *
 *     replay_NAME FOLDER...
 *
 * A corpus that cannot be read, or has no file, is a failure: it would test nothing.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "target.h"

static int run_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size ? size : 1);
    int status = -1;

    if (!file || !data || fread(data, 1, size, file) != size) {
        perror(path);
        goto out;
    }
    LLVMFuzzerTestOneInput(data, size);
    status = 0;
out:
    free(data);
    if (file)
        fclose(file);
    return status;
}

/* Runs the regular files of a folder, in the order of their names; how many, or -1. */
static int run_folder(const char *folder)
{
    struct dirent **names;
    int count = scandir(folder, &names, NULL, alphasort), runs = 0;

    if (count < 0) {
        perror(folder);
        return -1;
    }
    for (int i = 0; i < count; i++) {
        char path[4096];
        struct stat status;
        int len = snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);

        free(names[i]);
        if (runs < 0)
            continue;
        if ((size_t)len >= sizeof(path) || stat(path, &status) != 0) {
            fprintf(stderr, "%s: cannot be found\n", path);
            runs = -1;
        } else if (S_ISREG(status.st_mode)) {
            runs = run_file(path, (size_t)status.st_size) == 0 ? runs + 1 : -1;
        }
    }
    free(names);
    return runs;
}

int main(int argc, char **argv)
{
    int total = 0;

    for (int i = 1; i < argc; i++) {
        int runs = run_folder(argv[i]);

        if (runs < 0)
            return 1;
        total += runs;
    }
    printf("%d inputs\n", total);
    return total > 0 ? 0 : 1;
}
