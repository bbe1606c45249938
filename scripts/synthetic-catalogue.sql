-- Fills a registry with a synthetic catalogue, to measure it at a size that it does not have yet:
--
--     psql -v packages=100000 -f scripts/synthetic-catalogue.sql "$DATABASE_URL"
--
-- The database has all migrations and was not filled like this before; what was imported stays. Nothing is left to chance: the
-- same number of packages gives the same catalogue, and a larger catalogue begins with a smaller one. Only times are counted
-- back from today, or from the day that `-v today=2026-11-21` names. Objects are rows without bytes, so nothing can be downloaded and `pginstall check` misses them all.
--
-- `listings` is left to the program: it follows the events, or `pginstall rebuild` writes it at once.

\set ON_ERROR_STOP on
\if :{?packages}
\else
    \set packages 10000
\endif
\if :{?today}
\else
    select (now() at time zone 'UTC')::date as today
    \gset
\endif

begin;

-- Everything is looked at once and in bulk; the just-in-time compiler would only cost time.
set local work_mem = '256MB';
set local jit = off;
set local client_min_messages = warning;

-- Choices ----------------------------------------------------------------------------------------------------------------------

-- A number from 0 to below 1 that depends on nothing but the arguments. Each choice has a salt of its own.
create function pg_temp.share(number bigint, salt bigint) returns double precision
    language sql immutable strict parallel safe
    return (hashint8extended(number, salt) & 9007199254740991) / 9007199254740992.0::double precision;

-- From 0 to below the limit, all equally likely.
create function pg_temp.below(number bigint, salt bigint, places integer) returns integer
    language sql immutable strict parallel safe
    return floor(pg_temp.share(number, salt) * places)::integer;

-- From 1 to the limit as words of a language are, by the law of Zipf and Mandelbrot: the first few often, the last ones rarely.
create function pg_temp.rank(number bigint, salt bigint, places integer) returns integer
    language sql immutable strict parallel safe
    return least(places, floor(3 * power((places + 3) / 3.0::double precision, pg_temp.share(number, salt)))::integer - 2);

create function pg_temp.often(number bigint, salt bigint, words text[]) returns text
    language sql immutable strict parallel safe
    return words[pg_temp.rank(number, salt, cardinality(words))];

create function pg_temp.any_of(number bigint, salt bigint, words text[]) returns text
    language sql immutable strict parallel safe
    return words[1 + pg_temp.below(number, salt, cardinality(words))];

-- A word that nobody used before, such as projects like to be called: one of 36,000 or so, always the same for a number.
create function pg_temp.coined(number bigint) returns text
    language sql immutable strict parallel safe
    return pg_temp.any_of(
            number, 901,
            '{ab,al,an,ar,bal,bel,bor,cal,cor,dal,del,dor,el,fal,fen,gal,gor,hal,hel,il,jar,kal,kel,kor,lam,lor,mar,mel,'
            'mor,nal,nor,or,pel,quil,ral,sal,sel,tal,tor,ul,val,vel,wil,xan,yar,zel}'::text[]
        )
        || pg_temp.any_of(
            number, 902,
            '{a,ba,be,ca,da,de,di,du,fa,fi,ga,ge,i,ka,ki,la,li,lo,ma,mi,mo,na,ni,no,o,pa,pi,ra,ri,ro,sa,si,ta,ti,to,u,va,'
            'vi,za}'::text[]
        )
        || pg_temp.any_of(
            number, 903,
            '{bit,dex,don,fex,gon,gres,jin,kit,lex,lis,lon,lux,max,mis,mon,nex,nis,non,pex,ra,rex,rix,ron,ry,sis,son,tis,'
            'ton,tra,tron,va,vex,vis,vo,xis,zen,zo}'::text[]
        );

-- Words ------------------------------------------------------------------------------------------------------------------------

-- What packages of a category are about: the frequent words first.
create temporary table topics (
    topic smallint primary key,
    slug text not null,
    nouns text[] not null,
    phrases text[] not null
) on commit drop;

