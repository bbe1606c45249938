-- A source cannot say what must be installed first and from where; the first binary says it, once.
create or replace function keep_release() returns trigger
    language plpgsql as $$
declare
    changing text[] := array['state', 'state_reason', 'state_changed_at'];
begin
    if tg_op = 'UPDATE' and old.depends_on = '{}' then
        changing := changing || array['depends_on'];
    end if;
    if tg_op = 'UPDATE' and old.system_dependencies is null then
        changing := changing || array['system_dependencies'];
    end if;
    if tg_op = 'UPDATE' and old.licence is null then
        changing := changing || array['licence'];
    end if;
    if tg_op = 'DELETE'
        or (to_jsonb(new) - changing) <> (to_jsonb(old) - changing)
        or old.state = 'deleted' and new.state <> 'deleted'
    then
        raise exception 'a release is never replaced and its version never used again'
            using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
