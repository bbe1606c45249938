create table packages (
    package_id bigint generated always as identity primary key,
    full_name text not null,
    name text not null check (name ~ '^[A-Za-z][A-Za-z0-9_-]{1,62}$'),
    name_folded text not null generated always as (fold_name(name)) stored,
    -- Of the packages that share a short name, at most one is what the name alone means.
    is_default boolean not null,
    kind text not null check (kind in ('extension', 'module')),
    visibility text not null check (visibility in ('public', 'members')),
    origin text not null check (origin in ('upload', 'import')),
    -- No owner: imported and not claimed, or left by its last owner.
    is_orphaned boolean not null,
    summary text check (summary <> ''),
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create unique index packages_full_name_key on packages (lower(full_name collate "C"));
create unique index packages_default_name_key on packages (name_folded) where is_default;
create index packages_name on packages (name_folded);

create table package_owners (
    package_id bigint not null references packages,
    principal_id bigint not null references principals,
    role text not null check (role in ('owner', 'maintainer')),
    created_at timestamptz not null,
    primary key (package_id, principal_id)
);

create index package_owners_principal on package_owners (principal_id);

-- A package has an owner or is marked as orphaned; looked at when the transaction ends.
create function check_package_owner() returns trigger
    language plpgsql as $$
begin
    if exists (
        select from packages as p
        where p.package_id = coalesce(new.package_id, old.package_id)
            and p.is_orphaned = exists (
                select from package_owners as o
                where o.package_id = p.package_id
                    and o.role = 'owner'
            )
    ) then
        raise exception 'a package has an owner or is marked as orphaned'
            using errcode = 'check_violation', constraint = 'packages_owner_check';
    end if;
    return null;
end
$$;

create constraint trigger packages_owner_check after insert or update on packages
    deferrable initially deferred
    for each row execute function check_package_owner();

create constraint trigger package_owners_owner_check after insert or update or delete on package_owners
    deferrable initially deferred
    for each row execute function check_package_owner();

create table categories (
    slug text primary key check (slug ~ '^[a-z_]{2,40}$'),
    name text not null unique,
    -- The name in META.json version 2.
    meta_name text not null,
    sentence text not null,
    position smallint not null unique
);

insert into categories (slug, name, meta_name, sentence, position)
values
    ('analytics', 'Analytics', 'Analytics', 'Ask big questions: aggregates, columns, sketches and time series', 1),
    ('auditing_logging', 'Auditing / Logging', 'Auditing and Logging', 'Keep a record of who did what, and when', 2),
    ('change_data_capture', 'Change Data Capture', 'Change Data Capture', 'Stream every change of a table to somewhere else', 3),
    ('connectors', 'Connectors', 'Connectors', 'Reach other databases, files and services from SQL', 4),
    ('data_transformations', 'Data / Transformations', 'Data and Transformations', 'New data types, and functions that reshape what you have', 5),
    ('debugging', 'Debugging', 'Debugging', 'Look inside pages, plans and locks when something is odd', 6),
    ('index_table_optimizations', 'Index / Table Optimizations', 'Index and Table Optimizations', 'Faster access, smaller tables, better upkeep', 7),
    ('machine_learning', 'Machine Learning', 'Machine Learning', 'Vectors, models and predictions beside the data', 8),
    ('metrics', 'Metrics', 'Metrics', 'Numbers about the server, ready to collect', 9),
    ('monitoring', 'Monitoring', 'Metrics', 'See what the server does now and what slows it down', 10),
    ('orchestration', 'Orchestration', 'Orchestration', 'Jobs, queues, schedules and clusters', 11),
    ('procedural_languages', 'Procedural Languages', 'Procedural Languages', 'Write functions in the language you know', 12),
    ('query_optimizations', 'Query Optimizations', 'Query Optimizations', 'Hints, plans and statistics for better queries', 13),
    ('search', 'Search', 'Search', 'Find text, also when it is misspelled', 14),
    ('security', 'Security', 'Security', 'Encryption, passwords, policies and access', 15),
    ('tooling_admin', 'Tooling / Admin', 'Tooling and Admin', 'Everyday helpers for those who run the server', 16);

-- Three places, so at most three categories.
create table package_categories (
    package_id bigint not null references packages,
    slug text not null references categories on update cascade,
    position smallint not null check (position between 1 and 3),
    primary key (package_id, slug),
    unique (package_id, position)
);

create index package_categories_slug on package_categories (slug);

create table tags (
    tag text primary key check (tag ~ '^[^[:cntrl:][:upper:]/\\]{1,64}$')
);

create table package_tags (
    package_id bigint not null references packages,
    tag text not null references tags,
    primary key (package_id, tag)
);

create index package_tags_tag on package_tags (tag);

create table package_links (
    package_id bigint not null references packages,
    kind text not null check (kind in ('homepage', 'repository', 'documentation', 'issues', 'support')),
    url text not null check (url ~ '^https?://'),
    primary key (package_id, kind)
);

-- Names for CREATE EXTENSION. The first package to provide one stays what the name alone means.
create table extension_names (
    name_folded text primary key,
    name text not null check (fold_name(name) = name_folded),
    default_package_id bigint not null references packages
);

create table extension_providers (
    name_folded text not null references extension_names,
    package_id bigint not null references packages,
    primary key (name_folded, package_id)
);

create index extension_providers_package on extension_providers (package_id);

-- The default is one of the providers.
alter table extension_names
    add constraint extension_names_default_fkey foreign key (name_folded, default_package_id)
    references extension_providers deferrable initially deferred;

-- When a major version came and until when it gets fixes; without dates it is still to come or not known yet.
-- A new major is a row here, not code.
create table postgres_majors (
    major smallint primary key check (major between 10 and 99),
    released_on date,
    ends_on date check (ends_on > released_on)
);

insert into postgres_majors (major, released_on, ends_on)
values
    (10, '2017-10-05', '2022-11-10'),
    (11, '2018-10-18', '2023-11-09'),
    (12, '2019-10-03', '2024-11-21'),
    (13, '2020-09-24', '2025-11-13'),
    (14, '2021-09-30', '2026-11-12'),
    (15, '2022-10-13', '2027-11-11'),
    (16, '2023-09-14', '2028-11-09'),
    (17, '2024-09-26', '2029-11-08'),
    (18, '2025-09-25', '2030-11-14'),
    (19, null, null);
