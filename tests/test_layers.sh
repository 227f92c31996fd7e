#!/bin/sh
# test_layers.sh: each folder includes and calls only what its layer may.
# SPDX-License-Identifier: MIT
#
#     test_layers.sh LIBTOKENQUOTA.a LOGS.a LIBTOKENQUOTA-SIGNALS.a COMMAND BASE.a IMPORT.a VIEW.a SERVE.a SYNC.a
#
# The root of the tree is an include path, so that the compiler would let every room see every other: what each may see
# is said here. So is what each may call. Each rule is also tried on a tree that breaks it.
set -eu
. tests/tap.sh

for built; do
    [ -r "$built" ] || { echo "Bail out! nothing at $built"; exit 1; }
done

# What src/ may include of libc and Linux: no threads, no signals; stdio for snprintf and pthread for pthread_atfork alone, as
# the calls show.
libc_headers='assert errno fcntl inttypes limits linux/falloc linux/fiemap linux/fs linux/futex pthread stdarg stdatomic stdbool stddef stdint stdio stdlib string
    sys/file sys/ioctl sys/mman sys/random sys/resource sys/stat sys/syscall sys/vfs sys/xattr time unistd'
# And call: memory, bytes, the clock, the seed of the hash, the place of the default ledger, and (ledger, file, enter,
# open, pool, rebuild, anew, backup, event, system) the ledger's file and the futex.
libc_calls='__errno_location bcmp calloc clock_gettime free getrandom malloc memchr memcmp memcpy memset mmap mmap64 munmap
    snprintf __snprintf_chk vsnprintf __vsnprintf_chk strchr strdup strlen strcmp strncmp strncpy strrchr
    __open64_2 __open_2 open open64 close faccessat pthread_atfork __register_atfork fallocate fallocate64 fchmod fchown fcntl fcntl64 fdatasync
    fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatfs fstatfs64
    fsync getenv geteuid getpid getrlimit getrlimit64 ioctl link lstat lstat64 madvise nanosleep pread pread64 __pread64_chk pwrite pwrite64
    read __read_chk realpath __realpath_chk rename secure_getenv stat stat64 statx syscall unlink
    __assert_fail __stack_chk_fail _GLOBAL_OFFSET_TABLE_ __udivti3 __divti3'
# What no code here may call.
poison='strcpy strcat sprintf vsprintf gets strtok system popen tmpnam mktemp alloca'

# ---- the rules on sources, each prints what breaks it ---------------------------------------------------

sources() { # ROOT FOLDER...
    tree=$1
    shift
    for folder; do
        find "$tree/$folder" -name '*.[ch]' 2>/dev/null
    done
}

relative_includes() {
    sources "$1" include base src signals logs import sync view serve cli bindings bench examples fuzz tests | xargs grep -nE '#[[:space:]]*include "[^"]*\.\./' /dev/null
}

# The rooms, and the other rooms whose headers each may include, with their folder: "base/time.h". Without a folder a
# quoted include is of the file's own room or of include/.
rooms='include base src:base signals:base logs:base import:base sync:base view:base:import:sync
    serve:base:import:sync:view cli:base:import:sync:view:serve bindings bench:sync examples
    fuzz:base:sync:view:serve:cli'

foreign_includes() {
    for row in $rooms; do
        folder=${row%%:*} sees=${row#"${row%%:*}"}
        sources "$1" "$folder" | xargs grep -oE '#[[:space:]]*include "[^"]+"' /dev/null |
            sed 's/:.*"\([^"]*\)"$/ \1/' | while read -r file header; do
            case $folder/$header in
            src/tokenquota_* | base/tokenquota_*) echo "$file includes $header" ;;
            esac
            case $file in
            */bindings/core.c | */internal/core/core.c) continue ;; # the sources themselves, as one
            esac
            case "$sees:$folder:" in
            *":${header%%/*}:"*) [ -e "$1/$header" ] || echo "$file includes $header" ;;
            *) [ -e "${file%/*}/$header" -o -e "$1/include/$header" ] || echo "$file includes $header" ;;
            esac
        done
    done
}

