-- Work that follows a transaction instead of being part of it. Written in that transaction, done by whichever node takes it,
-- gone when it is done.
create table jobs (
    job_id bigint generated always as identity primary key,
    kind text not null check (kind <> ''),
    -- What it is about: there is one job of a kind about one thing.
    key text not null,
    -- How often it was asked for. Whoever finishes an older asking leaves the job for the newer one.
    asked integer not null default 1 check (asked >= 1),
    attempts integer not null default 0 check (attempts >= 0),
    -- Attempts of which nobody has heard again.
    lost_attempts integer not null default 0,
    run_after timestamptz not null,
    lease_until timestamptz,
    -- When it was given up, after too many attempts.
    failed_at timestamptz,
    last_error text,
    created_at timestamptz not null,
    constraint jobs_key unique (kind, key)
);

create index jobs_due on jobs (run_after) where failed_at is null;

-- READMEs as HTML that is safe to show; derived from `readmes` and the links of their packages.
create table rendered_readmes (
    release_id bigint primary key references readmes,
    html text not null,
    -- Which generation of the renderer made it; older ones are made anew.
    renderer smallint not null,
    rendered_at timestamptz not null
);

insert into event_kinds (kind, is_public, sentence)
values
    ('readme.rendered', true, 'The README of a release was made ready to be read');
