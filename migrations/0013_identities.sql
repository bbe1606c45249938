-- Other ways to show who one is: a second factor, passkeys, accounts elsewhere, programs that run for a repository.

-- Time-based codes (RFC 6238). The secret is needed to compare them, so it cannot be hashed.
create table authenticators (
    principal_id bigint primary key references accounts on delete cascade,
    secret bytea not null check (octet_length(secret) between 16 and 64),
    -- The step of the last code that was taken: it and all before it are good for nothing more.
    last_step bigint not null,
    created_at timestamptz not null
);

-- Passkeys name their account by this, and it tells nothing of it.
alter table accounts
    add column passkey_user uuid not null default gen_random_uuid() unique,
    -- When one of the recovery codes was typed in: until then they may not have been kept, and are good for nothing.
    add column recovery_tested_at timestamptz,
    -- When the domain of the address was last asked for, and when it was found to be nobody's: whoever registers it later reads
    -- its mail, so nothing is recovered by it any more.
    add column email_domain_checked_at timestamptz,
    -- On one day a name server may be wrong.
    add column email_domain_missed_at timestamptz,
    add column email_domain_lost_at timestamptz;

create table passkeys (
    passkey_id bigint generated always as identity primary key,
    principal_id bigint not null references accounts on delete cascade,
    name text not null check (name <> '' and char_length(name) <= 100),
    credential_id bytea not null unique,
    -- The public key and its counter, as webauthn-rs keeps them.
    credential jsonb not null,
    created_at timestamptz not null,
    last_used_at timestamptz
);

create index passkeys_principal on passkeys (principal_id);

-- Codes that are good once, in place of another second factor.
create table recovery_codes (
    principal_id bigint not null references accounts on delete cascade,
    hash bytea not null check (octet_length(hash) = 32),
    used_at timestamptz,
    primary key (principal_id, hash)
);

-- Accounts elsewhere that log in to accounts here.
create table identities (
    identity_id bigint generated always as identity primary key,
    principal_id bigint not null references accounts on delete cascade,
    issuer text not null,
    subject text not null check (subject <> ''),
    -- What it is called there, for its owner to tell it from others.
    name text not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    unique (issuer, subject)
);

create index identities_principal on identities (principal_id);

-- Where somebody has logged in before: SHA-256 of network and browser.
create table known_devices (
    principal_id bigint not null references accounts on delete cascade,
    key bytea not null check (octet_length(key) = 32),
    last_seen_at timestamptz not null,
    primary key (principal_id, key)
);

-- What is an account's own goes with it.
alter table sessions
    drop constraint sessions_principal_id_fkey,
    add constraint sessions_principal_id_fkey foreign key (principal_id) references accounts on delete cascade;
alter table one_time_links
    drop constraint one_time_links_principal_id_fkey,
    add constraint one_time_links_principal_id_fkey foreign key (principal_id) references accounts on delete cascade;

-- Handles of accounts that are gone, as SHA-256 of the folded handle: nobody else may be taken for their owners.
create table retired_handles (
    hash bytea primary key check (octet_length(hash) = 32),
    retired_at timestamptz not null
);

-- Programs of a repository that may publish a package without a secret: they show a token of where they run.
create table trusted_publishers (
    publisher_id bigint generated always as identity primary key,
    -- Who acts in the log.
    principal_id bigint not null unique references principals,
    name text not null check (name ~ '^[A-Za-z][A-Za-z0-9_-]{1,62}$'),
    name_folded text not null generated always as (fold_name(name)) stored,
    -- None while the package is still to come: its first release makes whoever named the publisher its owner.
    package_id bigint references packages,
    created_by bigint not null references principals,
    issuer text not null,
    repository text not null check (repository <> ''),
    workflow text not null check (workflow <> ''),
    -- None for any.
    environment text check (environment <> ''),
    -- What does not change where names do, from the first token on.
    repository_id text,
    owner_id text,
    created_at timestamptz not null,
    last_used_at timestamptz
);

-- Services do not tell repositories apart by the case of letters. Several accounts may name the same for a package that is
-- still to come: then it is nobody's.
create unique index trusted_publishers_key on trusted_publishers (
    name_folded, package_id, (case when package_id is null then created_by end), issuer, lower(repository), workflow, environment
) nulls not distinct;

create index trusted_publishers_package on trusted_publishers (package_id);

-- Each token of a workflow is exchanged once.
create table exchanged_tokens (
    issuer text not null,
    token_id text not null,
    expires_at timestamptz not null,
    primary key (issuer, token_id)
);

alter table packages
    -- Whether only its trusted publishers publish.
    add column trusted_publishers_only boolean not null default false;

alter table tokens
    drop constraint tokens_actions_check,
    add constraint tokens_actions_check check (
        cardinality(actions) > 0
        and actions <@ array['publish-new', 'publish-update', 'yank', 'owners', 'admin', 'account']
    ),
    -- The token that has made it: what ends that one ends it too.
    add column parent_id bigint references tokens on delete cascade,
    add column publisher_id bigint references trusted_publishers on delete cascade,
    -- What the workflow's token said of its run.
    add column run jsonb,
    -- When its owner was told that it ends soon.
    add column expiry_told_at timestamptz,
    add constraint tokens_run check ((publisher_id is null) = (run is null));

create index tokens_parent on tokens (parent_id);
create index tokens_publisher on tokens (publisher_id);
create index tokens_expiry on tokens (expires_at) where revoked_at is null and expiry_told_at is null;

-- From which run a file came.
create table artifact_runs (
    artifact_id bigint primary key references artifacts,
    run jsonb not null
);

-- What somebody did, for their page.
create index events_actor on events (actor_id, event_id);

insert into event_kinds (kind, is_public, sentence)
values
    ('account.deleted', true, 'An account was deleted by its owner'),
    ('package.orphaned', true, 'The last owner of a package left'),
    ('publisher.added', true, 'A package trusts the workflow of a repository'),
    ('publisher.removed', true, 'A package no longer trusts the workflow of a repository');