insert into topics (topic, slug, nouns, phrases)
select c.position, c.slug, string_to_array(w.nouns, ' '), string_to_array(w.phrases, ', ')
from (
    values
        ('analytics',
            'aggregate series histogram rollup percentile sketch window bucket cube trend cardinality quantile dashboard '
            'forecast cohort funnel median warehouse measure dimension pivot interval sampling regression outlier '
            'correlation variance interpolation downsampling hypertable hyperloglog tdigest seasonality gapfill smoothing '
            'anomaly moment deviation benchmark breakdown',
            'time series, moving average, data warehouse, approximate count, top n, continuous aggregate, star schema, olap'),
        ('auditing_logging',
            'audit log trail history journal statement actor session event evidence syslog revision compliance login '
            'signature tamper retention record provenance accountability ledger notary custody inspection forensics trace '
            'witness timestamp changelog attestation redaction logfile rotation severity format',
            'audit trail, row history, log rotation, temporal tables, structured logs, who did what, gdpr'),
        ('change_data_capture',
            'replication slot stream decoding publication subscription changefeed outbox kafka wal capture topic snapshot '
            'lag offset sink debezium avro protobuf consumer producer checkpoint tombstone backfill relay mirror fanout '
            'resync ordering delivery envelope watermark bus broker',
            'logical decoding, change feed, outbox pattern, exactly once, event sourcing, logical replication'),
        ('connectors',
            'wrapper foreign bridge mysql oracle mongodb redis csv parquet http s3 sqlite elasticsearch clickhouse '
            'snowflake ldap ftp graphql rest odbc jdbc excel arrow iceberg kafka cassandra bigquery duckdb prometheus '
            'webhook smtp imap socket endpoint pushdown credential bucket spreadsheet gateway proxy',
            'foreign data wrapper, object storage, remote tables, data lake, http client, file import, web service'),
        ('data_transformations',
            'type json array uuid range string geometry hash currency unit date calendar phone address email raster '
            'polygon projection domain enum tree path xml yaml slug color temperature isbn iban coordinate geohash tile '
            'elevation timezone duration money fraction matrix vector bitmap semver checksum barcode encoding unicode '
            'roman fiscal holiday',
            'data type, unit conversion, geographic data, spatial index, phone numbers, date arithmetic, json schema, '
            'coordinate system'),
        ('debugging',
            'inspector page tuple lock debugger backtrace tracer buffer corruption deadlock visibility dump breakpoint '
            'stack assertion coverage profiler probe injection fault symptom repair salvage checksum xid toast freeze '
            'catalog bytecode heap memory leak crash core regression',
            'page inspection, memory leak, step debugger, fault injection, damaged table, wait events'),
        ('index_table_optimizations',
            'index partition bloat compression vacuum columnar bitmap btree bloom tablespace cluster repack storage '
            'trigram heap page fillfactor archive rebuild tiering ordering dictionary deduplication prefix suffix rtree '
            'zonemap covering hotness retention reindex shrink encoding segment chunk sharding cache prewarm',
            'bloat removal, table partitioning, column store, online rebuild, index advisor, cold storage, access method'),
        ('machine_learning',
            'vector embedding model similarity neighbor classifier prediction tensor training inference feature neural '
            'clustering regression language transformer quantization recommendation ranking distance centroid gradient '
            'token prompt chunk completion rerank onnx xgboost kmeans perceptron sentiment label ensemble bayes entropy',
            'vector search, nearest neighbor, language model, retrieval augmented generation, feature store, semantic search'),
        ('metrics',
            'counter gauge exporter statistics latency throughput histogram usage load memory cpu disk network quota '
            'utilization scrape prometheus collector sampler rate percentile capacity saturation budget energy cost meter '
            'uptime heartbeat resource footprint consumption baseline',
            'prometheus exporter, resource usage, query statistics, service level, disk space'),
        ('monitoring',
            'activity query wait alert health lag lock session statement slow threshold dashboard connection watchdog '
            'probe blocking notification checkpoint bloat top snapshot progress report profile incident autovacuum pool '
            'status replica history sentinel anomaly pager escalation timeline overview saturation',
            'slow queries, wait events, health check, replication lag, lock monitoring, top queries, alerting'),
        ('orchestration',
            'queue job scheduler cron worker workflow task cluster failover retry message pipeline lease backup election '
            'shard coordinator pause priority timer trigger batch saga state dispatcher cancellation deadline throttle '
            'dependency rollout rebalancing quorum membership broadcast semaphore barrier',
            'job queue, message queue, background worker, cron jobs, high availability, state machine, delayed jobs'),
        ('procedural_languages',
            'python javascript rust lua perl function procedure trigger runtime sandbox wasm java ruby tcl r scheme '
            'interpreter compiler macro closure typescript golang kotlin julia prolog forth lisp haskell dotnet php '
            'erlang bytecode module import debugger linter',
            'stored procedures, procedural language, untrusted language, trusted language, user defined functions'),
        ('query_optimizations',
            'plan hint planner statistics join cache estimate rewrite parallel cost explain selectivity optimizer '
            'cardinality prefetch materialization memoization subquery pushdown pruning advisor baseline regression '
            'outline tuning genetic sort hashing inlining parameter prepared adaptive feedback histogram',
            'query plan, query hints, plan stability, result cache, materialized view, join order, extended statistics'),
        ('search',
            'text trigram dictionary fuzzy ranking stemmer similarity tokenizer synonym phrase document language '
            'autocomplete highlight facet relevance thesaurus spelling phonetic snippet ngram levenshtein soundex corpus '
            'lemma stopword transliteration typo prefix keyword boolean proximity suggestion bm25 chinese japanese arabic',
            'full text search, fuzzy search, spell checking, search engine, text similarity, autocomplete, word stems'),
        ('security',
            'password encryption role policy key token masking hash secret certificate permission authentication vault '
            'anonymization signature cipher firewall login tenant privilege rotation kerberos oauth jwt ldap bcrypt '
            'argon2 salt lockout injection grant sandbox nonce keyring escrow redaction consent pseudonym tls',
            'row level security, data masking, password policy, encryption at rest, access control, single sign on, '
            'sql injection'),
        ('tooling_admin',
            'schema migration backup catalog role database configuration dump version owner template diff lint test '
            'restore comment naming template tablespace sequence grant upgrade cleanup inventory wizard shell console '
            'generator documentation fixture seed clone rename dependency ddl installer bootstrap reload housekeeping',
            'schema migration, unit tests, schema diff, database documentation, test data, bulk rename, everyday helpers')
) as w (slug, nouns, phrases)
join categories as c using (slug);

-- Categories, the popular ones first.
create temporary table popularity on commit drop as
select array_agg(t.topic order by p.place) as topics
from unnest(
    '{data_transformations,tooling_admin,monitoring,index_table_optimizations,connectors,analytics,search,security,'
    'query_optimizations,orchestration,machine_learning,metrics,procedural_languages,change_data_capture,auditing_logging,'
    'debugging}'::text[]
) with ordinality as p (slug, place)
join topics as t using (slug);

