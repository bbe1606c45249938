-- What an account has beside its handle and its address. An account that an operator made has no password.
alter table accounts
    -- Argon2id as a PHC string.
    add column password text check (password like '$argon2id$%'),
    add column password_changed_at timestamptz,
    -- How often it was changed: a session is good for the one it began with.
    add column password_generation bigint not null default 0,
    add column email_verified_at timestamptz,
    add column display_name text check (display_name <> '' and char_length(display_name) <= 100 and display_name !~ '[[:cntrl:]]'),
    add column bio text check (bio <> '' and char_length(bio) <= 1000),
    add column website text check (website ~ '^https?://' and octet_length(website) <= 2000),
    add column shows_email boolean not null default false;

-- Accounts of operators are as good as confirmed: somebody with the console has vouched for them.
update accounts
set email_verified_at = created_at;

-- Somebody in a browser. The cookie is not here, only its SHA-256.
create table sessions (
    session_id bigint generated always as identity primary key,
    key bytea not null unique check (octet_length(key) = 32),
    -- None while nobody has logged in.
    principal_id bigint references accounts,
    data jsonb not null,
    user_agent text not null,
    client_address text not null,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null
);

create index sessions_principal on sessions (principal_id);
create index sessions_expiry on sessions (expires_at);

-- Accounts that are not there yet: they begin with a click in a mail. Until then their handle is free for everybody, so that
-- nobody finds out here which addresses have accounts.
create table registrations (
    -- SHA-256 of what stands in the link.
    hash bytea primary key check (octet_length(hash) = 32),
    handle text not null,
    email text not null,
    password text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);

create index registrations_email on registrations (lower(email));

-- Links that are good once: whoever has one has read a mail.
create table one_time_links (
    -- SHA-256 of what stands in the link.
    hash bytea primary key check (octet_length(hash) = 32),
    purpose text not null check (purpose in ('verify-email', 'change-email', 'reset-password')),
    principal_id bigint not null references accounts,
    -- The address that the link was sent to.
    email text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);

create index one_time_links_principal on one_time_links (principal_id, purpose);

-- Who used a token last.
alter table tokens
    add column last_used_address text,
    add column last_used_client text;
