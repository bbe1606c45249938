-- Which kinds of event there are, and which of them anybody may read.
create table event_kinds (
    kind text primary key check (kind ~ '^[a-z]+\.[a-z_]+$'),
    is_public boolean not null,
    sentence text not null
);

insert into event_kinds (kind, is_public, sentence)
values
    ('registry.created', true, 'The registry was set up'),
    ('release.published', true, 'A release was published with its first file'),
    ('artifact.added', true, 'A file was added to a release');

-- The spine: one row for each change of public state, without gaps, each hashed together with the one before it.
-- The payload is JSON text of ids and public facts and is never rewritten.
create table events (
    event_id bigint primary key,
    kind text not null references event_kinds,
    actor_id bigint not null references principals,
    subject text not null,
    payload text not null check (jsonb_typeof(payload::jsonb) = 'object'),
    happened_at timestamptz not null,
    details_hash bytea check (octet_length(details_hash) = 32),
    previous_hash bytea not null check (octet_length(previous_hash) = 32),
    hash bytea not null check (octet_length(hash) = 32)
);

create index events_subject on events (subject, event_id);

-- What a person may later have erased. Only its salted hash is in the chain.
create table event_details (
    event_id bigint primary key references events,
    salt bytea not null check (octet_length(salt) = 16),
    details text not null
);

-- A field as it is hashed: the number of its bytes (four, big-endian), then its bytes.
create function hashed_field(field text) returns bytea
    language sql immutable strict parallel safe
    return int4send(octet_length(convert_to(field, 'UTF8'))) || convert_to(field, 'UTF8');

create function event_hash(previous_hash bytea, event events) returns bytea
    language sql stable parallel safe
    return sha256(
        previous_hash
        || hashed_field(event.event_id::text)
        || hashed_field(event.kind)
        || hashed_field(event.actor_id::text)
        || hashed_field(event.subject)
        || hashed_field(event.payload)
        || hashed_field(to_char(event.happened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        || hashed_field(coalesce(encode(event.details_hash, 'hex'), ''))
    );

-- However a row comes in, it is chained here: the lock makes ids visible in their order.
create function chain_event() returns trigger
    language plpgsql as $$
declare
    last events;
begin
    perform pg_advisory_xact_lock(hashtextextended('events', 0));
    select * into last from events order by event_id desc limit 1;
    new.event_id := coalesce(last.event_id, 0) + 1;
    new.previous_hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
    new.hash := event_hash(new.previous_hash, new);
    perform pg_notify('events', '');
    return new;
end
$$;

create trigger events_chain before insert on events
    for each row execute function chain_event();

create function refuse_change() returns trigger
    language plpgsql as $$
begin
    raise exception 'rows of % are never changed or removed', tg_table_name
        using errcode = 'restrict_violation';
end
$$;

create trigger events_append_only before update or delete on events
    for each row execute function refuse_change();

create trigger events_no_truncate before truncate on events
    for each statement execute function refuse_change();

-- Appends an event and returns its id. Call it as the last statement of the transaction that makes the change:
-- everybody else who appends waits until that transaction ends.
create function append_event(
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
begin
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

-- What is nobody else's business: logins, sessions, token use, acts of administration.
create table audit (
    audit_id bigint generated always as identity primary key,
    happened_at timestamptz not null,
    principal_id bigint references principals,
    action text not null,
    client_address inet,
    user_agent text,
    details jsonb not null default '{}'
);

create index audit_principal on audit (principal_id, audit_id);

-- How far a shared projection has followed the log.
create table cursors (
    projection text primary key,
    event_id bigint not null check (event_id >= 0)
);
