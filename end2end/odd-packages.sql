-- Packages that are odd but allowed, so that every page is seen with them:
--
--     psql -v sha256=… -v size_bytes=… -f end2end/odd-packages.sql "$DATABASE_URL"
--
-- All files are the one object with this digest and size, which lies in the store already. `listings` and the search index are
-- left to the program: they follow the events.

\set ON_ERROR_STOP on

begin;

set local client_min_messages = warning;

-- Helpers ----------------------------------------------------------------------------------------------------------------------

create temporary table shared_object on commit drop as
select decode(:'sha256', 'hex') as sha256, :'size_bytes'::bigint as size_bytes;

insert into objects (sha256, size_bytes, state, created_at)
select o.sha256, o.size_bytes, 'stored', now()
from shared_object as o;

create function pg_temp.system() returns bigint
    language sql stable
    return (select p.principal_id from principals as p where p.kind = 'system');

-- As `Version::sort_key` writes it.
create function pg_temp.version_key(version text) returns text
    language sql immutable strict
    return (
        select string_agg(to_char(length(number), 'FM00') || number, '.' order by place)
        from string_to_table(split_part(version, '-', 1), '.') with ordinality as core (number, place)
    ) || case
        when strpos(version, '-') = 0 then '~'
        else (
            select string_agg(
                case when part ~ '^[0-9]+$' then '!0' || to_char(length(part), 'FM000') || part else '!1' || part end,
                '' order by place
            )
            from string_to_table(substr(version, strpos(version, '-') + 1), '.') with ordinality as pre (part, place)
        )
    end;

create function pg_temp.add_package(
    name text,
    summary text default null,
    categories text[] default '{}',
    tags text[] default '{}',
    kind text default 'extension',
    age interval default interval '1 year'
) returns bigint
    language plpgsql as $$
declare
    id bigint;
begin
    insert into packages (full_name, name, is_default, kind, visibility, origin, is_orphaned, summary, created_at, updated_at)
    values ('localhost/' || name, name, true, kind, 'public', 'import', true, summary, now() - age, now() - age)
    returning package_id into id;
    insert into package_categories (package_id, slug, position)
    select id, slug, place
    from unnest(categories) with ordinality as category (slug, place);
    insert into tags (tag)
    select tag
    from unnest(tags) as tag
    on conflict do nothing;
    insert into package_tags (package_id, tag)
    select id, tag
    from unnest(tags) as tag;
    return id;
end
$$;

create function pg_temp.add_release(
    package bigint,
    version text,
    licence text default null,
    state text default 'active',
    reason text default null,
    age interval default interval '1 year'
) returns bigint
    language sql as $$
    insert into releases (
        package_id, version, version_key, is_prerelease, state, state_reason, state_changed_at, licence, published_by, published_at
    )
    values (
        package, version, pg_temp.version_key(version), strpos(version, '-') > 0, state, reason,
        case when state <> 'active' then now() - age + interval '2 days' end, licence, pg_temp.system(), now() - age
    )
    returning release_id
$$;

create function pg_temp.add_extension(
    release bigint,
    name text,
    comment text default null,
    requires text[] default '{}',
    trusted boolean default false,
    schema text default null
) returns void
    language sql as $$
    insert into extensions (release_id, name, version, comment, requires, is_trusted, needs_superuser, is_relocatable, schema)
    select release, name, '1.0', comment, requires, trusted, not trusted, schema is null, schema;
    insert into extension_names (name_folded, name, default_package_id)
    select fold_name(add_extension.name), add_extension.name, r.package_id
    from releases as r
    where r.release_id = release
    on conflict do nothing;
    insert into extension_providers (name_folded, package_id)
    select fold_name(add_extension.name), r.package_id
    from releases as r
    where r.release_id = release
    on conflict do nothing;
$$;

create function pg_temp.add_module(release bigint, library text, kind text, source text, usage text[] default '{}') returns void
    language sql as $$
    insert into modules
        (release_id, library, load_kind, load_source, without_preload, restart_on_install, restart_on_upgrade, usage)
    values (
        release, library, kind, source,
        case kind when 'shared-preload-optional' then 'counts begin anew with each connection.' end,
        case when kind <> 'unknown' then kind = 'shared-preload-required' end,
        case when kind <> 'unknown' then kind like 'shared-preload-%' end,
        usage
    )
$$;

-- Without a platform nothing in it is compiled, and without a major it is for any.
create function pg_temp.add_artifact(
    release bigint,
    major integer default null,
    os text default null,
    os_version text default null,
    arch text default null,
    libc text default null,
    distribution_package text default null
) returns bigint
    language plpgsql as $$
declare
    id bigint;
    base text;
