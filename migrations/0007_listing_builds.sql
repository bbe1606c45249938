-- What can be installed: each active release with each major and platform that it has a binary for. A binary for any major
-- is one for each that was released.
create view installable as
select
    r.package_id,
    r.release_id,
    r.version,
    r.is_prerelease,
    r.version_key,
    m.major,
    coalesce(a.os || '-' || coalesce(a.os_version, 'any') || '-' || a.arch || '-' || a.libc, 'any') as platform
from releases as r
join artifacts as a using (release_id)
join postgres_majors as m
    on m.major = a.postgres_major
    or a.postgres_major is null and m.released_on is not null
where r.state = 'active'
    and a.kind = 'binary';

-- What a listing says of each platform and each major, so that lists and searches know what is current for whom.
alter table listings
    -- For each platform, in the same order: its majors as bits, counted from 10.
    add column platform_majors bigint[] not null default '{}',
    -- For each major, in the same order: the version that is current for it.
    add column versions text[] not null default '{}',
    add column release_count integer not null default 0,
    add column artifact_count integer not null default 0;

create index listings_tags on listings using gin (tags);

-- Every row is written anew.
update cursors
set event_id = 0
where projection = 'listings';

-- A session plans the look at the last event once. Planned while the log was nearly empty, it would read all of it for ever.
alter function chain_event() set enable_seqscan = off;

-- The page of a package asks who needs what it provides by default.
create index extension_names_default on extension_names (default_package_id);
