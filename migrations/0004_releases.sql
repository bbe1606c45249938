-- Only these columns of a release may change once it is there.
create function keep_release() returns trigger
    language plpgsql as $$
begin
    if tg_op = 'DELETE'
        or (to_jsonb(new) - array['state', 'state_reason', 'state_changed_at'])
        <> (to_jsonb(old) - array['state', 'state_reason', 'state_changed_at'])
        or old.state = 'deleted' and new.state <> 'deleted'
    then
        raise exception 'a release is never replaced and its version never used again'
            using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;

create table releases (
    release_id bigint generated always as identity primary key,
    package_id bigint not null references packages,
    version text not null,
    -- The version as text whose byte order is SemVer precedence.
    version_key text collate "C" not null,
    is_prerelease boolean not null,
    state text not null check (state in ('active', 'yanked', 'quarantined', 'deleted')),
    state_reason text,
    state_changed_at timestamptz,
    licence text,
    published_by bigint not null references principals,
    published_at timestamptz not null,
    constraint releases_version_key unique (package_id, version),
    check (state = 'active' or state_changed_at is not null)
);

create index releases_newest on releases (package_id, is_prerelease, version_key desc);
create index releases_published on releases (published_at desc);

create trigger releases_keep before update or delete on releases
    for each row execute function keep_release();

-- What CREATE EXTENSION finds in a release, frozen by its first upload.
create table extensions (
    extension_id bigint generated always as identity primary key,
    release_id bigint not null references releases,
    name text not null check (name <> ''),
    name_folded text not null generated always as (fold_name(name)) stored,
    version text check (version <> ''),
    comment text,
    requires text[] not null,
    is_trusted boolean not null,
    needs_superuser boolean not null,
    is_relocatable boolean not null,
    schema text,
    unique (release_id, name_folded)
);

create index extensions_name on extensions (name_folded);
create index extensions_requires on extensions using gin (requires);

-- The loadable libraries of a release and how they come into a server, frozen by its first upload.
create table modules (
    module_id bigint generated always as identity primary key,
    release_id bigint not null references releases,
    library text not null check (library <> ''),
    load_kind text not null check (load_kind in (
        'on-demand', 'session-preload', 'shared-preload-optional', 'shared-preload-required',
        'output-plugin', 'archive-module', 'unknown'
    )),
    load_source text not null check (load_source in ('declared', 'inferred', 'tested')),
    -- What is lost where optional preloading is left out.
    without_preload text,
    restart_on_install boolean,
    restart_on_upgrade boolean,
    -- Settings or statements that put the library to use, one a line.
    usage text[] not null,
    unique (release_id, library)
);

create trigger extensions_keep before update or delete on extensions
    for each row execute function refuse_change();

create trigger modules_keep before update or delete on modules
    for each row execute function refuse_change();