begin
    select p.name || '-' || r.version into strict base
    from releases as r
    join packages as p using (package_id)
    where r.release_id = release;
    insert into artifacts (
        release_id, kind, postgres_major, os, os_version, arch, libc, build, origin, file_name, sha256, postgres_version,
        distribution_package, distribution_version, published_by, published_at
    )
    select
        release, 'binary', major, os, os_version, arch, libc, 1, 'import',
        concat_ws('-', base, 'pg' || major, os, os_version, arch, libc) || '.tar.gz',
        o.sha256, major || '.1', distribution_package, case when distribution_package is not null then '1.0-1' end,
        r.published_by, r.published_at
    from releases as r
    cross join shared_object as o
    where r.release_id = release
    returning artifact_id into id;
    insert into artifact_files (artifact_id, path, kind, size_bytes, sha256)
    select id, file.path, file.kind, 1234, sha256(convert_to(file.path, 'UTF8'))
    from (
        select 'extension/' || e.name || '.control', 'control-file'
        from extensions as e
        where e.release_id = release
        union all
        select 'extension/' || e.name || '--1.0.sql', 'sql-file'
        from extensions as e
        where e.release_id = release
        union all
        select m.library || '.so', 'shared-object'
        from modules as m
        where m.release_id = release
    ) as file (path, kind);
    insert into artifact_libraries (artifact_id, path, arch, libc, glibc_version, needed)
    select id, m.library || '.so', arch, libc, case libc when 'gnu' then '2.36' end, array['libc.so.6', 'libm.so.6']
    from modules as m
    where m.release_id = release
        and arch is not null;
    return id;
end
$$;

-- Packages ---------------------------------------------------------------------------------------------------------------------

