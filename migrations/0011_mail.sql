-- Mail, written in the transaction that makes it necessary. Where an SMTP server is configured, a job hands each message over.
-- Then its bodies go, because their links are secrets, and the row stays as the log of deliveries. Without an SMTP server
-- messages are kept, to be read by those who run the registry.
create table mails (
    mail_id bigint generated always as identity primary key,
    -- Whose account it is about; none where nobody has the address.
    principal_id bigint references principals,
    recipient text not null check (recipient <> ''),
    kind text not null check (kind <> ''),
    subject text not null,
    body_text text,
    body_html text,
    created_at timestamptz not null,
    -- When the SMTP server took it.
    sent_at timestamptz,
    -- When the SMTP server refused it for good, or the last attempt had failed.
    failed_at timestamptz,
    attempts integer not null default 0 check (attempts >= 0),
    last_error text,
    constraint mails_bodies check ((body_text is null) = (body_html is null)),
    constraint mails_outcome check (sent_at is null or failed_at is null),
    -- Secrets go as soon as nobody needs them any more, and not before.
    constraint mails_secrets check ((body_text is null) = (sent_at is not null or failed_at is not null))
);

create index mails_recipient on mails (lower(recipient), mail_id);
create index mails_principal on mails (principal_id, mail_id);
