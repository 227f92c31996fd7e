#!/bin/sh
# deb_check.sh: installs the packages in a chroot, counts, upgrades under a running daemon, removes, purges; then lintian.
# SPDX-License-Identifier: MIT
#
#     deb_check.sh FOLDER      (tools/deb.sh calls it in the chroot; FOLDER has the packages, debian/, examples/, tap.sh)
#
# There is no systemd in a chroot. So the daemon is started by hand with the lines of its unit, and a systemctl of our own
# writes down what the packages ask of it.
set -eu
[ -e /chroot-for-packages ] || { echo "deb_check.sh: this is no chroot of tools/deb.sh, and it purges packages" >&2; exit 2; }
cd "$1"
. ./tap.sh
version=$(dpkg-parsechangelog -l debian/changelog -S Version 2>/dev/null || sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
asked=/var/tmp/systemctl.log
daemon=''

# apt-get, in silence unless it fails.
apt() {
    apt-get -q -y --no-install-recommends "$@" >apt.log 2>&1 </dev/null || { tail -n 20 apt.log; return 1; }
}

install_packages() { # SUFFIX: the versions with it
    apt install $(ls "$PWD/packages$1"/*.deb | grep -v dbgsym)
}

prepare() {
    mkdir packages packages+up
    mv ./*.deb packages
    # The next version: the same files.
    for package in packages/*.deb; do
        case $package in *-dbgsym_*) continue ;; esac
        dpkg-deb -R "$package" next
        sed -i "s/^Version: .*/Version: $version+up/; s/(= $version)/(= $version+up)/" next/DEBIAN/control
        dpkg-deb -b next packages+up >/dev/null
        rm -rf next
    done
    apt update
    apt install lintian curl
}

# Says yes to everything, as a systemd would in which nothing is enabled.
false_systemd() {
    mkdir -p /run/systemd/system
    dpkg-divert --local --rename --add /usr/bin/systemctl
    printf '#!/bin/sh\necho "$*" >>%s\ncase $* in *is-enabled*) exit 1 ;; esac\n' $asked >/usr/bin/systemctl
    chmod +x /usr/bin/systemctl
}

real_systemd() {
    rm -rf /run/systemd/system /usr/bin/systemctl
    dpkg-divert --local --rename --remove /usr/bin/systemctl
}

# What the packages asked systemd to do with units of this package.
asked_for() { # VERB
    grep -E "(^| )$1 .*tokenquota" $asked
}

installs() {
    install_packages ''
    same "tokenquota ${version%-*}" "$(tokenquota --version)"
    getent passwd tokenquota
    getent group tokenquota
}

starts_and_enables_nothing() {
    same '' "$(find /etc/systemd -name '*tokenquota*')"
    same '' "$(ls -d /var/lib/tokenquota /run/tokenquota 2>/dev/null)"
}

files_are_where_debian_looks() {
    for file in bash-completion/completions/tokenquota zsh/vendor-completions/_tokenquota \
        fish/vendor_completions.d/tokenquota.fish man/man1/tokenquota.1.gz doc/tokenquota/README.Debian; do
        [ -e /usr/share/$file ] || grep -q 'path-exclude' /etc/dpkg/dpkg.cfg.d/* || { echo "no /usr/share/$file"; return 1; }
    done
    [ -e /usr/lib/systemd/system/tokenquota.socket ]
}

# Its names are in the command; each must be what some package has brought.
loaded_libraries_are_there() {
    for library in libmicrohttpd.so.12 libinih.so.1 libsqlite3.so.0 libhiredis.so.; do # each suite has another hiredis
        grep -aq "$library" /usr/bin/tokenquota
        ldconfig -p | grep -q "$library"
    done
    printf '[serve]\nthreads = 1\n' >/var/tmp/serve.ini
    tokenquota serve --config /var/tmp/serve.ini --ledger /var/tmp/none --check
    rm /var/tmp/serve.ini
    tokenquota sync --to redis://127.0.0.1:1 --ledger /var/tmp/none --dry-run 2>&1 | grep 'cannot reach'
    rm -f /var/tmp/none
}

# A test of debian/tests as a user without rights.
autopkgtest() { # NAME
    needs=$(awk -v name="$1" '$1 == "Tests:" { on = $2 == name } on && sub(/^Depends: /, "")' debian/tests/control | tr -d ,)
    apt install $needs
    setpriv --reuid nobody --regid nogroup --clear-groups env HOME=/nonexistent "debian/tests/$1"
}

# The value of a key in the daemon's unit, without systemd's prefix.
unit_line() { # KEY
    sed -n "s/^$1=[+]*//p" /usr/lib/systemd/system/tokenquota.service
}

over_http() { # PATH [OPTION]...
    path=$1
    shift
    curl --silent --show-error --fail --unix-socket /run/tokenquota/http "http://localhost$path" "$@"
}

# Not in $( ): the shell that started it waits for it.
start_daemon() {
    rm -f /run/tokenquota/http
    setpriv --reuid tokenquota --regid tokenquota --clear-groups $(unit_line ExecStart) --unix /run/tokenquota/http \
        >/var/tmp/daemon.log 2>&1 &
    daemon=$!
    for _ in $(seq 100); do
        [ ! -S /run/tokenquota/http ] || return 0
        sleep 0.1
    done
}

counted() { # TOKENS
    over_http /v1/status | grep -E "\"used\": ?$1[,}]"
    tokenquota status openai --json --ledger /var/lib/tokenquota/ledger | grep "\"used\": $1,"
}

unit_makes_the_ledger() {
    eval "$(unit_line ExecStartPre)"
    same 'root tokenquota 2770' "$(stat -c '%U %G %a' /var/lib/tokenquota)"
    same 'root tokenquota 660' "$(stat -c '%U %G %a' /var/lib/tokenquota/ledger)"
    install -d -o tokenquota -g tokenquota /run/tokenquota
}

daemon_counts() {
    over_http /v1/observe -d '{"provider":"openai","tokens":1000}'
    counted 1000
}

upgrades() {
    install_packages +up
    same "$version+up" "$(dpkg-query -Wf '${Version}' tokenquota)"
}

upgrade_restarts_what_runs() {
    for unit in tokenquota.service tokenquota-watch.service tokenquota-sync.service 'tokenquota-import@'; do
        asked_for try-restart | grep -q "$unit" || { echo "no try-restart of $unit"; cat $asked; return 1; }
    done
    ! asked_for '(start|restart|enable|stop)' && ! grep socket $asked
}

daemon_counts_on() {
    kill -0 "$daemon"
    over_http /v1/observe -d '{"provider":"openai","tokens":200}'
    tokenquota observe openai 30 --ledger /var/lib/tokenquota/ledger
    counted 1230
}

new_daemon_has_the_sum() {
    over_http /v1/observe -d '{"provider":"openai","tokens":4}'
    counted 1234
    tokenquota ledger check --ledger /var/lib/tokenquota/ledger
}

own_ledger() { # a user's, which no package may touch
    HOME=/var/tmp/home tokenquota observe openai 5 --ledger /var/tmp/home/ledger
}

remove_keeps_the_ledger() {
    mkdir -p /var/tmp/home
    own_ledger
    apt remove tokenquota
    [ ! -e /usr/bin/tokenquota ]
    [ -s /var/lib/tokenquota/ledger ]
    for unit in tokenquota.socket tokenquota.service tokenquota-watch.service tokenquota-sync.service 'tokenquota-import@'; do
        asked_for stop | grep -q "$unit" || { echo "no stop of $unit"; cat $asked; return 1; }
    done
}

install_again_finds_the_sum() {
    install_packages +up
    tokenquota status openai --json --ledger /var/lib/tokenquota/ledger | grep '"used": 1234,'
}

purge_deletes_the_ledger() {
    apt purge $(dpkg-query -Wf '${Package}\n' | grep tokenquota)
    [ ! -e /var/lib/tokenquota ]
    [ -s /var/tmp/home/ledger ]
}

purge_leaves_nothing() {
    same '' "$(find / -xdev \( -path /work -o -path /var/cache -o -path /var/log \) -prune -o -name '*tokenquota*' -print)"
}

# Tags that say nothing here: they are about an upload to Debian's own archive, about an address of the project, which has
# none, about the age of lintian itself, and about debian/ in the release's tarball, which has what a clone has.
not_here='initial-upload-closes-no-bugs|debian-watch-file-is-missing|no-homepage-field|newer-standards-version|
    out-of-date-standards-version|unknown-field|no-debian-changes|package-supports-alternative-init-but-no-init.d-script'

# Experimental tags (X) count the letters of lines, also in a fuzzer's corpus.
lintian_is_silent() {
    mv packages/*.deb .
    lintian -EviIL +pedantic --allow-root ./*.changes >lintian.txt 2>&1 || [ $? -eq 1 ] || { tail -n 5 lintian.txt; return 1; }
    [ -s lintian.txt ]
    same '' "$(grep -E '^[EWIP]: ' lintian.txt | grep -vE ": ($(echo $not_here | tr -d ' '))\b" | sort -u)"
}

set +e
said=$(prepare 2>&1) || { printf '%s\n' "$said" | tail -n 20; exit 1; }
set -e
check 'the packages install, and make the user' installs
check 'nothing is started, enabled or counted' starts_and_enables_nothing
check 'files are where Debian looks for them' files_are_where_debian_looks
check 'what the command loads is installed with it' loaded_libraries_are_there
for test in $(sed -n 's/^Tests: //p' debian/tests/control | grep -v units); do
    check "autopkgtest: $test" autopkgtest "$test"
done
check 'the unit makes the machine'\''s ledger for the group' unit_makes_the_ledger
start_daemon
check 'the daemon starts by its unit'\''s line, and counts' daemon_counts
false_systemd >/dev/null
check 'an upgrade under the running daemon' upgrades
check 'it asks systemd to restart the daemon if it runs, and leaves its socket' upgrade_restarts_what_runs
check 'the old daemon counts on, beside the new command' daemon_counts_on
kill "$daemon" && wait "$daemon" || true
start_daemon
check 'the new daemon has the exact sum' new_daemon_has_the_sum
kill "$daemon" && wait "$daemon" || true
rm -rf /run/tokenquota
check 'remove keeps the ledger, and stops what runs' remove_keeps_the_ledger
check 'installed again, it goes on with the sum' install_again_finds_the_sum
check 'purge deletes the machine'\''s ledger, and no other' purge_deletes_the_ledger
real_systemd >/dev/null
check 'purge leaves no file' purge_leaves_nothing
check 'lintian has nothing to say' lintian_is_silent
finish
