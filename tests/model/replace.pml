/* replace.pml: creators, recorders that come and go, and compact, on one path: no count is lost.
 *
 * SPDX-License-Identifier: MIT
 *
 * Files are numbers; the path leads to one of them, or to none. Who attaches opens what the path leads to,
 * takes the shared lock, and compares: is it still what the path leads to? If not, again. Compact does the
 * same with the exclusive lock, copies the counts into a new file, renames it over the path, and lets go.
 * Everybody may die before any step: the system drops its lock. Nobody waits for ever: a lock's holder ends
 * or dies. Checked at the end: the file at the path holds every acknowledged record, and at most one more for
 * each that died.
 *
 * With -DTWIN_RENAME a creator renames its file over the path instead of linking it; with -DTWIN_NO_INODE
 * nobody compares after locking. Both must fail.
 */
#ifndef RECORDERS
#define RECORDERS 2
#endif

#define NONE 0
#define FILES 6 /* each recorder may make one, compact one */

byte path = NONE;
byte files;             /* made so far: 1 .. files */
byte count[FILES];
byte shared[FILES];     /* holders of the shared lock */
bool exclusive[FILES];
byte acknowledged, dead, ended;

/* Opens what the path leads to and locks it; file is NONE when the process died. */
inline attach_shared(file)
{
    do
    :: path == NONE ->
        /* create: complete under another name, then put in place */
        atomic { files++; file = files };
        if
#ifdef TWIN_RENAME
        :: path = file
#else
        :: atomic { path == NONE -> path = file }
        :: atomic { path != NONE -> skip } /* link: EEXIST, the own one is thrown away */
#endif
        :: true -> file = NONE; break
        fi
    :: path != NONE ->
        file = path;
        if
        :: atomic { !exclusive[file] -> shared[file]++ }
        :: true -> file = NONE; break
        fi;
#ifndef TWIN_NO_INODE
        if
        :: path != file -> shared[file]--; file = NONE
        :: else -> break
        fi
#else
        break
#endif
    od
}

proctype recorder()
{
    byte file;

    attach_shared(file);
    if
    :: file == NONE -> goto gone
    :: else
    fi;
    if
    :: atomic { count[file]++; acknowledged++ }
    :: atomic { count[file]++; dead++; shared[file]--; goto gone } /* killed after the step */
    :: atomic { dead++; shared[file]--; goto gone }                /* before it */
    fi;
    shared[file]--;
gone:
    ended++
}

proctype compactor()
{
    byte file, new;

    if
    :: path == NONE -> goto gone
    :: path != NONE -> file = path
    fi;
    if
    :: atomic { !exclusive[file] && shared[file] == 0 -> exclusive[file] = true }
    :: true -> goto gone /* busy, or killed */
    fi;
#ifndef TWIN_NO_INODE
    if
    :: path != file -> exclusive[file] = false; goto gone
    :: else
    fi;
#endif
    atomic { files++; new = files };
    count[new] = count[file];
    if
    :: path = new
    :: true /* killed before the rename: the old one is there, untouched */
    fi;
    exclusive[file] = false;
gone:
    ended++
}

init {
    byte n;

    atomic {
        for (n : 1 .. RECORDERS) {
            run recorder()
        };
        run compactor()
#ifdef TWO_COMPACTORS
        ; run compactor()
#endif
    };
#ifdef TWO_COMPACTORS
    ended == RECORDERS + 2;
#else
    ended == RECORDERS + 1;
#endif
    assert(path != NONE || acknowledged == 0);
    assert(path == NONE || count[path] >= acknowledged);
    assert(path == NONE || count[path] <= acknowledged + dead)
}
