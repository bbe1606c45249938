-- Bytes in the store. 'arriving' until they lie under their final key, 'removing' while they are taken away.
-- Nobody but the holder of the lease may touch what is not 'stored'.
create table objects (
    sha256 bytea primary key check (octet_length(sha256) = 32),
    size_bytes bigint not null check (size_bytes >= 0),
    state text not null check (state in ('arriving', 'stored', 'removing')),
    lease_until timestamptz,
    created_at timestamptz not null,
    unique (sha256, state),
    check (state = 'stored' or lease_until is not null)
);

create table artifacts (
    artifact_id bigint generated always as identity primary key,
    release_id bigint not null references releases,
    kind text not null check (kind in ('source', 'binary')),
    -- Null means any.
    postgres_major smallint references postgres_majors,
    os text,
    os_version text,
    arch text check (arch in ('x86_64', 'aarch64', 'x86', 'arm', 'ppc64le', 'riscv64', 's390x', 'loongarch64')),
    libc text check (libc in ('gnu', 'musl')),
    build integer not null check (build >= 1),
    origin text not null check (origin in ('upload', 'import', 'farm')),
    file_name text not null check (file_name ~ '^[A-Za-z0-9._-]+$'),
    sha256 bytea not null,
    -- Always 'stored', so that an object can neither be missing nor be taken away while a file refers to it.
    object_state text not null default 'stored' check (object_state = 'stored'),
    -- The full version of the PostgreSQL it was built against or taken from, where known.
    postgres_version text,
    -- The package of the operating system it was taken from, where known.
    distribution_package text,
    distribution_version text,
    published_by bigint not null references principals,
    published_at timestamptz not null,
    constraint artifacts_key unique nulls not distinct
        (release_id, kind, postgres_major, os, os_version, arch, libc, build),
    foreign key (sha256, object_state) references objects (sha256, state),
    check (num_nulls(os, arch, libc) in (0, 3)),
    check (os_version is null or os is not null),
    check (build = 1 or origin in ('import', 'farm')),
    check (kind = 'binary' or num_nonnulls(postgres_major, os, os_version, arch, libc) = 0)
);

create index artifacts_object on artifacts (sha256);

create trigger artifacts_keep before update or delete on artifacts
    for each row execute function refuse_change();

-- What lies in an archive.
create table artifact_files (
    artifact_id bigint not null references artifacts,
    path text not null,
    kind text not null check (kind in (
        'control-file', 'sql-file', 'shared-object', 'bitcode', 'extra', 'license-file'
    )),
    size_bytes bigint not null check (size_bytes >= 0),
    sha256 bytea not null check (octet_length(sha256) = 32),
    primary key (artifact_id, path)
);

-- What the libraries in an archive need, read from the libraries themselves.
create table artifact_libraries (
    artifact_id bigint not null,
    path text not null,
    arch text not null,
    libc text,
    glibc_version text,
    needed text[] not null,
    primary key (artifact_id, path),
    foreign key (artifact_id, path) references artifact_files
);

create trigger artifact_files_keep before update or delete on artifact_files
    for each row execute function refuse_change();

create trigger artifact_libraries_keep before update or delete on artifact_libraries
    for each row execute function refuse_change();

-- Completed downloads of a file on one day (UTC); release, major and platform are those of the file.
create table downloads (
    day date not null,
    artifact_id bigint not null references artifacts,
    count bigint not null check (count > 0),
    primary key (day, artifact_id)
);

create index downloads_artifact on downloads (artifact_id);
