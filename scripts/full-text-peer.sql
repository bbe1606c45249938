-- Builds the peer of the search benchmark beside a registry's tables: the same packages in PostgreSQL's own full-text search.
--
--     psql -v queries=queries.txt -f scripts/full-text-peer.sql "$DATABASE_URL"
--
-- The listings must be there (`pginstall rebuild`). `queries` may be left out; with it the queries are also written to that file,
-- one a line, for scripts/search-queries.lua: both sides are asked for the same. Measure with scripts/full-text-peer.pgbench.

\set ON_ERROR_STOP on

begin;
set local work_mem = '256MB';
set local jit = off;
set local client_min_messages = warning;

drop table if exists peer_documents, peer_queries;

-- What the search index has of a package. All that is counted lies in the row, so that no join is needed.
create table peer_documents (
    package_id bigint primary key,
    name text not null,
    document tsvector not null,
    categories text[] not null,
    majors smallint[] not null,
    platforms text[] not null,
    load_kind text,
    is_trusted boolean not null,
    updated_at timestamptz not null
);

insert into peer_documents
    (package_id, name, document, categories, majors, platforms, load_kind, is_trusted, updated_at)
select
    l.package_id,
    l.name,
    -- Names as a whole, for their beginnings, and in their words.
    names.whole
        || setweight(to_tsvector('english', names.words), 'A')
        || setweight(to_tsvector('english', concat_ws(' ', array_to_string(l.tags, ' '), labels.categories)), 'B')
        || setweight(to_tsvector('english', coalesce(l.summary, '')), 'C')
        || setweight(to_tsvector('english', coalesce(comments.comments, '')), 'D'),
    l.categories,
    l.majors,
    l.platforms,
    l.load_kind,
    l.is_trusted,
    l.updated_at
from listings as l
cross join lateral (
    select
        string_agg(distinct quote_literal(fold_name(name)) || ':1A', ' ')::tsvector as whole,
        string_agg(distinct replace(fold_name(name), '_', ' '), ' ') as words
    from unnest(l.name || l.extension_names) as name
) as names
left join lateral (
    select string_agg(c.name, ' ') as categories
    from categories as c
    where c.slug = any(l.categories)
) as labels on true
left join lateral (
    select string_agg(e.comment, ' ') as comments
    from releases as r
    join extensions as e using (release_id)
    where r.package_id = l.package_id
        and r.version = l.version
) as comments on true
where l.is_default
order by l.package_id;

create index peer_documents_document on peer_documents using gin (document) with (fastupdate = off);

-- What people look for, taken from what is there: one word, two, three, and the beginning of a name. They look for the oldest
-- packages, so that a larger catalogue has the same queries. `beginning` is set where the text is the beginning of a name.
create table peer_queries (
    id integer primary key,
    text text not null unique,
    beginning text
);

insert into peer_queries (id, text, beginning)
with
    asked as (
        select l.package_id, l.name, l.tags, l.summary, row_number() over (order by l.package_id) as number
        from listings as l
        where l.is_default
            and l.summary is not null
        order by l.package_id
        limit 1000
    ),
    terms as materialized (
        select distinct word
        from asked
        cross join lateral regexp_split_to_table(
            lower(concat_ws(' ', asked.name, array_to_string(asked.tags, ' '))),
            '[^a-z0-9]+'
        ) as word
    ),
    candidates as (
        select asked.number, words.text, null as beginning
        from asked
        cross join lateral (
            select string_agg(chosen.word, ' ' order by chosen.place) as text
            from (
                select word, min(place) as place
                from regexp_split_to_table(
                    lower(concat_ws(' ', asked.summary, array_to_string(asked.tags, ' '))),
                    '[^a-z0-9]+'
                ) with ordinality as part (word, place)
                where length(word) > 2
                    -- Packages are named or labelled so. Nobody looks for "the" or "becomes".
                    and word in (select terms.word from terms)
                    and to_tsvector('english', word) <> ''
                group by word
                order by hashtextextended(word, asked.number)
                limit case when asked.number % 10 < 3 then 1 when asked.number % 10 < 6 then 2 else 3 end
            ) as chosen
        ) as words
        where asked.number % 10 < 8
        union all
        select asked.number, beginning.text, fold_name(beginning.text)
        from asked
        cross join lateral (
            select rtrim(left(lower(asked.name), greatest(4, ceil(0.6 * length(asked.name))::integer)), '_-') as text
        ) as beginning
        where asked.number % 10 >= 8
    )
select row_number() over (order by min(number)), text, min(beginning)
from candidates
group by text
order by min(number)
limit 300;

commit;

analyze peer_documents, peer_queries;

-- scripts/full-text-peer.pgbench counts on it.
do $$
begin
    if (select count(*) from peer_queries) <> 300 then
        raise exception 'there are too few listings for 300 queries: run pginstall rebuild first';
    end if;
end
$$;

\if :{?queries}
    copy (select text from peer_queries order by id) to stdout \g :queries
\endif

select
    (select count(*) from peer_documents) as documents,
    (select count(*) from peer_queries) as queries,
    pg_size_pretty(pg_table_size('peer_documents')) as table_size,
    pg_size_pretty(pg_relation_size('peer_documents_document')) as index_size;
