#!/bin/sh
# test_setup.sh: the set-up step is silent where nothing is missing, and elsewhere names it and installs nothing.
# SPDX-License-Identifier: MIT
set -eu
. tests/tap.sh

silent_when_complete() {
    same '' "$(tools/setup.sh check)"
    same '' "$(tools/setup.sh run)"
}

# A folder of commands that has neither a compiler nor apt-get.
bare_path() {
    mkdir -p "$work/bin"
    for tool in grep id mktemp uname; do
        ln -sf "$(command -v $tool)" "$work/bin/$tool"
    done
}

names_what_is_missing() {
    bare_path
    status=0
    said=$(PATH=$work/bin /bin/sh tools/setup.sh check 2>&1) || status=$?
    same 1 $status
    for package in gcc meson ninja-build zlib1g-dev libzstd-dev libjansson-dev clang libcmocka-dev; do
        echo "$said" | grep -q "packages:.* $package\b" || { echo "$package not named in: $said"; return 1; }
    done
}

# With apt-get there, what is missing goes to it in one call, and nothing else does.
installs_only_what_is_missing() {
    grep -Eq '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release || return 0
    false_apt 0
    status=0
    PATH=$work/bin /bin/sh tools/setup.sh run || status=$?
    same 1 $status # the false apt-get installed nothing, and setup.sh noticed
    same '-q update -q -y --no-install-recommends install libzstd-dev' "$(tr '\n' ' ' <"$work/apt.log" | sed 's/ $//')"
}

# A user who can become nobody else gets the line to paste, and it asks for what is missing.
tells_a_user_the_line() {
    grep -Eq '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release || return 0
    false_apt 1000
    status=0
    said=$(PATH=$work/bin /bin/sh tools/setup.sh run 2>&1) || status=$?
    same 1 $status
    printf '%s\n' "$said" | grep -F 'neither root nor sudo'
    line=$(printf '%s\n' "$said" | sed -n 's/^  su -c/su -c/p')
    same "su -c 'apt-get update && apt-get install -y --no-install-recommends libzstd-dev'" "$line"
    # With a su that runs what it is given, the pasted line reaches apt-get.
    rm -f "$work/apt.log"
    (PATH=$work/bin; su() { eval "$2"; }; eval "$line")
    same 'update install -y --no-install-recommends libzstd-dev' "$(tr '\n' ' ' <"$work/apt.log" | sed 's/ $//')"
}

# The path of a user with this number who lacks zstd, with an apt-get that writes down what it is asked.
false_apt() { # UID
    rm -rf "$work/bin" "$work/apt.log"
    bare_path
    for tool in cc meson ninja pkg-config rm tail env; do
        ln -sf "$(command -v $tool)" "$work/bin/$tool"
    done
    printf '#!/bin/sh\necho "$*" >>%s/apt.log\n' "$work" >"$work/bin/apt-get"
    printf '#!/bin/sh\necho %s\n' "$1" >"$work/id" && rm "$work/bin/id" && mv "$work/id" "$work/bin/id"
    printf '#!/bin/sh\n[ "$2" != libzstd ]\n' >"$work/pkg" && rm "$work/bin/pkg-config" && mv "$work/pkg" "$work/bin/pkg-config"
    chmod +x "$work/bin/apt-get" "$work/bin/id" "$work/bin/pkg-config"
}

refuses_other_words() {
    status=0
    tools/setup.sh everything || status=$?
    same 2 $status
}

check 'silent when nothing is missing' silent_when_complete
check 'without apt-get it names what is missing and fails' names_what_is_missing
check 'with apt-get it asks for what is missing only' installs_only_what_is_missing
check 'without root it prints the line that installs what is missing' tells_a_user_the_line
check 'an unknown set is an error' refuses_other_words
finish
