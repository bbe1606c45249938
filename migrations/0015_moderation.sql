-- People who keep the place in order: reports, verdicts, quarantine, and who may decide.

alter table accounts
    -- Whoever decides about reports, or about everything.
    add column staff_role text check (staff_role in ('moderator', 'admin')),
    -- Nobody logs in to a locked account, and its tokens are good for nothing.
    add column locked_at timestamptz,
    add column lock_reason text check (lock_reason <> ''),
    add constraint accounts_lock check ((locked_at is null) = (lock_reason is null));

create index accounts_staff on accounts (staff_role) where staff_role is not null;

-- The links on the console by which the first admin becomes one.
create table admin_links (
    -- SHA-256 of what stands in the link.
    hash bytea primary key check (octet_length(hash) = 32),
    created_at timestamptz not null,
    expires_at timestamptz not null
);

-- What was said of one package, or of one account or organisation, until somebody has decided.
create table cases (
    case_id bigint generated always as identity primary key,
    package_id bigint references packages,
    principal_id bigint references principals,
    opened_at timestamptz not null,
    closed_at timestamptz,
    verdict text check (verdict in ('dismissed', 'quarantined', 'released', 'locked', 'unlocked', 'granted')),
    verdict_reason text check (verdict_reason <> ''),
    decided_by bigint references principals,
    constraint cases_subject check (num_nonnulls(package_id, principal_id) = 1),
    constraint cases_verdict check (
        num_nonnulls(closed_at, verdict, verdict_reason, decided_by) in (0, 4)
    )
);

create unique index cases_open on cases (package_id, principal_id) nulls not distinct where closed_at is null;
create index cases_closed on cases (closed_at);

create table reports (
    report_id bigint generated always as identity primary key,
    case_id bigint not null references cases,
    -- The release of the package that it is about; none for all of it.
    release_id bigint references releases,
    kind text not null check (kind in ('malware', 'spam', 'typo-squatting', 'licence', 'abuse', 'other', 'appeal', 'claim')),
    text text not null check (text <> '' and char_length(text) <= 4000),
    -- None of an account that is no more, of the registry itself, and of whoever has an address only.
    reporter_id bigint references accounts on delete set null,
    reporter_email text,
    created_at timestamptz not null
);

create index reports_case on reports (case_id);
create index reports_reporter on reports (reporter_id);

-- Reports of people without an account: they count when the link in the mail was opened and its button pressed.
create table unconfirmed_reports (
    hash bytea primary key check (octet_length(hash) = 32),
    package_id bigint references packages,
    release_id bigint references releases,
    principal_id bigint references principals,
    kind text not null,
    text text not null,
    email text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);

alter table packages
    add column quarantined_at timestamptz,
    add column quarantine_reason text check (quarantine_reason <> ''),
    add constraint packages_quarantine check ((quarantined_at is null) = (quarantine_reason is null));

-- What a release was before it was quarantined, for when it is released.
create table quarantined_releases (
    release_id bigint primary key references releases,
    previous_state text not null check (previous_state in ('active', 'yanked')),
    previous_reason text,
    previous_changed_at timestamptz,
    -- Whether it is so because its whole package is.
    with_package boolean not null
);

insert into event_kinds (kind, is_public, sentence)
values
    ('package.quarantined', true, 'A package was held back while it is looked at'),
    ('package.released', true, 'A package is no longer held back'),
    ('release.quarantined', true, 'A release was held back while it is looked at'),
    ('release.released', true, 'A release is no longer held back'),
    ('package.claimed', true, 'Somebody who has shown that it is theirs became the owner of a package that nobody owned'),
    ('case.dismissed', true, 'Reports about something were found to need nothing'),
    ('account.locked', false, 'An account was locked'),
    ('account.unlocked', false, 'An account is no longer locked'),
    ('account.factors_reset', false, 'The second factors of an account were removed'),
    ('staff.changed', true, 'Who keeps the registry in order changed');