-- Words and patterns of sentences, again the frequent ones first. In the patterns: 1 a verb, 2 an adjective, 3 and 4 words of the
-- category, 5 and 6 words of everywhere, 7 a coined word, 8 another verb, 9 a word of another category.
create temporary table vocabulary on commit drop as
select
    string_to_array(
        'stores reads indexes shows finds converts keeps tracks computes checks measures collects generates compares '
        'imports exports compresses encrypts validates schedules groups counts filters merges splits samples ranks caches '
        'replays watches records estimates parses formats normalizes rewrites partitions aligns detects prevents limits '
        'balances moves copies restores anonymizes masks signs verifies publishes routes queues archives prunes rebuilds '
        'rotates maps classifies predicts embeds translates highlights completes corrects visualizes profiles simulates '
        'audits explains transposes summarizes deduplicates',
        ' '
    ) as verbs,
    string_to_array(
        'fast simple incremental large small safe automatic custom missing external native additional approximate exact '
        'temporal spatial structured nested hierarchical parallel distributed lightweight configurable transparent '
        'persistent concurrent readable random unused slow old recent frequent invalid duplicate encrypted compressed '
        'compact sparse dense immutable versioned typed generic portable asynchronous periodic continuous adaptive '
        'bounded weighted fuzzy multilingual geographic numeric binary hidden virtual ephemeral durable consistent '
        'idempotent reversible composable declarative opinionated experimental minimal complete precise lossy '
        'probabilistic deterministic stateless isolated shared federated replicated seasonal fiscal scientific financial '
        'medical astronomical genomic chemical linguistic musical nautical industrial',
        ' '
    ) as adjectives,
    string_to_array(
        'tables rows queries data columns values indexes functions databases servers schemas transactions users '
        'applications records numbers documents keys operators views triggers files text dates sessions connections '
        'reports objects constraints names events clients results roles statements pages partitions messages sequences '
        'services devices customers orders invoices sensors vehicles patients students articles images maps networks '
        'accounts payments tickets products locations languages experiments tournaments recipes satellites weather '
        'genomes molecules telescopes elections timetables auctions libraries museums greenhouses shipments turbines '
        'orchestras',
        ' '
    ) as everywhere,
    array[
        '%1$s %2$s %3$s %4$s for %5$s',
        '%1$s %3$s from %7$s into %2$s %5$s',
        '%1$s %5$s by %3$s and %4$s',
        'Functions and operators for %2$s %3$s, with %9$s for %5$s',
        '%1$s the %3$s of %5$s and %8$s their %4$s',
        'A %2$s %3$s that %8$s %5$s as they change',
        'A %3$s for %5$s that keeps %2$s %4$s out of the way',
        '%1$s which %5$s have a %2$s %3$s, and %8$s the rest',
        '%2$s %3$s and %4$s in plain SQL, without leaving the database',
        'Brings the %3$s of %7$s to %5$s and %6$s',
        '%1$s %5$s before a %3$s becomes %2$s, and says why',
        'A data type for %2$s %3$s, with %4$s and %9$s support',
        'Background worker that %8$s %2$s %3$s for %5$s and %6$s',
        '%1$s %5$s with %7$s, a %2$s way to a %3$s',
        'Helpers around %3$s and %4$s for those who look after %2$s %5$s',
        'What %7$s is for %6$s: %2$s %3$s with a %4$s'
    ] as sentences,
    array[
        '%3$s and %4$s functions',
        'data type for %2$s %3$s',
        '%1$s %5$s and %6$s by %3$s',
        '%3$s support for %5$s',
        '%2$s %3$s for PostgreSQL, after %7$s',
        'utilities for %3$s, %4$s and %9$s',
        'provides %2$s %4$s to %6$s',
        'access method and operators for %3$s %4$s'
    ] as comments;

-- Packages ---------------------------------------------------------------------------------------------------------------------

select
    (select coalesce(max(principal_id), 0) from principals) as last_principal,
    (select coalesce(max(package_id), 0) from packages) as last_package,
    (select coalesce(max(release_id), 0) from releases) as last_release,
    (select coalesce(max(artifact_id), 0) from artifacts) as last_artifact,
    (select principal_id from principals where kind = 'system') as system,
    50 + :packages / 6 as people,
    :'today'::date::timestamp at time zone 'UTC' as today
\gset

insert into principals (principal_id, kind, handle, created_at)
overriding system value
select
    :last_principal + number,
    case when number % 12 = 0 then 'organisation' else 'account' end,
    pg_temp.coined(number) || :last_principal + number,
    :'today'::timestamptz - interval '4 years' + pg_temp.share(number, 1) * interval '300 days'
from generate_series(1, :people) as number;

insert into organisation_members (organisation_id, member_id, role, created_at)
select p.principal_id, p.principal_id - member, case member when 1 then 'owner' else 'member' end, p.created_at
from principals as p
cross join generate_series(1, 3) as member
where p.principal_id > :last_principal
    and p.kind = 'organisation';

insert into accounts (principal_id, email, created_at, email_verified_at)
select principal_id, handle || '@example.org', created_at, created_at
from principals
where principal_id > :last_principal
    and kind = 'account';

insert into organisations (principal_id, created_at)
select principal_id, created_at
from principals
where principal_id > :last_principal
    and kind = 'organisation';