-- The longest name that there may be and texts without any place to break them, owned by somebody with the longest handle.
select rpad('odd_long_', 63, 'abcdefghijklmnopqrstuvwxyz') as name, rpad('odd-', 39, 'handle') as handle
\gset
select pg_temp.add_package(
    :'name', rpad('', 2000, 'withoutanyspaceatall'), '{data_transformations}',
    array[rpad('tag', 64, 'thatgoeson'), 'short'], age => interval '0'
) as package
\gset
insert into principals (kind, handle, created_at)
values ('account', :'handle', now())
returning principal_id as owner
\gset
insert into accounts (principal_id, email, created_at, email_verified_at)
values (:owner, :'handle' || '@example.org', now(), now());
insert into package_owners (package_id, principal_id, role, created_at)
values (:package, :owner, 'owner', now());
update packages
set is_orphaned = false, origin = 'upload', full_name = 'github.com/' || :'handle' || '/' || :'name'
where package_id = :package;
insert into package_links (package_id, kind, url)
select :package, kind, 'https://example.org/' || rpad('', 1500, 'path')
from unnest('{homepage,repository,documentation,issues,support}'::text[]) as kind;
select pg_temp.add_release(:package, '10000.20000.30000-' || rpad('', 110, 'prerelease'), 'LicenseRef-' || rpad('', 120, 'Licence'), age => interval '0') as release
\gset
select pg_temp.add_extension(:release, :'name', rpad('', 1000, 'withoutanyspace'), array[rpad('needs_', 63, 'something')], schema => rpad('', 63, 'schema'))
\g /dev/null
select pg_temp.add_module(
    :release, rpad('', 120, 'library'), 'shared-preload-required', 'declared',
    array['shared_preload_libraries = ''' || rpad('', 120, 'library') || '''', 'odd.setting = ' || rpad('', 300, 'x')]
)
\g /dev/null
select pg_temp.add_artifact(:release, 15, 'debian', '12', 'x86_64', 'gnu', rpad('postgresql-15-', 120, 'package'))
\g /dev/null

-- Nothing but a name.
select pg_temp.add_release(pg_temp.add_package('odd_nothing'), '0.0.0') as release
\gset
insert into extensions (release_id, name, requires, is_trusted, needs_superuser, is_relocatable)
values (:release, 'odd_nothing', '{}', false, false, false);
select pg_temp.add_artifact(:release)
\g /dev/null

-- Five hundred releases: every tenth is a pre-release, some with the longest version there may be, and a few were withdrawn.
select pg_temp.add_package('odd_releases', 'Has five hundred releases', '{tooling_admin}', age => interval '3 years') as package
\gset
create temporary table many_releases on commit drop as
select
    pg_temp.add_release(
        :package,
        format('1.%s.%s', number / 10, number % 10)
            || case
                when number % 50 = 5 then '-' || rpad('rc.', 100, 'long.') || number
                when number % 10 = 5 then '-rc.' || number
                else ''
            end,
        'MIT',
        case when number % 100 = 7 then 'yanked' when number % 100 = 8 then 'quarantined' else 'active' end,
        case when number % 100 in (7, 8) then 'It lost rows when it was upgraded.' end,
        age => interval '1 day' * 2 * (500 - number)
    ) as release
from generate_series(0, 499) as number;
select count(pg_temp.add_extension(release, 'odd_releases'))
from many_releases
\g /dev/null
select count(pg_temp.add_artifact(release))
from many_releases
\g /dev/null

-- Two hundred files of one release: eight majors on twenty-five platforms.
select pg_temp.add_release(
    pg_temp.add_package('odd_artifacts', 'Has two hundred files', '{index_table_optimizations,metrics,security}'), '2.0.0', 'PostgreSQL'
) as release
\gset
select pg_temp.add_extension(:release, 'odd_artifacts')
\g /dev/null
select pg_temp.add_module(:release, 'odd_artifacts', 'on-demand', 'tested')
\g /dev/null
select count(pg_temp.add_artifact(
    :release, major, os, os_version, arch, libc, case os when 'debian' then format('postgresql-%s-odd-artifacts', major) end
))
from generate_series(11, 18) as major
cross join (
    select os, os_version, arch, case os when 'alpine' then 'musl' else 'gnu' end as libc
    from (
        values
            ('alpine', '3.21'), ('alpine', '3.22'), ('debian', '12'), ('debian', '13'), ('rhel', '9'), ('ubuntu', '22.04'),
            ('ubuntu', '24.04'), ('opensuse', 'leap_15.6')
    ) as system (os, os_version)
    cross join unnest('{x86_64,aarch64,ppc64le}'::text[]) as arch
    union all
    select 'linux', null, 'loongarch64', 'gnu'
) as platform
\g /dev/null

-- Forty requirements, half of them here.
select pg_temp.add_release(pg_temp.add_package('odd_requirements', 'Needs forty others', '{connectors}'), '1.0.0', 'PostgreSQL') as release
\gset
select pg_temp.add_extension(
    :release, 'odd_requirements', 'needs forty others',
    array(
        (select e.name from extension_names as e where e.name !~ '^odd_' order by e.name_folded limit 20)
        union all
        (
            select case number when 1 then 'With "quotes" & <b>' when 2 then rpad('absent_', 63, 'long') else 'absent_' || number end
            from generate_series(1, 20) as number
        )
    )
)
\g /dev/null
select pg_temp.add_artifact(:release, 15)
\g /dev/null

-- Text in all directions, with signs that stand above and below others, and with what a page or an address must not take as its own.
select
    U&'\0628\062D\062B \0646\0635\064A \0643\0627\0645\0644 \0641\064A PostgreSQL 18 (\0646\0635 \0645\062E\062A\0644\0637), '
        '\05D7\05D9\05E4\05D5\05E9 \05D1\05E2\05D1\05E8\05D9\05EA \+01F418\+01F50E\+01F469\200D\+01F4BB' as arabic,
    U&'Mixed: abc \202E\0441\043B\043E\0432\043E 123 <b>&amp;</b> Z\0351\036B\0343\0361\0334A\0334\0335\031C\0330L\0320\0368\0367G\0334\033B\0348O\0328\0335\0339 '
        'e\0301u\0308 \65E5\672C\8A9E\306E\5168\6587\691C\7D22 \+01F1EA\+01F1FA\+01F3F3\FE0F\200D\+01F308' as mixed
\gset
select pg_temp.add_package(
    'odd_text', :'arabic', '{search}',
    array[
        U&'\0628\062D\062B', U&'\05D7\05D9\05E4\05D5\05E9 \05E2\05D1\05E8\05D9', U&'\+01F418 elephants',
        U&'z\0351\036B\0343\0361\0334a\0334\0335\031C\0330', U&'\65E5\672C\8A9E', 'c++', '100% &amp; <b> "more"', 'a?b#c=d;e', U&'right \202Eleft',
        '..a', ' spaces around '
    ],
    age => interval '0'
) as package
\gset
select pg_temp.add_release(:package, '1.0.0', U&'\0631\062E\0635\0629 MIT', 'yanked', :'arabic' || ' ' || :'mixed') as release
\gset
select pg_temp.add_extension(:release, 'odd_text')
\g /dev/null
select pg_temp.add_artifact(:release)
\g /dev/null
select pg_temp.add_release(:package, '1.1.0', U&'\0631\062E\0635\0629 MIT', age => interval '0') as release
\gset
select
    pg_temp.add_extension(:release, 'odd_text', :'mixed', array[U&'\062A\0628\0639\064A\0629']),
    pg_temp.add_extension(:release, U&'\0628\062D\062B "nasty" $HOME', :'arabic', schema => U&'\0645\062E\0637\0637')
\g /dev/null
select pg_temp.add_module(:release, 'odd_text', 'session-preload', 'declared', array[U&'session_preload_libraries = ''odd_text'' # \0634\0631\062D'])
\g /dev/null
select pg_temp.add_artifact(:release, 15, 'debian', '12', 'x86_64', 'gnu')
\g /dev/null

-- A release that was taken back, newer than the current one.
select pg_temp.add_package('odd_yanked', 'Had one release too many', '{debugging}') as package
\gset
select
    pg_temp.add_release(:package, '1.0.0', 'PostgreSQL') as kept,
    pg_temp.add_release(
        :package, '1.1.0', 'PostgreSQL', 'yanked',
        'It wrote rows of one transaction into the log of another when both were rolled back; see 1.0.0, which does not.'
    ) as yanked
\gset
select count(pg_temp.add_extension(release, 'odd_yanked'))
from unnest(array[:kept, :yanked]::bigint[]) as release
\g /dev/null
select count(pg_temp.add_artifact(release, 15))
from unnest(array[:kept, :yanked]::bigint[]) as release
\g /dev/null

-- A module of which nothing is known.
select pg_temp.add_release(
    pg_temp.add_package('odd_unknown', 'Is loaded in a way that nobody knows', '{monitoring}', kind => 'module'), '1.0.0'
) as release
\gset
select pg_temp.add_module(:release, 'odd_unknown', 'unknown', 'inferred')
\g /dev/null
select pg_temp.add_artifact(:release, 15, 'debian', '12', 'x86_64', 'gnu')
\g /dev/null

-- Three extensions and a library of each kind, in every category that it may have.
select pg_temp.add_release(
    pg_temp.add_package(
        'odd_many', 'Brings several extensions and a library of each kind', '{analytics,orchestration,security}',
        array(select 'tag number ' || number from generate_series(1, 60) as number)
    ),
    '3.0.0', 'MIT OR Apache-2.0'
) as release
\gset
select
    pg_temp.add_extension(:release, 'odd_many', 'the first of three', trusted => true),
    pg_temp.add_extension(:release, 'odd_many_more', 'needs the first', '{odd_many}', schema => 'odd'),
    pg_temp.add_extension(:release, 'Odd-Many-Quoted', null, '{odd_many,hstore}')
\g /dev/null
select
    pg_temp.add_module(:release, 'odd_1', 'on-demand', 'inferred'),
    pg_temp.add_module(:release, 'odd_2', 'session-preload', 'declared', '{session_preload_libraries = ''odd_2''}'),
    pg_temp.add_module(:release, 'odd_3', 'shared-preload-optional', 'tested', '{shared_preload_libraries = ''odd_3''}'),
    pg_temp.add_module(:release, 'odd_4', 'shared-preload-required', 'declared', '{shared_preload_libraries = ''odd_4''}'),
    pg_temp.add_module(:release, 'odd_5', 'output-plugin', 'inferred', '{"select pg_create_logical_replication_slot(''slot'', ''odd_5'');"}'),
    pg_temp.add_module(:release, 'odd_6', 'archive-module', 'tested', '{archive_library = ''odd_6''}'),
    pg_temp.add_module(:release, 'odd_7', 'unknown', 'inferred')
\g /dev/null
select count(pg_temp.add_artifact(:release, major, 'debian', '12', 'x86_64', 'gnu', format('postgresql-%s-odd-many', major)))
from generate_series(13, 18) as major
\g /dev/null

-- One event for each package, as `publish` writes it; they come last.
select append_event(
    'release.published',
    pg_temp.system(),
    'package:' || p.full_name,
    format(
        '{"build":1,"name":%s,"package":%s,"platform":%s,"postgres":%s,"sha256":"%s","version":%s}',
        to_json(p.name),
        p.package_id,
        to_json(coalesce(a.os || '-' || coalesce(a.os_version, 'any') || '-' || a.arch || '-' || a.libc, 'any')),
        coalesce(a.postgres_major::text, 'null'),
        encode(a.sha256, 'hex'),
        to_json(r.version)
    ),
    r.published_at
)
from packages as p
cross join lateral (
    select newest.*
    from releases as newest
    where newest.package_id = p.package_id
    order by newest.version_key desc
    limit 1
) as r
cross join lateral (
    select first.*
    from artifacts as first
    where first.release_id = r.release_id
    order by first.artifact_id
    limit 1
) as a
where p.name ~ '^odd_'
order by p.package_id
\g /dev/null

commit;
