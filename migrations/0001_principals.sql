-- Names are compared in lower case and with '_' for '-'. Only ASCII letters fold, so that PostgreSQL and Rust agree.
create function fold_name(name text) returns text
    language sql immutable strict parallel safe
    return replace(lower(name collate "C"), '-', '_');

-- Whoever acts or owns: one namespace for accounts, organisations, CI identities and the system itself.
create table principals (
    principal_id bigint generated always as identity primary key,
    kind text not null check (kind in ('account', 'organisation', 'ci', 'system')),
    handle text not null check (handle ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$'),
    handle_folded text not null generated always as (fold_name(handle)) stored,
    created_at timestamptz not null,
    constraint principals_handle_key unique (handle_folded)
);

create unique index principals_one_system on principals (kind) where kind = 'system';

insert into principals (kind, handle, created_at)
values ('system', 'system', now());

create table organisation_members (
    organisation_id bigint not null references principals,
    member_id bigint not null references principals,
    role text not null check (role in ('owner', 'member')),
    created_at timestamptz not null,
    primary key (organisation_id, member_id),
    check (organisation_id <> member_id)
);

create index organisation_members_member on organisation_members (member_id);