-- Everything that is decided by a package's number alone.
create temporary table drafts on commit drop as
select
    number,
    chosen.topic,
    popularity.share as popularity,
    kind.is_module,
    origin.is_import,
    -- How far its binaries reach. A module always has a library, and an import always has a binary.
    case
        when popularity.share < 0.02 then 'everywhere'
        when popularity.share < 0.15 then 'several'
        when popularity.share < 0.60 then 'one'
        when popularity.share < 0.85 then case when kind.is_module then 'one' else 'sql' end
        else case when origin.is_import then 'one' else 'source' end
    end as reach,
    case
        when number = 42 then 500
        when origin.is_import then 1
        when number % 1000 = 17 then 60
        else (array[1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6])[1 + pg_temp.below(number, 14, 20)]
    end as releases,
    case
        when origin.is_import or pg_temp.share(number, 15) < 0.05 then null
        -- Of those who are there by then, so that a larger catalogue begins with a smaller one.
        else :last_principal + pg_temp.rank(number, 16, 50 + number::integer / 6)
    end as owner,
    :'today'::timestamptz - interval '3 years' * (1 - number / 100000.0 % 1) - pg_temp.share(number, 17) * interval '20 hours'
        as created_at,
    case when pg_temp.share(number, 18) > 0.02 then words.sentence end as summary,
    case when pg_temp.share(number, 19) > 0.05 then words.comment end as comment,
    words.nouns,
    words.name
from generate_series(1, :packages) as number
cross join vocabulary as v
cross join popularity as popular
cross join lateral (
    select
        popular.topics[pg_temp.rank(number, 10, cardinality(popular.topics))] as topic,
        popular.topics[pg_temp.rank(number, 11, cardinality(popular.topics))] as other
) as chosen
join topics as t on t.topic = chosen.topic
join topics as other on other.topic = chosen.other
cross join lateral (select pg_temp.share(number, 12) as share) as popularity
cross join lateral (select pg_temp.share(number, 13) >= 0.9 as is_module) as kind
cross join lateral (select pg_temp.share(number, 20) < 0.1 and number <> 42 as is_import) as origin
cross join lateral (
    select
        t.nouns[first.place] as noun,
        -- Never the first one again.
        t.nouns[1 + (first.place - 1 + pg_temp.rank(number, 31, cardinality(t.nouns) - 1)) % cardinality(t.nouns)] as second_noun,
        t.nouns[1 + (first.place + pg_temp.below(number, 32, cardinality(t.nouns) - 1)) % cardinality(t.nouns)] as third_noun,
        pg_temp.often(number, 33, other.nouns) as other_noun,
        pg_temp.often(number, 34, v.everywhere) as everywhere,
        pg_temp.often(number, 35, v.everywhere) as second_everywhere,
        pg_temp.often(number, 36, v.verbs) as verb,
        pg_temp.often(number, 37, v.verbs) as second_verb,
        pg_temp.often(number, 38, v.adjectives) as adjective,
        pg_temp.often(number, 39, v.adjectives) as second_adjective,
        pg_temp.coined(pg_temp.rank(number, 40, 20000)) as example,
        pg_temp.coined(number) as coined
    from (select pg_temp.rank(number, 30, cardinality(t.nouns)) as place) as first
) as word
cross join lateral (
    select
        array[word.noun, word.second_noun, word.third_noun, word.other_noun] as nouns,
        upper(left(said.sentence, 1)) || substr(said.sentence, 2) as sentence,
        format(
            pg_temp.any_of(number, 51, v.comments),
            word.second_verb, word.second_adjective, word.noun, word.third_noun, word.everywhere, word.second_everywhere,
            initcap(word.coined), word.verb, word.other_noun
        ) as comment,
        case
            when number % 1500 = 9 then chr(97 + pg_temp.below(number, 53, 26)) || chr(97 + pg_temp.below(number, 54, 26))
                || case when number / 1500 % 2 = 1 then chr(97 + pg_temp.below(number, 55, 26)) else '' end
            -- Cut to the longest that a name may be.
            when number % 2000 = 63 then format(
                '%s_%s_%s_for_%s_and_other_%s_of_the_whole_organisation',
                word.noun, word.coined, word.third_noun, word.everywhere, word.second_everywhere
            )
            else format(
                pg_temp.often(number, 52, array[
                    'pg_%1$s_%2$s', '%3$s_%1$s', 'pg_%3$s', 'pg_%1$s_%3$s', '%1$s_%4$s', 'pg%3$s', '%1$s-%3$s', '%3$s',
                    '%4$s_%1$s_%2$s', 'postgresql-%1$s-%3$s', 'pg%5$s', 'pg_%6$s_%1$s', '%6$s-%1$s', 'pgx_%3$s',
                    '%1$s_by_%3$s', 'plpg-%3$s', '%1$s_%7$s'
                ]),
                word.noun, word.second_noun, word.coined, word.third_noun, initcap(word.noun) || initcap(word.coined),
                word.adjective, word.everywhere
            )
        end as name
    from (
        select regexp_replace(
            format(
                pg_temp.often(number, 50, v.sentences),
                word.verb, word.adjective, word.noun, word.second_noun, word.everywhere, word.second_everywhere,
                initcap(word.example), word.second_verb, word.other_noun
            ),
            '\m([Aa]) (?=[aeio])', '\1n ', 'g'
        ) as sentence
    ) as said
) as words;

-- Who comes later and finds a name taken adds a word to it, and a number if that is taken too. No name ends with a number so far,
-- so that the numbers make them unique.
create temporary table synthetic_packages on commit drop as
with
    cut as (
        select d.*, left(d.name, 63) as tried
        from drafts as d
    ),
    longer as (
        select
            cut.*,
            case
                when row_number() over (partition by fold_name(cut.tried) order by cut.number) = 1
                    and not exists (select from packages as p where p.name_folded = fold_name(cut.tried))
                    and not exists (select from extension_names as e where e.name_folded = fold_name(cut.tried))
                then cut.tried
                else left(cut.tried, 50) || '_' || pg_temp.coined(cut.number + 1000000000)
            end as tried_again
        from cut
    ),
    numbered as (
        select longer.*, row_number() over (partition by fold_name(longer.tried_again) order by longer.number) as place
        from longer
    )
