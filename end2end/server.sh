# A server of its own for the tests, filled with the extensions of this machine's PostgreSQL. Sourced, after scripts/lib.sh,
# with the working directory at the root; not run.
#
# The program is $PGINSTALL_BIN, by default the one that `make build` makes. Whoever sources this begins with `need_server`,
# stops by the traps set there, and adds what else has to end to $others.

# need_server PREFIX looks for what a server needs, and makes $directory for everything that it keeps.
need_server() {
    program=${PGINSTALL_BIN:-${CARGO_TARGET_DIR:-$cache/target}/debug/pginstall}
    [ -x "$program" ] || fail "$program is missing: run make build."
    [ -n "${CHROMIUM:-}" ] || need_debian chromium:/usr/bin/chromium
    CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
    export CHROMIUM
    PATH=$(scripts/node-path)
    export PATH
    server=
    port=
    others=
    postgres=
    directory=$(mktemp -d "${TMPDIR:-/tmp}/$1.XXXXXX")
    # The private PostgreSQL may belong to another user, who must get through.
    chmod 711 "$directory"
    trap stop_server EXIT
    trap 'exit 130' INT TERM HUP
    # Nothing but what is said here: no configuration file and no database of somebody else.
    unset DATABASE_URL
    export PGINSTALL_CONFIG="$directory/pginstall.toml"
    export PGINSTALL_DATA_DIR="$directory/data"
}

stop_server() {
    for process in $others $server; do
        kill -TERM "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    [ -z "$postgres" ] || stop_postgres
    rm -rf "$directory"
}

# import_local takes what the PostgreSQL of this machine has.
import_local() {
    "$program" import local >"$directory/import.log" 2>&1 || {
        cat "$directory/import.log" >&2
        say "Some extensions could not be imported; going on with the others."
    }
}

# add_odd_packages adds those of odd-packages.sql, with one file for all of them, which lies in the store as others do.
add_odd_packages() {
    mkdir "$directory/odd"
    echo "This is in the place of a library." >"$directory/odd/odd.txt"
    tar -czf "$directory/odd.tar.gz" -C "$directory/odd" odd.txt
    digest=$(sha256sum "$directory/odd.tar.gz" | cut -d ' ' -f 1)
    place=$PGINSTALL_DATA_DIR/objects/$(printf %s "$digest" | cut -c 1-2)/$(printf %s "$digest" | cut -c 3-4)
    mkdir -p "$place"
    cp "$directory/odd.tar.gz" "$place/$digest"

    # The private PostgreSQL ended with the import: it is started for this, as its user, at a socket of its own.
    data=$PGINSTALL_DATA_DIR/postgres
    bindir=$(postgres_bindir)
    as_owner=
    if [ "$(id -u)" -eq 0 ]; then
        as_owner="setpriv --reuid=$(stat -c %u "$data") --regid=$(stat -c %g "$data") --clear-groups"
        chown "$(stat -c %u:%g "$data")" "$directory/odd"
    fi
    postgres=$data
    $as_owner "$bindir/pg_ctl" --pgdata="$data" --wait --silent --log="$directory/odd/postgres.log" \
        --options="-c listen_addresses='' -k $directory/odd" start </dev/null >/dev/null ||
        { cat "$directory/odd/postgres.log" >&2; fail "The private PostgreSQL did not start."; }
    PGPASSWORD=$(cat "$PGINSTALL_DATA_DIR/postgres.password") "$bindir/psql" --no-psqlrc --quiet --host="$directory/odd" \
        --username=pginstall --dbname=pginstall --set=sha256="$digest" \
        --set=size_bytes="$(stat -c %s "$directory/odd.tar.gz")" --file=end2end/odd-packages.sql >&2 ||
        fail "The odd packages could not be added."
    stop_postgres
}

stop_postgres() {
    $as_owner "$bindir/pg_ctl" --pgdata="$postgres" --wait --silent --mode=fast stop </dev/null >/dev/null 2>&1 || true
    postgres=
}

# choose_port puts a free port into $port, and the address that the server will have there into $BASE_URL.
choose_port() {
    port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
    export BASE_URL="http://localhost:$port"
}

# start_server starts it at the port that was chosen, by default a free one, and waits until it is ready: its address is in
# $BASE_URL.
start_server() {
    [ -n "$port" ] || choose_port
    "$program" serve --listen "127.0.0.1:$port" --public-url "$BASE_URL" --site-root "${PGINSTALL_SITE_ROOT:-target/site}" \
        >"$directory/server.log" 2>&1 &
    server=$!
    # Everything that was imported is in the index, too.
    deadline=$(($(date +%s) + 60))
    until node -e '
        (async () => {
            if (!(await fetch(`${process.argv[1]}/readyz`)).ok) process.exit(1);
            const { understood, total } = await (await fetch(`${process.argv[1]}/api/v1/search`)).json();
            process.exit(understood === "everything" && total > 0 ? 0 : 1);
        })().catch(() => process.exit(1));
    ' "http://127.0.0.1:$port"; do
        if ! kill -0 "$server" 2>/dev/null || [ "$(date +%s)" -ge "$deadline" ]; then
            cat "$directory/server.log" >&2
            fail "The server did not become ready."
        fi
        sleep 0.2
    done
}

# complaints_of_server prints what the server had to say meanwhile.
complaints_of_server() {
    if grep -E '(WARN|ERROR|panicked)' "$directory/server.log" >&2; then
        say "The server said this meanwhile."
    fi
}
