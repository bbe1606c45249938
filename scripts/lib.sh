# What the other scripts share. Sourced, not run.

cache=${PGINSTALL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pginstall}

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "$*"
    exit 1
}

# need_debian PACKAGE:FILE … installs the packages whose file is not there: as root by itself, else with one message.
# A package without a file is asked of dpkg.
need_debian() {
    missing=
    for pair in "$@"; do
        package=${pair%%:*}
        file=${pair#*:}
        if [ -n "$file" ]; then
            [ -e "$file" ] || missing="$missing $package"
        else
            dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
        fi
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || fail "These programs are missing:$missing. Install them with your system's package manager and try again."
    if [ "$(id -u)" -ne 0 ]; then
        fail "Some packages are missing. Install them and try again:
    sudo apt-get install --no-install-recommends$missing"
    fi
    say "installing$missing"
    log=$(mktemp)
    # shellcheck disable=SC2086
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        fail "The packages could not be installed:$missing"
    fi
    rm -f "$log"
}

# postgres_bindir prints where PostgreSQL's programs are: the newest version that is installed.
postgres_bindir() {
    for directory in ${PG_BINDIR:-} $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -rV); do
        if [ -x "$directory/initdb" ]; then
            printf '%s\n' "$directory"
            return 0
        fi
    done
    fail "No PostgreSQL server was found. Install one (Debian: apt-get install postgresql) or set PG_BINDIR."
}

# step NAME COMMAND … runs a command and says how long it took.
step() {
    name=$1
    shift
    step_started=$(date +%s)
    "$@" || fail "failed: $name"
    say "$name: $(($(date +%s) - step_started)) s"
}