select
    :last_package + numbered.number as package_id,
    numbered.number,
    numbered.topic,
    numbered.popularity,
    numbered.is_module,
    numbered.is_import,
    numbered.reach,
    numbered.releases,
    numbered.owner,
    numbered.created_at,
    numbered.summary,
    numbered.comment,
    numbered.nouns,
    final.name,
    case
        when numbered.owner is null or numbered.number % 7 = 0 then 'localhost/' || final.name
        when numbered.number % 5 = 0 then 'gitlab.com/' || owner.handle || '/' || final.name
        else 'github.com/' || owner.handle || '/' || final.name
    end as full_name,
    replace(lower(final.name), '-', '_') as library
from numbered
cross join lateral (
    select numbered.tried_again || case when numbered.place > 1 then '_' || numbered.place else '' end as name
) as final
left join principals as owner on owner.principal_id = numbered.owner;

create unique index on synthetic_packages (number);
analyze synthetic_packages;

-- Versions: each release raises one of the three numbers of the one before it. Only the first of several releases, and later ones
-- now and then, are pre-releases, so that the last release is the current one.
create temporary table synthetic_releases on commit drop as
with
    raised as (
        select
            p.number,
            p.package_id,
            p.releases,
            p.created_at,
            place,
            p.number * 1000 + place as seed,
            case
                when place = 1 then 'first'
                when pg_temp.share(p.number * 1000 + place, 60) < 0.08 then 'major'
                when pg_temp.share(p.number * 1000 + place, 60) < 0.45 then 'minor'
                else 'patch'
            end as part
        from synthetic_packages as p
        cross join generate_series(1, p.releases) as place
    ),
    majors as (
        select
            r.*,
            pg_temp.below(r.number, 61, 2)
                + count(*) filter (where r.part = 'major') over (partition by r.number order by r.place) as major
        from raised as r
    ),
    minors as (
        select
            m.*,
            case when m.major = 0 then 1 else 0 end
                + count(*) filter (where m.part = 'minor') over (partition by m.number, m.major order by m.place) as minor
        from majors as m
    ),
    patches as (
        select
            m.*,
            count(*) filter (where m.part = 'patch') over (partition by m.number, m.major, m.minor order by m.place) as patch
        from minors as m
    ),
    named as (
        select
            p.*,
            p.place < p.releases and pg_temp.share(p.seed, 62) < 0.06 or p.releases = 1 and p.number % 50 = 3 as is_prerelease,
            pg_temp.any_of(p.seed, 63, '{rc,beta,alpha}') as stage,
            1 + pg_temp.below(p.seed, 64, 12) as attempt
        from patches as p
    )
select
    :last_release + row_number() over (order by n.number, n.place) as release_id,
    n.package_id,
    n.number,
    n.place,
    n.place = n.releases as is_newest,
    n.seed,
    n.is_prerelease,
    concat_ws('.', n.major, n.minor, n.patch)
        || case when n.is_prerelease then '-' || n.stage || '.' || n.attempt else '' end as version,
    -- As `Version::sort_key` writes it.
    concat_ws(
        '.',
        to_char(length(n.major::text), 'FM00') || n.major,
        to_char(length(n.minor::text), 'FM00') || n.minor,
        to_char(length(n.patch::text), 'FM00') || n.patch
    )
        || case
            when n.is_prerelease then '!1' || n.stage || '!0' || to_char(length(n.attempt::text), 'FM000') || n.attempt
            else '~'
        end as version_key,
    n.created_at + (:'today'::timestamptz - n.created_at) * ((n.place - 1) / n.releases::double precision) as published_at
from named as n;

create unique index on synthetic_releases (number, place);
analyze synthetic_releases;

insert into packages
    (package_id, full_name, name, is_default, kind, visibility, origin, is_orphaned, summary, created_at, updated_at)
overriding system value
select
    p.package_id,
    p.full_name,
    p.name,
    true,
    case when p.is_module then 'module' else 'extension' end,
    'public',
    case when p.is_import then 'import' else 'upload' end,
    p.owner is null,
    p.summary,
    p.created_at,
    r.published_at
from synthetic_packages as p
join synthetic_releases as r on r.number = p.number and r.is_newest
order by p.package_id;

insert into package_owners (package_id, principal_id, role, created_at)
select p.package_id, p.owner, 'owner', p.created_at
from synthetic_packages as p
where p.owner is not null
union all
select p.package_id, :last_principal + pg_temp.rank(p.number, 70, 50 + p.number::integer / 6), 'maintainer', p.created_at
from synthetic_packages as p
where p.owner is not null
    and pg_temp.share(p.number, 71) < 0.1
    and p.owner <> :last_principal + pg_temp.rank(p.number, 70, 50 + p.number::integer / 6);

-- None, one, two or three of them. What the package is about comes first; what was drawn twice counts once.
insert into package_categories (package_id, slug, position)
select drawn.package_id, t.slug, row_number() over (partition by drawn.package_id order by drawn.place)
from (
    select p.package_id, chosen.topic, min(place) as place
    from synthetic_packages as p
    cross join popularity as popular
    cross join generate_series(1, (array[0, 1, 1, 1, 1, 1, 2, 2, 2, 3])[1 + pg_temp.below(p.number, 72, 10)]) as place
    cross join lateral (
        select case place
            when 1 then p.topic
            else popular.topics[pg_temp.rank(p.number, 72 + place, cardinality(popular.topics))]
        end as topic
    ) as chosen
    group by p.package_id, chosen.topic
) as drawn
join topics as t using (topic);

