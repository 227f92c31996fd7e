/* test_rights.c: compact keeps who may do what with the file, or refuses and leaves it as it was.
 *
 * SPDX-License-Identifier: MIT
 */

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)
#define NOBODY 65534
#define SKIPPED 77
#define ACL "system.posix_acl_access"
#define DEFAULT_ACL "system.posix_acl_default"
#define LABEL "security.selinux"

/* linux/posix_acl_xattr.h: version 2, then [tag, permissions, id]: the owner rw, NOBODY rw, the group r,
 * mask rw. */
static const uint8_t acl[] = {
    2, 0,    0,    0,    0x01, 0,    6,    0, 0xff, 0xff, 0xff, 0xff, 0x02, 0,    6,
    0, 0xfe, 0xff, 0,    0,    0x04, 0,    4, 0,    0xff, 0xff, 0xff, 0xff, 0x10, 0,
    6, 0,    0xff, 0xff, 0xff, 0xff, 0x20, 0, 0,    0,    0xff, 0xff, 0xff, 0xff,
};

static const char *make(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);

    assert_int_equal(tq_provider_record(handle(ledger, "a"), 7, NOW_NS, NULL), 0);
    tq_ledger_close(ledger);
    return path;
}

/* Skips the test where the file system, or the user, has no such attributes. */
static void set(const char *path, const char *name, const void *value, size_t bytes)
{
    if (setxattr(path, name, value, bytes, 0) == 0)
        return;
    print_message("skipped: %s: %s\n", name, strerror(errno));
    skip();
}

static void check_attribute(const char *path, const char *name, const void *value, size_t bytes)
{
    uint8_t found[256];

    assert_int_equal(getxattr(path, name, found, sizeof found), (ssize_t)bytes);
    assert_memory_equal(found, value, bytes);
}

static mode_t mode_of(const char *path)
{
    struct stat file;

    assert_int_equal(stat(path, &file), 0);
    return file.st_mode & 07777;
}

static void test_acl(void **state)
{
    const char *path = make(state);

    set(path, ACL, acl, sizeof acl);
    assert_int_equal(mode_of(path), 0660); /* the group's bits are the mask's now */
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    check_attribute(path, ACL, acl, sizeof acl);
    assert_int_equal(mode_of(path), 0660);
}

/* A folder that gives NOBODY rights in new files gives none in a file that had none for NOBODY. */
static void test_no_acl_from_the_folder(void **state)
{
    const char *path = make(state);
    uint8_t found[256];

    assert_int_equal(chmod(path, 0660), 0);
    set(*state, DEFAULT_ACL, acl, sizeof acl);
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    assert_int_equal(getxattr(path, ACL, found, sizeof found), -1);
    assert_int_equal(mode_of(path), 0660);
}

static void test_label_and_notes(void **state)
{
    const char *path = make(state);

    set(path, "user.note", "keep", 4);
    set(path, LABEL, "label", 6);
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    check_attribute(path, "user.note", "keep", 4);
    check_attribute(path, LABEL, "label", 6);
}

static int compact_as_nobody(void *path)
{
    struct tq_error error = {.size = sizeof error};

    MUST(setegid(NOBODY) == 0 && seteuid(NOBODY) == 0);
    if (setxattr(path, LABEL, "other", 6, 0) == 0) /* a kernel without security modules */
        return SKIPPED;
    MUST(tq_ledger_compact(path, &error) == TQ_ESYS);
    MUST(error.sys == EPERM && strstr(error.msg, LABEL));
    return 0;
}

static void test_label_that_cannot_be_kept(void **state)
{
    const char *path = make(state);
    struct stat before, after;
    int status;

    if (geteuid() != 0)
        skip();
    set(path, LABEL, "label", 6);
    assert_int_equal(chown(*state, NOBODY, NOBODY), 0);
    assert_int_equal(chown(path, NOBODY, NOBODY), 0);
    assert_int_equal(stat(path, &before), 0);
    status = child_end(child_start(compact_as_nobody, (void *)(uintptr_t)path));
    if (status == SKIPPED) {
        print_message("skipped: anybody may set a label here\n");
        skip();
    }
    assert_int_equal(status, 0);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino);
    assert_int_equal(scratch_entries(state), 1);
}

static int compact_for_root(void *path)
{
    struct tq_error error = {.size = sizeof error};

    MUST(setegid(NOBODY) == 0 && seteuid(NOBODY) == 0);
    MUST(tq_ledger_compact(path, &error) == TQ_ESYS);
    MUST(error.sys == EPERM && strstr(error.msg, "owner"));
    return 0;
}

static void test_owner_that_cannot_be_kept(void **state)
{
    const char *path = make(state);
    struct stat before, after;

    if (geteuid() != 0)
        skip();
    assert_int_equal(chown(*state, NOBODY, NOBODY), 0);
    assert_int_equal(chown(path, 0, NOBODY), 0);
    assert_int_equal(chmod(path, 0660), 0);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(child_end(child_start(compact_for_root, (void *)(uintptr_t)path)), 0);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino);
    assert_int_equal(scratch_entries(state), 1);
}

static void test_owner(void **state)
{
    const char *path = make(state);
    struct stat file;

    if (geteuid() != 0)
        skip();
    assert_int_equal(chown(path, 0, NOBODY), 0);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_gid, NOBODY);
    assert_int_equal(file.st_mode & 07777, 0640);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_acl),
        scratch_test(test_no_acl_from_the_folder),
        scratch_test(test_label_and_notes),
        scratch_test(test_label_that_cannot_be_kept),
        scratch_test(test_owner),
        scratch_test(test_owner_that_cannot_be_kept),
    };

    return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
