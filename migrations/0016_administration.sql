-- What admins say of the registry as a whole.

-- Switches that hold at once on every node: they are read in the transaction that writes.
create table flags (
    name text primary key check (name in ('read-only', 'no-registration', 'no-publishing')),
    reason text not null check (reason <> ''),
    set_by bigint not null references principals,
    set_at timestamptz not null
);

insert into event_kinds (kind, is_public, sentence)
values
    ('flag.set', true, 'Something is not possible for a while'),
    ('flag.cleared', true, 'Something is possible again'),
    ('name.reserved', true, 'A name was reserved'),
    ('name.freed', true, 'A name is no longer reserved'),
    ('job.retried', false, 'A job that was given up is tried again');

-- While the registry is read-only nothing appends to the log but what keeps it in order: whatever changes public state fails with
-- its event, on every node at once.
create function refuse_when_read_only() returns trigger
    language plpgsql as $$
begin
    if exists (select from flags where name = 'read-only')
        and new.kind not in (
            'flag.set', 'flag.cleared', 'readme.rendered',
            'package.quarantined', 'package.released', 'release.quarantined', 'release.released', 'case.dismissed',
            'account.locked', 'account.unlocked', 'account.factors_reset', 'staff.changed', 'name.reserved', 'job.retried'
        )
    then
        raise exception 'the registry is read-only'
            using errcode = 'object_not_in_prerequisite_state', constraint = 'flags_read_only';
    end if;
    return new;
end
$$;

-- Its name sorts before the trigger that chains, so that nobody waits for the lock in vain.
create trigger events_allowed before insert on events
    for each row execute function refuse_when_read_only();

-- And once more behind it: whoever has waited for the lock while the switch was set comes too late.
create trigger events_still_allowed before insert on events
    for each row execute function refuse_when_read_only();