create temporary table synthetic_tags on commit drop as
select distinct
    p.package_id,
    case
        when place % 3 = 2 then pg_temp.often(p.number, 80 + place, t.phrases)
        when place % 3 = 0 then pg_temp.any_of(p.number, 80 + place, t.nouns)
        when place = 4 then pg_temp.coined(pg_temp.rank(p.number, 84, 3000))
        else pg_temp.often(p.number, 80 + place, t.nouns)
    end as tag
from synthetic_packages as p
join topics as t using (topic)
cross join generate_series(1, pg_temp.below(p.number, 80, 7)) as place;

insert into tags (tag)
select distinct tag
from synthetic_tags
order by tag
on conflict do nothing;

insert into package_tags (package_id, tag)
select package_id, tag
from synthetic_tags
order by package_id;

insert into package_links (package_id, kind, url)
select p.package_id, link.kind, link.url
from synthetic_packages as p
cross join lateral (
    values
        (0.85, 'repository', 'https://' || p.full_name),
        (0.50, 'issues', 'https://' || p.full_name || '/issues'),
        (0.40, 'documentation', 'https://' || p.library || '.example.org/documentation/'),
        (0.25, 'homepage', 'https://' || p.library || '.example.org/'),
        (0.05, 'support', 'https://' || p.library || '.example.org/support')
) as link (probability, kind, url)
where p.owner is not null
    and p.full_name not like 'localhost/%'
    and pg_temp.share(p.number, 90 + length(link.kind)) < link.probability;

-- Releases ---------------------------------------------------------------------------------------------------------------------

insert into releases (
    release_id, package_id, version, version_key, is_prerelease, state, state_reason, state_changed_at, licence, published_by,
    published_at
)
overriding system value
select
    r.release_id,
    r.package_id,
    r.version,
    r.version_key,
    r.is_prerelease,
    state.state,
    case when state.state <> 'active' then 'It lost rows when it was upgraded' end,
    case when state.state <> 'active' then r.published_at + interval '2 days' end,
    pg_temp.often(
        r.number, 100,
        '{PostgreSQL,MIT,Apache-2.0,BSD-2-Clause,BSD-3-Clause,GPL-2.0-or-later,GPL-3.0-or-later,AGPL-3.0-only,MPL-2.0,ISC}'
    ),
    coalesce(p.owner, :system),
    r.published_at
from synthetic_releases as r
join synthetic_packages as p using (number)
cross join lateral (
    select case
        when r.is_newest or pg_temp.share(r.seed, 101) >= 0.015 then 'active'
        when pg_temp.share(r.seed, 102) < 0.8 then 'yanked'
        when pg_temp.share(r.seed, 102) < 0.9 then 'quarantined'
        else 'deleted'
    end as state
) as state
order by r.release_id;

-- The extensions of each package; one in twenty has two or three. The added words are in no vocabulary, so these names are free.
create temporary table synthetic_extensions on commit drop as
select p.number, p.package_id, place, p.name || coalesce('_' || (array['companion', 'leftovers'])[place - 1], '') as name
from synthetic_packages as p
cross join generate_series(
    1,
    case when length(p.name) > 50 then 1 when p.number % 20 = 5 then 2 when p.number % 500 = 6 then 3 else 1 end
) as place
where not p.is_module;

create unique index on synthetic_extensions (number, place);
analyze synthetic_extensions;

insert into extension_names (name_folded, name, default_package_id)
select fold_name(name), name, package_id
from synthetic_extensions
order by package_id;

insert into extension_providers (name_folded, package_id)
select fold_name(name), package_id
from synthetic_extensions
order by package_id;

-- Every fifth package needs extensions of packages that were there before, mostly of the oldest; one needs forty.
create temporary table requirements on commit drop as
select needs.number, array_agg(distinct e.name order by e.name) as requires
from (
    select p.number, pg_temp.rank(p.number, 110 + place, p.number::integer - 1)::bigint as needed
    from synthetic_packages as p
    cross join generate_series(1, 1 + pg_temp.below(p.number, 110, 3)) as place
    where p.number > 1
        and p.number <> 99
        and pg_temp.share(p.number, 109) < 0.2
    union all
    (
        select 99, number
        from synthetic_extensions
        where number < 99
            and place = 1
        order by number
        limit 40
    )
) as needs
join synthetic_extensions as e on e.number = needs.needed and e.place = 1
group by needs.number;

create unique index on requirements (number);
analyze requirements;

insert into extensions
    (release_id, name, version, comment, requires, is_trusted, needs_superuser, is_relocatable, schema)
select
    r.release_id,
    e.name,
    r.version,
    case e.place when 1 then p.comment else 'more for ' || p.comment end,
    case e.place when 1 then coalesce(needed.requires, '{}') else array[p.name] end,
    pg_temp.share(e.number, 120) < 0.25,
    pg_temp.share(e.number, 120) < 0.8,
    pg_temp.share(e.number, 121) < 0.7,
    case when pg_temp.share(e.number, 121) > 0.95 then p.library end
from synthetic_releases as r
join synthetic_packages as p using (number)
join synthetic_extensions as e using (number)
left join requirements as needed using (number)
order by r.release_id, e.place;

insert into modules
    (release_id, library, load_kind, load_source, without_preload, restart_on_install, restart_on_upgrade, usage)