foreign_system_headers() {
    allowed=$(printf '%s' "$libc_headers" | tr -s ' \n' '|')
    sources "$1" base src | xargs grep -nE '#[[:space:]]*include <' /dev/null | grep -vE "<($allowed)\.h>"
}

# Files of a room that need each other, by what a source and its header include. (signals/ has one such pair.)
circles() {
    for room in base src logs import view sync serve; do
        sources "$1" $room | xargs grep -oE '#[[:space:]]*include "[a-z0-9_]+\.h"' /dev/null |
            sed -E 's|.*/([a-z0-9_]+)\.[ch]:.*"(.*)\.h"|\1 \2|' | awk '$1 != $2' | tsort 2>&1 >/dev/null
    done
}

# examples/ is left out: it holds the program of the header's comment, to the letter.
first_line_wrong() {
    sources "$1" include base src signals logs import sync view serve cli bindings bench fuzz tests | xargs awk '
        function end() { if (file && !licence) print file ": no licence line" }
        FNR == 1 {
            end()
            file = FILENAME; licence = 0
            name = file; sub(".*/", "", name)
            if (index($0, "/* " name ": ") != 1) print file ": the first line does not say what it is for"
        }
        FNR <= 5 && /SPDX-License-Identifier: MIT/ { licence = 1 }
        END { end() }'
}

# RULE [ROOT]: nothing breaks it.
holds() {
    found=$("$1" "${2:-.}" || true)
    [ -z "$found" ] || { echo "$found"; return 1; }
}

# RULE FILE TEXT: the rule finds the fault when FILE of an otherwise sound tree is TEXT.
finds() {
    rm -rf "$work/twin"
    [ -d "$work/sound" ] || { mkdir "$work/sound" && cp -a include base src signals logs import sync view serve cli bindings "$work/sound/"; }
    cp -al "$work/sound" "$work/twin"
    mkdir -p "$(dirname "$work/twin/$2")"
    rm -f "$work/twin/$2" # it may be a link to the sound one
    printf '%s\n' "$3" >"$work/twin/$2"
    ! holds "$1" "$work/twin" || { echo "$1 does not see: $3"; return 1; }
}

# ---- the rules on what was built ------------------------------------------------------------------------

# Names that the objects need from outside, as the source wrote them (fortified calls have their plain name
# back), without what sanitizers add.
calls() {
    nm -u "$1" 2>/dev/null | awk '$1 == "U" || $1 == "w" { print $2 }' | sed -E 's/@.*//; s/^__(.*)_chk$/\1/' |
        grep -vE '^(__(start_|stop_)?(asan|ubsan|tsan|lsan|sanitizer|sancov|odr_asan)|_ITM_|__gmon_start__|__cxa_finalize)' | sort -u
}

library_calls_libc_only() {
    [ -n "$(calls "$1")" ] || { echo "$1 calls nothing: it was not read"; return 1; }
    foreign=$(calls "$1" | grep -vE '^tq_' | grep -vxE "$(echo $libc_calls | tr ' ' '|')" || true)
    [ -z "$foreign" ] || { echo "src/ calls:" $foreign; return 1; }
}

# The ground floor asks for bytes alone; what grows a list is in a header, and allocates where it is included.
base_calls='memchr memcpy memcmp memmove memset bcmp strchr strlen __stack_chk_fail _GLOBAL_OFFSET_TABLE_'

base_calls_bytes_only() {
    [ -n "$(calls "$1")" ] || { echo "$1 calls nothing: it was not read"; return 1; }
    foreign=$(calls "$1" | grep -vE '^tq__' | grep -vxE "$(echo $base_calls | tr ' ' '|')" || true)
    [ -z "$foreign" ] || { echo "base/ calls:" $foreign; return 1; }
}

