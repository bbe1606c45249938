-- What admins do with the catalogue: categories, tags, what is featured, which package a short name means, and banners.

alter table categories
    -- What search indexes keep of a category. Its place in the order may change, this may not.
    add column number smallint;

update categories set number = position;

alter table categories
    alter column number set not null,
    add constraint categories_number_key unique (number),
    add constraint categories_number_check check (number between 1 and 63),
    drop constraint categories_position_key,
    -- Looked at when the transaction ends, so that two can change places.
    add constraint categories_position_key unique (position) deferrable initially deferred;

-- What categories were called that are no more: addresses and uploads with those names still mean something.
create table former_categories (
    slug text primary key check (slug ~ '^[a-z_]{2,40}$'),
    became text not null references categories
);

create index former_categories_became on former_categories (became);

alter table tags
    -- The tag that is meant where somebody says this one.
    add column became text references tags,
    -- Why nobody may say it.
    add column forbidden_at timestamptz,
    add column forbidden_reason text check (forbidden_reason <> ''),
    add constraint tags_became check (became <> tag),
    add constraint tags_forbidden check ((forbidden_at is null) = (forbidden_reason is null)),
    add constraint tags_one_fate check (became is null or forbidden_at is null);

create index tags_became on tags (became) where became is not null;

-- What the home page shows first.
create table featured (
    package_id bigint primary key references packages,
    featured_at timestamptz not null
);

-- What the staff should know of a package at a glance, and by what they look for packages.
create view package_marks as
select package_id, 'held-back' as mark
from packages
where quarantined_at is not null
union all
select distinct package_id, 'release-held-back'
from releases
where state = 'quarantined'
union all
select package_id, 'waiting'
from cases
where package_id is not null
    and closed_at is null
union all
select package_id, 'members'
from packages
where visibility = 'members'
union all
select package_id, 'orphaned'
from packages
where is_orphaned
union all
select package_id, 'imported'
from packages
where origin = 'import'
union all
select package_id, 'deprecated'
from packages
where deprecated_at is not null
union all
select package_id, 'archived'
from packages
where archived_at is not null
union all
select package_id, 'featured'
from featured
union all
select p.package_id, 'shared'
from packages as p
where exists (
    select from packages as other
    where other.name_folded = p.name_folded
        and other.package_id <> p.package_id
);

-- What stands above every page for a while.
create table banners (
    banner_id bigint generated always as identity primary key,
    tone text not null check (tone in ('notice', 'caution', 'danger')),
    text text not null check (text <> '' and char_length(text) <= 300 and text !~ '[[:cntrl:]]'),
    link text check (link ~ '^(/|https?://)' and octet_length(link) <= 2000),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    withdrawn_at timestamptz,
    constraint banners_time check (ends_at > starts_at)
);

create index banners_ends on banners (ends_at);

insert into event_kinds (kind, is_public, sentence)
values
    ('category.added', true, 'A category was added'),
    ('category.changed', true, 'What a category is called, or its place, changed'),
    ('category.merged', true, 'A category was merged into another one'),
    ('tag.merged', true, 'A tag was merged into another one'),
    ('tag.forbidden', true, 'A tag was forbidden'),
    ('tag.allowed', true, 'A tag may be used again'),
    ('package.featured', true, 'A package is shown on the home page'),
    ('package.unfeatured', true, 'A package is no longer shown on the home page'),
    ('name.assigned', true, 'A short name means another package now'),
    ('banner.published', true, 'Something stands above every page for a while'),
    ('banner.withdrawn', true, 'A banner was withdrawn');

-- Filters of the log.
create index events_kind on events (kind, event_id);

create or replace function refuse_when_read_only() returns trigger
    language plpgsql as $$
begin
    if exists (select from flags where name = 'read-only')
        and new.kind not in (
            'flag.set', 'flag.cleared', 'readme.rendered',
            'package.quarantined', 'package.released', 'release.quarantined', 'release.released', 'case.dismissed',
            'account.locked', 'account.unlocked', 'account.factors_reset', 'staff.changed', 'name.reserved', 'job.retried',
            'banner.published', 'banner.withdrawn'
        )
    then
        raise exception 'the registry is read-only'
            using errcode = 'object_not_in_prerequisite_state', constraint = 'flags_read_only';
    end if;
    return new;
end
$$;

-- What not everybody reads has something random in it: its hash is public, and whoever guesses the rest could check it by that.
create or replace function append_event(
    kind text,
    actor_id bigint,
    subject text,
    payload text,
    happened_at timestamptz,
    details text default null,
    salt bytea default null
) returns bigint
    language plpgsql as $$
declare
    id bigint;
    is_public boolean;
begin
    select k.is_public and not exists (
        select from packages as p
        where p.package_id = (append_event.payload::jsonb ->> 'package')::bigint
            and p.visibility = 'members'
    )
    into is_public
    from event_kinds as k
    where k.kind = append_event.kind;
    if not is_public then
        payload := payload::jsonb || jsonb_build_object('random', replace(gen_random_uuid()::text, '-', ''));
    end if;
    insert into events (kind, actor_id, subject, payload, happened_at, details_hash)
    values (kind, actor_id, subject, payload, happened_at, sha256(salt || convert_to(details, 'UTF8')))
    returning event_id into id;
    if details is not null then
        insert into event_details (event_id, salt, details)
        values (id, salt, details);
    end if;
    return id;
end
$$;

-- What stands in the addresses of files that a private registry gives to a client which shows its token for lists only.
create table reading_tickets (
    -- SHA-256 of what stands there.
    hash bytea primary key check (octet_length(hash) = 32),
    principal_id bigint not null references principals,
    expires_at timestamptz not null
);

create index reading_tickets_principal on reading_tickets (principal_id);
create index reading_tickets_expires on reading_tickets (expires_at);
