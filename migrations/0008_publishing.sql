-- Accounts of people. What else they have comes with their pages.
create table accounts (
    principal_id bigint primary key references principals,
    email text not null check (octet_length(email) <= 254 and email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'),
    created_at timestamptz not null
);

create unique index accounts_email_key on accounts (lower(email));

-- What programs show instead of a password. The token itself is seen once, by whoever asked for it.
create table tokens (
    token_id bigint generated always as identity primary key,
    principal_id bigint not null references principals,
    name text not null check (name <> '' and octet_length(name) <= 200),
    -- SHA-256 of the whole token.
    hash bytea not null unique check (octet_length(hash) = 32),
    actions text[] not null check (
        cardinality(actions) > 0
        and actions <@ array['publish-new', 'publish-update', 'yank', 'owners', 'admin']
    ),
    -- Names of packages, or the beginnings of names with '*' behind them.
    patterns text[] not null check (cardinality(patterns) > 0),
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    check (expires_at > created_at)
);

create index tokens_principal on tokens (principal_id);

-- Answers to requests that their senders named, so that they get the same again; for a day.
create table idempotency_keys (
    principal_id bigint not null references principals,
    key text not null check (octet_length(key) between 1 and 255),
    -- A digest of what was asked.
    request bytea not null check (octet_length(request) = 32),
    status smallint not null,
    body text not null,
    created_at timestamptz not null,
    primary key (principal_id, key)
);

create index idempotency_keys_created on idempotency_keys (created_at);

-- Names that nobody takes by publishing.
create table reserved_names (
    name_folded text primary key check (fold_name(name_folded) = name_folded),
    reason text not null
);

insert into reserved_names (name_folded, reason)
values
    ('all', 'it means every package'),
    ('any', 'it means every platform'),
    ('contrib', 'it is the name of PostgreSQL''s own extensions'),
    ('core', 'it is the name of PostgreSQL''s own code'),
    ('detail', 'it is part of an address'),
    ('details', 'it is part of an address'),
    ('latest', 'it means the current release'),
    ('libraries', 'it is part of an address'),
    ('libpq', 'it is a part of PostgreSQL'),
    ('new', 'it means a package that is not there yet'),
    ('pg_catalog', 'it is a part of PostgreSQL'),
    ('pginstall', 'it is the name of this registry'),
    ('pgxn', 'it is the name of another registry'),
    ('postgres', 'it is the name of PostgreSQL'),
    ('postgresql', 'it is the name of PostgreSQL'),
    ('trunk', 'it is the name of another registry');

-- Other digests of the same bytes, for clients that ask for them; unknown for what arrived before they were computed.
alter table objects
    add column sha512 bytea check (octet_length(sha512) = 64),
    add column sha1 bytea check (octet_length(sha1) = 20);

alter table releases
    -- Packages of operating systems, by package manager.
    add column system_dependencies jsonb check (jsonb_typeof(system_dependencies) = 'object'),
    -- Extensions that must be installed first although no control file requires them.
    add column depends_on text[] not null default '{}';

-- Settings of postgresql.conf that a release needs or recommends, frozen by its first upload.
create table release_settings (
    release_id bigint not null references releases,
    name text not null check (name <> ''),
    position smallint not null,
    is_required boolean not null,
    recommended_value text,
    primary key (release_id, name)
);

create trigger release_settings_keep before update or delete on release_settings
    for each row execute function refuse_change();

-- The README of a release, as it came with its first upload.
create table readmes (
    release_id bigint primary key references releases,
    path text not null,
    text text not null
);

create trigger readmes_keep before update or delete on readmes
    for each row execute function refuse_change();

-- The whole control file, where it was kept.
alter table extensions
    add column control_file text;

-- Lower ones are loaded first.
alter table modules
    add column preload_priority bigint;

-- What the library imports tells what it may do; found in its symbols, never by running it.
alter table artifact_libraries
    add column postgres_major smallint,
    add column capabilities text[] not null default '{}';

-- An archive of the same files as a release's, with another manifest: for clients that want one for their own architecture
-- and major where nothing is compiled.
create table artifact_variants (
    artifact_id bigint not null references artifacts,
    postgres_major smallint not null references postgres_majors,
    arch text not null check (arch in ('x86_64', 'aarch64')),
    file_name text not null check (file_name ~ '^[A-Za-z0-9._-]+$'),
    sha256 bytea not null,
    object_state text default 'stored' check (object_state = 'stored'),
    primary key (artifact_id, postgres_major, arch),
    foreign key (sha256, object_state) references objects (sha256, state)
);

create index artifact_variants_object on artifact_variants (sha256);

-- Only the bytes of what was deleted may go; that they were there stays.
create function keep_file() returns trigger
    language plpgsql as $$
begin
    if tg_op = 'DELETE'
        or to_jsonb(new) - 'object_state' <> to_jsonb(old) - 'object_state'
        or new.object_state is not null
    then
        raise exception 'rows of % are never changed or removed', tg_table_name
            using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;

create trigger artifact_variants_keep before update or delete on artifact_variants
    for each row execute function keep_file();

alter table artifacts
    alter column object_state drop not null;

drop trigger artifacts_keep on artifacts;

create trigger artifacts_keep before update or delete on artifacts
    for each row execute function keep_file();

-- Uploads by somebody known that were refused: their maintainers' tools may not have said so. Not a change of public state,
-- so not in the log; the newest of each package are kept.
create table refusals (
    refusal_id bigint generated always as identity primary key,
    package_id bigint not null references packages,
    principal_id bigint not null references principals,
    version text not null,
    code text not null,
    reason text not null,
    happened_at timestamptz not null
);

create index refusals_package on refusals (package_id, refusal_id desc);

insert into event_kinds (kind, is_public, sentence)
values
    ('package.updated', true, 'The description or links of a package changed'),
    ('release.yanked', true, 'A release was yanked'),
    ('release.unyanked', true, 'A yanked release was taken back'),
    ('release.deleted', true, 'A release was deleted');

-- The rights of a principal on a package: its own and those of the organisations it belongs to.
create view package_rights as
select o.package_id, o.principal_id, o.role
from package_owners as o
union
select o.package_id, m.member_id, o.role
from package_owners as o
join organisation_members as m on m.organisation_id = o.principal_id;