# What the library of signals asks of others: memory and bytes. No file, no clock, no locale, no printing, and nothing of
# libtokenquota.
signals_calls='free malloc calloc realloc memchr memcmp memcpy memmem memmove memset strchr strlen strcmp bcmp
    __assert_fail __stack_chk_fail _GLOBAL_OFFSET_TABLE_ __udivti3 __divti3'

signals_call_memory_and_bytes() {
    [ -n "$(calls "$1")" ] || { echo "$1 calls nothing: it was not read"; return 1; }
    foreign=$(calls "$1" | grep -vE '^(tq__|tq_(profile|signal|usage)_)' |
        grep -vxE "$(echo $signals_calls | tr ' ' '|')" || true)
    [ -z "$foreign" ] || { echo "signals/ calls:" $foreign; return 1; }
}

# What a daemon would link may not write to a screen, nor end the process.
prints='printf fprintf vprintf vfprintf dprintf puts fputs putchar putc fputc fwrite fflush perror stdout stderr exit
    _exit abort json_dumpf json_dumpfd json_dump_file'

prints_nothing() {
    [ -n "$(calls "$1")" ] || { echo "$1 calls nothing: it was not read"; return 1; }
    printing=$(calls "$1" | grep -xE "$(echo $prints | tr ' ' '|')" || true)
    [ -z "$printing" ] || { echo "$1 calls:" $printing; return 1; }
}

starts_no_thread() {
    [ -n "$(calls "$1")" ] || { echo "$1 calls nothing: it was not read"; return 1; }
    starting=$(calls "$1" | grep -xE 'pthread_create|thrd_create|fork|vfork|posix_spawnp?' || true)
    [ -z "$starting" ] || { echo "$1 calls:" $starting; return 1; }
}

calls_no_poison() {
    for file; do
        bad=$(calls "$file" | grep -xE "$(echo $poison | tr ' ' '|')" || true)
        [ -z "$bad" ] || { echo "$file calls:" $bad; return 1; }
    done
}

# RULE CODE: the rule finds the fault in an object made from CODE.
finds_call() {
    printf '#include <stdio.h>\n#include <string.h>\n#include <stdlib.h>\n%s\n' "$2" >"$work/twin.c"
    $CC -c -o "$work/twin.o" "$work/twin.c"
    ! "$1" "$work/twin.o" || { echo "$1 does not see: $2"; return 1; }
}

# What AddressSanitizer of clang 18 puts into each object, beside what older ones do.
sanitizers_are_no_calls() {
    echo 'extern char __start_asan_globals, __stop_asan_globals, __asan_init; void free(void *);
        void f(void) { free(&__asan_init); free(&__start_asan_globals); free(&__stop_asan_globals); }' >"$work/twin.c"
    $CC -c -o "$work/twin.o" "$work/twin.c"
    library_calls_libc_only "$work/twin.o"
}

check 'no include goes up a folder' holds relative_includes
check 'each room includes its own headers, public ones and those of the rooms below it' holds foreign_includes
check 'base/ and src/ include only what they need of libc' holds foreign_system_headers
check 'no two files of a room need each other' holds circles
check 'the first line of each file says what it is for' holds first_line_wrong
check 'libtokenquota calls libc only, and no printing, exit, thread or signal' library_calls_libc_only "$1"
check 'base/ calls for bytes only' base_calls_bytes_only "$5"
check 'libtokenquota-signals calls for memory and bytes only' signals_call_memory_and_bytes "$3"
check 'import/ prints nothing' prints_nothing "$6"
check 'view/ prints nothing' prints_nothing "$7"
check 'serve/ prints nothing' prints_nothing "$8"
check 'sync/ prints nothing' prints_nothing "$9"
check 'sync/ starts no thread' starts_no_thread "$9"
check 'nothing calls strcpy, strcat, sprintf and their kin' calls_no_poison "$@"

