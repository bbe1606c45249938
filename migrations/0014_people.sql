-- Who looks after packages: invitations, organisations, and what their owners say of a package.

-- What an organisation has beside its handle.
create table organisations (
    principal_id bigint primary key references principals,
    display_name text check (display_name <> '' and char_length(display_name) <= 100 and display_name !~ '[[:cntrl:]]'),
    description text check (description <> '' and char_length(description) <= 1000),
    website text check (website ~ '^https?://' and octet_length(website) <= 2000),
    created_at timestamptz not null
);

-- An organisation has an owner as long as it is there; looked at when the transaction ends.
create function check_organisation_owner() returns trigger
    language plpgsql as $$
begin
    if exists (select from organisations where principal_id = coalesce(new.organisation_id, old.organisation_id))
        and not exists (
            select from organisation_members
            where organisation_id = coalesce(new.organisation_id, old.organisation_id)
                and role = 'owner'
        )
    then
        raise exception 'an organisation has an owner'
            using errcode = 'check_violation', constraint = 'organisations_owner_check';
    end if;
    return null;
end
$$;

create constraint trigger organisations_owner_check after insert or update or delete on organisation_members
    deferrable initially deferred
    for each row execute function check_organisation_owner();

-- Somebody is asked to look after a package or to belong to an organisation. By an address where it is not known who has it:
-- then whoever has an account with it, once it is confirmed.
create table invitations (
    invitation_id bigint generated always as identity primary key,
    package_id bigint references packages,
    organisation_id bigint references organisations on delete cascade,
    role text not null check (
        role in ('owner', 'maintainer') and organisation_id is null
        or role in ('owner', 'member') and package_id is null
    ),
    -- Whether the one who has asked leaves when it is accepted.
    transfers boolean not null,
    invitee_id bigint references accounts on delete cascade,
    email text,
    -- Whoever has asked has to be an owner still when it is accepted.
    invited_by bigint not null references accounts on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint invitations_subject check (num_nonnulls(package_id, organisation_id) = 1),
    constraint invitations_invitee check (num_nonnulls(invitee_id, email) = 1)
);

create unique index invitations_key on invitations (package_id, organisation_id, invitee_id, lower(email)) nulls not distinct;
create index invitations_invitee on invitations (invitee_id);
create index invitations_email on invitations (lower(email));

-- Owners of an organisation have its rights; its members do what maintainers do.
create or replace view package_rights as
select o.package_id, o.principal_id, o.role
from package_owners as o
union
select o.package_id, m.member_id, case when m.role = 'owner' then o.role else 'maintainer' end
from package_owners as o
join organisation_members as m on m.organisation_id = o.principal_id;

alter table packages
    -- Nobody publishes to it any more, as its owners say; it can still be installed.
    add column archived_at timestamptz,
    -- What to use instead, as its owners say.
    add column deprecated_at timestamptz,
    add column deprecation text check (deprecation <> '' and char_length(deprecation) <= 500),
    add column successor text check (successor ~ '^[A-Za-z][A-Za-z0-9_-]{1,62}$'),
    add constraint packages_deprecation check (deprecated_at is not null or num_nonnulls(deprecation, successor) = 0);

insert into event_kinds (kind, is_public, sentence)
values
    ('owner.added', true, 'Somebody became an owner or a maintainer of a package'),
    ('owner.removed', true, 'Somebody is no longer an owner or a maintainer of a package'),
    ('owner.changed', true, 'The role of somebody who looks after a package changed'),
    ('package.deprecated', true, 'The owners of a package say that something else should be used'),
    ('package.undeprecated', true, 'A package is no longer deprecated'),
    ('package.archived', true, 'The owners of a package say that nothing more comes'),
    ('package.unarchived', true, 'A package is no longer archived'),
    ('package.shown', true, 'A package that only its members saw is there for everybody'),
    ('package.hidden', true, 'A package is there for its members only'),
    ('organisation.created', true, 'An organisation was made'),
    ('organisation.updated', true, 'What an organisation says of itself changed'),
    ('organisation.deleted', true, 'An organisation was deleted'),
    ('member.added', true, 'Somebody became a member of an organisation'),
    ('member.removed', true, 'Somebody is no longer a member of an organisation'),
    ('member.changed', true, 'The role of a member of an organisation changed');
