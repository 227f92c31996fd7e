# env.sh: how Go builds in the tests: no network, a cache in the folder $build, and the C sources as they are; sourced, not run.
# SPDX-License-Identifier: MIT
#
# It needs $build and $module (bindings/go), absolute, and a folder $work for two small files. With an empty $go_flags the
# C sources are compiled as a release compiles them, which takes five times as long.
"$module/tests/sources.sh" >"$work/sources.h"
printf '{"Replace": {"%s": "%s"}}\n' "$module/internal/core/sources.h" "$work/sources.h" >"$work/overlay.json"
export GOCACHE="$build/go-cache" GOPROXY=off GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=1
export GOFLAGS="-mod=mod ${go_flags--tags=tokenquota_O0} -overlay=$work/overlay.json"
export HOME="$work" # go wants a home, and has nothing of the user's to read