select
    r.release_id,
    p.library,
    load.kind,
    pg_temp.often(p.number, 130, '{inferred,declared,tested}'),
    case load.kind when 'shared-preload-optional' then 'Counts begin anew with each connection' end,
    case when load.kind <> 'unknown' then load.kind = 'shared-preload-required' end,
    case when load.kind <> 'unknown' then load.kind like 'shared-preload-%' end,
    case load.kind
        when 'shared-preload-required' then array[format('shared_preload_libraries = %L', p.library)]
        when 'session-preload' then array[format('session_preload_libraries = %L', p.library)]
        when 'archive-module' then array[format('archive_library = %L', p.library)]
        else '{}'
    end
from synthetic_releases as r
join synthetic_packages as p using (number)
cross join lateral (
    select case
        when p.is_module then pg_temp.often(
            p.number, 131, '{shared-preload-required,output-plugin,session-preload,unknown,archive-module}'
        )
        when pg_temp.share(p.number, 132) < 0.68 then 'on-demand'
        else pg_temp.often(p.number, 133, '{shared-preload-required,shared-preload-optional,unknown,session-preload}')
    end as kind
) as load
where p.reach <> 'sql'
order by r.release_id;

-- Artifacts --------------------------------------------------------------------------------------------------------------------

create temporary table platforms (
    place integer primary key,
    os text not null,
    os_version text,
    arch text not null,
    libc text not null
) on commit drop;

insert into platforms (place, os, os_version, arch, libc)
values
    (0, 'debian', '12', 'x86_64', 'gnu'),
    (1, 'ubuntu', '24.04', 'x86_64', 'gnu'),
    (2, 'debian', '12', 'aarch64', 'gnu'),
    (3, 'rhel', '9', 'x86_64', 'gnu'),
    (4, 'debian', '13', 'x86_64', 'gnu'),
    (5, 'alpine', '3.22', 'x86_64', 'musl'),
    (6, 'ubuntu', '22.04', 'aarch64', 'gnu'),
    (7, 'linux', null, 'x86_64', 'gnu');

-- The source of each release that somebody uploaded; of the newest release also the binaries, for as many majors and platforms as
-- the package reaches.
create temporary table synthetic_artifacts on commit drop as
with
    reached as (
        select
            p.number,
            p.reach,
            case
                when p.reach = 'everywhere' then 18
                when p.reach = 'several' then 18 - pg_temp.rank(p.number, 140, 3) + 1
                else 18 - pg_temp.rank(p.number, 140, 5) + 1
            end as last_major,
            case p.reach
                when 'everywhere' then 6
                when 'several' then 2 + pg_temp.below(p.number, 141, 3)
                when 'one' then 1 + pg_temp.below(p.number, 141, 2)
                else 1 + pg_temp.below(p.number, 141, 3)
            end as majors,
            case p.reach when 'everywhere' then 0 else pg_temp.rank(p.number, 142, 8) - 1 end as first_platform,
            case p.reach
                when 'everywhere' then 3 + pg_temp.below(p.number, 143, 3)
                when 'several' then 1 + pg_temp.below(p.number, 143, 3)
                else 1
            end as platforms
        from synthetic_packages as p
        where p.reach <> 'source'
    ),
    binaries as (
        select
            r.number,
            -- One in ten that is nothing but SQL is for any major.
            case when r.reach <> 'sql' or r.number % 10 > 0 then major end as postgres_major,
            f.os,
            f.os_version,
            f.arch,
            f.libc
        from reached as r
        cross join lateral generate_series(greatest(13, r.last_major - r.majors + 1), r.last_major) as major
        cross join generate_series(0, r.platforms - 1) as step
        left join platforms as f on r.reach <> 'sql' and f.place = (r.first_platform + step) % 8
        where (r.reach <> 'sql' or r.number % 10 > 0 or major = r.last_major)
    )
select a.*, sha256(convert_to('object ' || a.artifact_id, 'UTF8')) as sha256
from (
    select
        :last_artifact + row_number() over (order by a.release_id, a.kind desc, a.postgres_major, a.os, a.os_version, a.arch)
            as artifact_id,
        a.*
    from (
        select
            r.release_id,
            r.number,
            r.is_newest,
            'source' as kind,
            null::smallint as postgres_major,
            null as os,
            null as os_version,
            null as arch,
            null as libc
        from synthetic_releases as r
        join synthetic_packages as p using (number)
        where not p.is_import
        union all
        select r.release_id, r.number, true, 'binary', b.postgres_major::smallint, b.os, b.os_version, b.arch, b.libc
        from binaries as b
        join synthetic_releases as r on r.number = b.number and r.is_newest
    ) as a
) as a;

create unique index on synthetic_artifacts (artifact_id);
analyze synthetic_artifacts;

-- In the order of their digests, so that the indexes grow at their ends.
insert into objects (sha256, size_bytes, state, created_at)
select a.sha256, (2000 * exp(7 * pg_temp.share(a.artifact_id, 150)))::bigint, 'stored', r.published_at
from synthetic_artifacts as a
join synthetic_releases as r using (release_id)
order by a.sha256;

