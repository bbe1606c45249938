-- A projection: one row for each public package that has something to offer, as lists show it.
-- Rebuilt by `pginstall rebuild`; never the source of anything.
create table listings (
    package_id bigint primary key references packages,
    name text not null,
    name_folded text not null,
    is_default boolean not null,
    full_name text not null,
    kind text not null,
    origin text not null,
    summary text,
    version text not null,
    categories text[] not null,
    tags text[] not null,
    extension_names text[] not null,
    majors smallint[] not null,
    platforms text[] not null,
    load_kind text,
    is_trusted boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create index listings_name on listings (name_folded, package_id);
create index listings_categories on listings using gin (categories);
create index listings_updated on listings (updated_at desc, package_id desc);
create index listings_created on listings (created_at desc, package_id desc);

insert into cursors (projection, event_id)
values ('listings', 0);

select append_event(
    'registry.created',
    (select principal_id from principals where kind = 'system'),
    'registry',
    '{"format":1}',
    now()
);