check 'what sanitizers add is no call' sanitizers_are_no_calls
check 'twin: a relative include is found' finds relative_includes cli/twin.c '#include "../src/table.h"'
check 'twin: a door that includes the core is found' finds foreign_includes cli/twin.c '#include "table.h"'
check 'twin: a core that includes a leaf is found' finds foreign_includes src/twin.c '#include "tokenquota_logs.h"'
check 'twin: a leaf that includes another is found' finds foreign_includes signals/twin.c '#include "logs/pieces.h"'
check 'twin: a leaf that includes the core is found' finds foreign_includes signals/twin.c '#include "table.h"'
check 'twin: a core that includes the other leaf is found' finds foreign_includes src/twin.c \
    '#include "tokenquota_signals.h"'
check 'twin: a core that includes signals is found' finds foreign_system_headers src/twin.c '#include <signal.h>'
check 'twin: a core that includes jansson is found' finds foreign_system_headers src/twin.c '#include <jansson.h>'
check 'twin: a ground floor that includes the core is found' finds foreign_includes base/twin.c '#include "src/table.h"'
check 'twin: a ground floor that includes a leaf is found' finds foreign_includes base/twin.c '#include "signals/reading.h"'
check 'twin: a ground floor that includes jansson is found' finds foreign_system_headers base/twin.c '#include <jansson.h>'
check 'twin: a leaf that includes the core by its folder is found' finds foreign_includes logs/twin.c '#include "src/table.h"'
check 'twin: a leaf that includes the other by its folder is found' finds foreign_includes logs/twin.c \
    '#include "signals/reading.h"'
check 'twin: a core that includes a leaf by its folder is found' finds foreign_includes src/twin.c '#include "signals/reading.h"'
check 'twin: a door that includes the core by its folder is found' finds foreign_includes cli/twin.c '#include "src/table.h"'
check 'twin: a daemon that includes the command is found' finds foreign_includes serve/twin.c '#include "cli/session.h"'
check 'twin: a package that includes the core is found' finds foreign_includes bindings/python/src/twin.c '#include "src/table.h"'
check 'twin: an exchange that includes the core is found' finds foreign_includes sync/twin.c '#include "src/table.h"'
check 'twin: an exchange that includes a view is found' finds foreign_includes sync/twin.c '#include "view/runs.h"'
check 'twin: an exchange that starts a thread is found' finds_call starts_no_thread \
    'int thrd_create(void *, void *, void *); int f(void) { return thrd_create(0, 0, 0); }'
check 'twin: a view that includes the daemon is found' finds foreign_includes view/twin.c '#include "serve/http.h"'
check 'twin: a header that includes the ground floor is found' finds foreign_includes include/twin.h '#include "base/text.h"'
check 'twin: a header without its room is found' finds foreign_includes src/twin.c '#include "number.h"'
check 'twin: a ground floor that allocates is found' finds_call base_calls_bytes_only 'void *f(void) { return malloc(1); }'
check 'twin: a circle is found' finds circles logs/entry.h '#include "reader.h"'
check 'twin: a file without its sentence is found' finds first_line_wrong src/twin.c 'int x;'
check 'twin: a core that prints is found' finds_call library_calls_libc_only 'void f(int x) { printf("%d", x); }'
check 'twin: a core that exits is found' finds_call library_calls_libc_only 'void f(void) { exit(1); }'
check 'twin: signals that read a clock are found' finds_call signals_call_memory_and_bytes \
    'long time(long *); long f(void) { return time(0); }'
check 'twin: signals that ask jansson are found' finds_call signals_call_memory_and_bytes \
    'void *json_loadb(int); void *f(void) { return json_loadb(0); }'
check 'twin: a room that prints is found' finds_call prints_nothing 'void f(int x) { printf("%d", x); }'
check 'twin: a room that writes a document to a file is found' finds_call prints_nothing \
    'int json_dumpf(const void *, FILE *, size_t); int f(FILE *file) { return json_dumpf("", file, 0); }'
check 'twin: a strcpy is found' finds_call calls_no_poison 'void f(char *a, const char *b) { strcpy(a, b); }'
finish