insert into artifacts (
    artifact_id, release_id, kind, postgres_major, os, os_version, arch, libc, build, origin, file_name, sha256,
    postgres_version, distribution_package, distribution_version, published_by, published_at
)
overriding system value
select
    a.artifact_id,
    a.release_id,
    a.kind,
    a.postgres_major,
    a.os,
    a.os_version,
    a.arch,
    a.libc,
    1,
    case when p.is_import then 'import' else 'upload' end,
    p.name || '-' || r.version
        || case a.kind
            when 'source' then ''
            else coalesce('-pg' || a.postgres_major, '')
                || '-' || coalesce(a.os || '-' || coalesce(a.os_version, 'any') || '-' || a.arch || '-' || a.libc, 'any')
        end
        || '.tar.gz',
    a.sha256,
    case when p.is_import then a.postgres_major || '.1' end,
    case when p.is_import and a.os = 'debian' then 'postgresql-' || a.postgres_major || '-' || replace(p.library, '_', '-') end,
    case when p.is_import and a.os = 'debian' then r.version || '-1.pgdg' || a.os_version || '+1' end,
    coalesce(p.owner, :system),
    r.published_at
from synthetic_artifacts as a
join synthetic_releases as r using (release_id)
join synthetic_packages as p on p.number = a.number
order by a.artifact_id;

-- What lies in the archives of the newest releases; those of older ones stay unknown, to keep this small.
insert into artifact_files (artifact_id, path, kind, size_bytes, sha256)
select
    a.artifact_id,
    file.path,
    file.kind,
    100 + pg_temp.below(a.artifact_id, 160 + length(file.kind), 90000),
    sha256(a.sha256 || convert_to(file.kind, 'UTF8'))
from synthetic_artifacts as a
join synthetic_releases as r using (release_id)
join synthetic_packages as p on p.number = a.number
cross join lateral (
    values
        (not p.is_module, 'extension/' || p.name || '.control', 'control-file'),
        (not p.is_module, 'extension/' || p.name || '--' || r.version || '.sql', 'sql-file'),
        (a.kind = 'binary' and p.reach <> 'sql', p.library || '.so', 'shared-object'),
        (a.kind = 'source' and p.is_module, 'Makefile', 'extra'),
        (p.is_module or p.reach = 'everywhere', 'licenses/copyright', 'license-file')
) as file (is_there, path, kind)
where a.is_newest
    and file.is_there
order by a.artifact_id;

insert into artifact_libraries (artifact_id, path, arch, libc, glibc_version, needed)
select
    a.artifact_id,
    p.library || '.so',
    a.arch,
    a.libc,
    case a.libc when 'gnu' then pg_temp.often(a.artifact_id, 170, '{2.14,2.34,2.17,2.4,2.2.5}') end,
    array_remove(
        case a.libc when 'gnu' then array['libc.so.6'] else array['libc.musl-x86_64.so.1'] end
            || (array['libssl.so.3', 'libcurl.so.4', 'libproj.so.25', 'libstdc++.so.6'])[pg_temp.rank(p.number, 171, 20)],
        null
    )
from synthetic_artifacts as a
join synthetic_packages as p on p.number = a.number
where a.is_newest
    and a.kind = 'binary'
    and p.reach <> 'sql'
order by a.artifact_id;

-- Of the last thirty days: few packages are fetched daily, some now and then, most never.
insert into downloads (day, artifact_id, count)
select
    (:'today'::timestamptz at time zone 'UTC')::date - day,
    a.artifact_id,
    ceil(exp(8 * pow(pg_temp.share(a.artifact_id, 180), 3)) / (1 + 40 * p.popularity))
from synthetic_artifacts as a
join synthetic_packages as p on p.number = a.number
cross join generate_series(0, 29) as day
where a.is_newest
    and p.popularity < 0.15
    and pg_temp.share(a.artifact_id * 30 + day, 181)
        < case when p.popularity < 0.01 then 0.1 when p.popularity < 0.05 then 0.02 else 0.005 end;

-- Before the events: what is appended to the log comes last.
select
    setval(pg_get_serial_sequence('principals', 'principal_id'), (select max(principal_id) from principals)) is null,
    setval(pg_get_serial_sequence('packages', 'package_id'), (select max(package_id) from packages)) is null,
    setval(pg_get_serial_sequence('releases', 'release_id'), (select max(release_id) from releases)) is null,
    setval(pg_get_serial_sequence('artifacts', 'artifact_id'), (select max(artifact_id) from artifacts)) is null
\g /dev/null

-- The trigger that chains them looks for the newest event each time. It keeps the plan of its first time, when the log may be so
-- short that reading all of it looks best.
set local enable_seqscan = off;

-- One for each package, as `publish` writes it, for the first file of the newest release.
insert into events (kind, actor_id, subject, payload, happened_at)
select
    'release.published',
    coalesce(p.owner, :system),
    'package:' || p.full_name,
    format(
        '{"build":1,"name":%s,"package":%s,"platform":%s,"postgres":%s,"sha256":"%s","version":"%s"}',
        to_json(p.name),
        p.package_id,
        to_json(coalesce(a.os || '-' || coalesce(a.os_version, 'any') || '-' || a.arch || '-' || a.libc, 'any')),
        coalesce(a.postgres_major::text, 'null'),
        encode(a.sha256, 'hex'),
        r.version
    ),
    r.published_at
from synthetic_packages as p
join synthetic_releases as r on r.number = p.number and r.is_newest
join (
    select distinct on (first.release_id) first.*
    from synthetic_artifacts as first
    where first.is_newest
    order by first.release_id, first.artifact_id
) as a on a.release_id = r.release_id
order by r.published_at, p.package_id;

commit;

analyze;

select
    (select count(*) from packages) as packages,
    (select count(*) from releases) as releases,
    (select count(*) from extensions) as extensions,
    (select count(*) from modules) as modules,
    (select count(*) from artifacts) as artifacts,
    (select count(*) from artifact_files) as files,
    (select count(*) from artifact_libraries) as libraries,
    (select count(*) from downloads) as downloads,
    (select count(*) from events) as events;
