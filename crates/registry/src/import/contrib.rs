//! What is known of the extensions and modules that PostgreSQL itself ships, in our own words and checked by hand
//! against its documentation and source.
//!
//! It covers `contrib` and `src/pl` of majors 13 to 19. A comment above an entry says which majors have it, where
//! that is not all of them.

use model::LoadKind;

/// One extension or module of PostgreSQL's own distribution.
pub(crate) struct Contrib {
    /// The name of the extension, or of the library of a module.
    pub(crate) name: &'static str,
    /// One sentence: what it is good for. At most 110 characters, sentence case, no final full stop.
    pub(crate) sentence: &'static str,
    /// Slugs of one to three categories, the best first.
    pub(crate) categories: &'static [&'static str],
    /// Free words to find it by, lower case, at most six, for those who do not know the name.
    pub(crate) tags: &'static [&'static str],
    /// The page of PostgreSQL's documentation, without `.html`; none for what has no page of its own.
    pub(crate) documentation: Option<&'static str>,
    /// How its library is loaded; none where there is no library.
    pub(crate) load: Option<Load>,
    /// Paths below the share directory that belong to it and that none of its scripts names.
    pub(crate) extra_files: &'static [&'static str],
}

/// How a library of PostgreSQL's own distribution comes into a server.
pub(crate) struct Load {
    /// The way it is loaded.
    pub(crate) kind: LoadKind,
    /// Where preloading is optional: what is lost without it, a sentence without a full stop.
    pub(crate) without_preload: Option<&'static str>,
    /// Whether a library replaced on disk takes effect only after a restart of the server, not in new sessions.
    pub(crate) restart_on_upgrade: bool,
    /// Lines of `postgresql.conf`, or one SQL statement, that put it to use; empty where `CREATE EXTENSION` is enough.
    pub(crate) usage: &'static [&'static str],
}

/// The entry for `name`, where PostgreSQL ships it.
pub(crate) fn contrib(name: &str) -> Option<&'static Contrib> {
    CONTRIB.binary_search_by(|entry| entry.name.cmp(name)).ok().and_then(|index| CONTRIB.get(index))
}

impl Contrib {
    /// The start of an entry whose library is loaded on demand, as most are.
    const fn new(name: &'static str, categories: &'static [&'static str]) -> Self {
        Self {
            name,
            sentence: "",
            categories,
            tags: &[],
            documentation: None,
            load: Some(Load::ON_DEMAND),
            extra_files: &[],
        }
    }

    /// The entry with its sentence.
    const fn sentence(self, sentence: &'static str) -> Self {
        Self { sentence, ..self }
    }

    /// The entry with these words to find it by.
    const fn tags(self, tags: &'static [&'static str]) -> Self {
        Self { tags, ..self }
    }

    /// The entry with its page of PostgreSQL's documentation.
    const fn page(self, page: &'static str) -> Self {
        Self { documentation: Some(page), ..self }
    }

    /// The entry with a library that is not merely loaded on demand.
    const fn load(self, load: Load) -> Self {
        Self { load: Some(load), ..self }
    }

    /// The entry of an extension that is nothing but SQL.
    const fn without_library(self) -> Self {
        Self { load: None, ..self }
    }

    /// The entry with files that none of its scripts names.
    const fn extra_files(self, extra_files: &'static [&'static str]) -> Self {
        Self { extra_files, ..self }
    }
}

impl Load {
    /// Loaded when one of its functions is first called.
    const ON_DEMAND: Self = Self::new(LoadKind::OnDemand, &[]);

    /// A library that every session loads afresh.
    const fn new(kind: LoadKind, usage: &'static [&'static str]) -> Self {
        Self { kind, without_preload: None, restart_on_upgrade: false, usage }
    }

    /// A library that some process of the server keeps until the server stops.
    const fn until_restart(kind: LoadKind, usage: &'static [&'static str]) -> Self {
        Self { kind, without_preload: None, restart_on_upgrade: true, usage }
    }

    /// A library that does more when the server preloads it.
    const fn better_preloaded(without_preload: &'static str, usage: &'static [&'static str]) -> Self {
        Self {
            kind: LoadKind::SharedPreloadOptional,
            without_preload: Some(without_preload),
            restart_on_upgrade: true,
            usage,
        }
    }
}

/// Every extension and module that PostgreSQL ships, sorted by name.
pub(crate) const CONTRIB: &[Contrib] = &[
    // Until 16.
    Contrib::new("adminpack", &["tooling_admin"])
        .sentence("Lets an administration tool such as pgAdmin write, rename and delete files on the server")
        .tags(&["pgadmin", "server files", "log files", "remote administration"])
        .page("adminpack"),
    Contrib::new("amcheck", &["debugging", "tooling_admin"])
        .sentence("Checks indexes and tables for corruption before a query trips over it")
        .tags(&["corruption", "integrity", "consistency", "verify", "btree"])
        .page("amcheck"),
    Contrib::new("auth_delay", &["security"])
        .sentence("Answers failed logins slowly, so that guessing passwords takes too long to pay off")
        .tags(&["brute force", "password", "authentication", "login", "throttle"])
        .page("auth-delay")
        .load(Load::until_restart(
            LoadKind::SharedPreloadRequired,
            &["shared_preload_libraries = 'auth_delay'", "auth_delay.milliseconds = 500"],
        )),
    Contrib::new("auto_explain", &["monitoring", "query_optimizations", "debugging"])
        .sentence("Keeps a record in the server log of how slow queries were executed")
        .tags(&["slow query", "execution plan", "explain", "log", "performance", "tuning"])
        .page("auto-explain")
        .load(Load::new(
            LoadKind::SessionPreload,
            &["session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = '3s'"],
        )),
    Contrib::new("autoinc", &["data_transformations"])
        .sentence("A trigger that numbers rows from a sequence where the column is null or zero")
        .tags(&["auto increment", "sequence", "trigger", "serial", "row number"])
        .page("contrib-spi"),
    // From 15 on. Its manual also names local_preload_libraries, which the processes that send backups ignore.
    Contrib::new("basebackup_to_shell", &["tooling_admin"])
        .sentence("Hands a base backup to a command on the server instead of sending it to the client")
        .tags(&["backup", "pg_basebackup", "shell", "pipe", "archive"])
        .page("basebackup-to-shell")
        .load(Load::until_restart(
            LoadKind::SharedPreloadRequired,
            &[
                "shared_preload_libraries = 'basebackup_to_shell'",
                "basebackup_to_shell.command = 'gzip > /path/to/backups/%f.gz'",
            ],
        )),
    // From 15 on. The archiver loads it once and keeps it.
    Contrib::new("basic_archive", &["tooling_admin"])
        .sentence("Copies finished write-ahead log files to a directory, as a model for archivers of your own")
        .tags(&["wal", "archive", "backup", "point in time recovery", "archiving"])
        .page("basic-archive")
        .load(Load::until_restart(
            LoadKind::ArchiveModule,
            &[
                "archive_mode = on",
                "archive_library = 'basic_archive'",
                "basic_archive.archive_directory = '/path/to/archive'",
            ],
        )),
    Contrib::new("bloom", &["index_table_optimizations"])
        .sentence("An index that narrows down equality searches over any combination of many columns")
        .tags(&["bloom filter", "index", "access method", "equality", "multicolumn"])
        .page("bloom"),
    Contrib::new("bool_plperl", &["procedural_languages", "data_transformations"])
        .sentence("Turns booleans into what Perl takes for true and false in PL/Perl functions")
        .tags(&["perl", "transform", "boolean", "type conversion"]),
    Contrib::new("bool_plperlu", &["procedural_languages", "data_transformations"])
        .sentence("Turns booleans into what Perl takes for true and false in untrusted PL/Perl functions")
        .tags(&["perl", "transform", "boolean", "type conversion", "untrusted"]),
    Contrib::new("btree_gin", &["index_table_optimizations"])
        .sentence("Lets ordinary scalar columns share a GIN index with arrays, documents or JSON")
        .tags(&["gin", "index", "operator class", "multicolumn", "composite index"])
        .page("btree-gin"),
    Contrib::new("btree_gist", &["index_table_optimizations"])
        .sentence("Lets ordinary columns into GiST indexes, for exclusion constraints and nearest values")
        .tags(&["gist", "index", "exclusion constraint", "no overlap", "nearest neighbour", "operator class"])
        .page("btree-gist"),
    Contrib::new("citext", &["data_transformations", "search"])
        .sentence("Text that is compared without regard to upper and lower case, in unique constraints too")
        .tags(&["case insensitive", "text", "email", "user name", "lower case"])
        .page("citext"),
    Contrib::new("cube", &["data_transformations", "analytics"])
        .sentence("Points and boxes in many dimensions, with distances between them and index support")
        .tags(&["multidimensional", "points", "vector", "geometry", "distance", "nearest neighbour"])
        .page("cube"),
    Contrib::new("dblink", &["connectors"])
        .sentence("Sends SQL to another PostgreSQL server and uses its answer like a table")
        .tags(&["remote query", "cross database", "connection", "asynchronous", "federation"])
        .page("dblink"),
    Contrib::new("dict_int", &["search"])
        .sentence("Limits how much of long numbers goes into a full-text index")
        .tags(&["full text search", "dictionary", "numbers", "integers", "tsvector"])
        .page("dict-int"),
    Contrib::new("dict_xsyn", &["search"])
        .sentence("Adds synonyms from a list of your own to the words of a full-text search")
        .tags(&["full text search", "dictionary", "synonyms", "thesaurus", "tsvector"])
        .page("dict-xsyn")
        .extra_files(&["tsearch_data/xsyn_sample.rules"]),
    Contrib::new("earthdistance", &["analytics", "data_transformations"])
        .sentence("Distances between places given by latitude and longitude, on a perfectly round Earth")
        .tags(&["geography", "distance", "latitude", "longitude", "location", "great circle"])
        .page("earthdistance"),
    Contrib::new("file_fdw", &["connectors", "data_transformations"])
        .sentence("Reads a file on the server, or what a program prints there, as a table")
        .tags(&["csv", "foreign table", "foreign data wrapper", "import", "text files", "log files"])
        .page("file-fdw"),
    Contrib::new("fuzzystrmatch", &["search", "data_transformations"])
        .sentence("Finds words that sound or are spelled alike by soundex, metaphone and edit distance")
        .tags(&["levenshtein", "soundex", "metaphone", "phonetic", "edit distance", "typos"])
        .page("fuzzystrmatch"),
    Contrib::new("hstore", &["data_transformations", "index_table_optimizations"])
        .sentence("Keeps any number of named texts in one column, with operators and indexes to search them")
        .tags(&["key value", "map", "dictionary", "schemaless", "attributes", "nosql"])
        .page("hstore"),
    Contrib::new("hstore_plperl", &["procedural_languages", "data_transformations"])
        .sentence("Hands hstore values to PL/Perl functions as hashes")
        .tags(&["perl", "transform", "hash", "key value", "type conversion"]),
    Contrib::new("hstore_plperlu", &["procedural_languages", "data_transformations"])
        .sentence("Hands hstore values to untrusted PL/Perl functions as hashes")
        .tags(&["perl", "transform", "hash", "key value", "type conversion", "untrusted"]),
    // Until 14.
    Contrib::new("hstore_plpython2u", &["procedural_languages", "data_transformations"])
        .sentence("Hands hstore values to functions in Python 2 as dictionaries")
        .tags(&["python", "transform", "dict", "key value", "type conversion", "python 2"]),
    Contrib::new("hstore_plpython3u", &["procedural_languages", "data_transformations"])
        .sentence("Hands hstore values to functions in Python 3 as dictionaries")
        .tags(&["python", "transform", "dict", "key value", "type conversion"]),
    // Until 14.
    Contrib::new("hstore_plpythonu", &["procedural_languages", "data_transformations"])
        .sentence("Hands hstore values to functions in plpythonu, which is Python 2, as dictionaries")
        .tags(&["python", "transform", "dict", "key value", "type conversion", "python 2"]),
    Contrib::new("insert_username", &["auditing_logging"])
        .sentence("A trigger that notes in a column which user last wrote the row")
        .tags(&["audit", "trigger", "user", "author", "who changed", "last modified by"])
        .page("contrib-spi"),
    Contrib::new("intagg", &["data_transformations"])
        .sentence("Collects integers into an array and takes them apart again, for applications that still need it")
        .tags(&["array", "aggregate", "integers", "unnest", "obsolete"])
        .page("intagg")
        .without_library(),
    Contrib::new("intarray", &["data_transformations", "index_table_optimizations"])
        .sentence("Sorts, combines and searches arrays of integers, quickly and with indexes")
        .tags(&["array", "integers", "set operations", "overlap", "intersection", "query"])
        .page("intarray"),
    Contrib::new("isn", &["data_transformations"])
        .sentence("Types that check and format ISBN, ISSN, ISMN, EAN and UPC numbers")
        .tags(&["isbn", "issn", "ean", "upc", "barcode", "product number"])
        .page("isn"),
    Contrib::new("jsonb_plperl", &["procedural_languages", "data_transformations"])
        .sentence("Hands jsonb values to PL/Perl functions as hashes, arrays and scalars")
        .tags(&["perl", "transform", "json", "jsonb", "type conversion"]),
    Contrib::new("jsonb_plperlu", &["procedural_languages", "data_transformations"])
        .sentence("Hands jsonb values to untrusted PL/Perl functions as hashes, arrays and scalars")
        .tags(&["perl", "transform", "json", "jsonb", "type conversion", "untrusted"]),
    // Until 14.
    Contrib::new("jsonb_plpython2u", &["procedural_languages", "data_transformations"])
        .sentence("Hands jsonb values to functions in Python 2 as dictionaries, lists and scalars")
        .tags(&["python", "transform", "json", "jsonb", "type conversion", "python 2"]),
    Contrib::new("jsonb_plpython3u", &["procedural_languages", "data_transformations"])
        .sentence("Hands jsonb values to functions in Python 3 as dictionaries, lists and scalars")
        .tags(&["python", "transform", "json", "jsonb", "type conversion"]),
    // Until 14.
    Contrib::new("jsonb_plpythonu", &["procedural_languages", "data_transformations"])
        .sentence("Hands jsonb values to functions in plpythonu, which is Python 2, as dictionaries and lists")
        .tags(&["python", "transform", "json", "jsonb", "type conversion", "python 2"]),
    Contrib::new("lo", &["data_transformations", "tooling_admin"])
        .sentence("Deletes a large object once the row that refers to it is changed or deleted")
        .tags(&["large objects", "blob", "orphans", "trigger", "odbc", "jdbc"])
        .page("lo"),
    Contrib::new("ltree", &["data_transformations", "search", "index_table_optimizations"])
        .sentence("Places in a tree as paths of labels, with indexes to find ancestors, descendants and patterns")
        .tags(&["hierarchy", "tree", "path", "taxonomy", "materialized path", "labels"])
        .page("ltree"),
    // Until 14.
    Contrib::new("ltree_plpython2u", &["procedural_languages", "data_transformations"])
        .sentence("Hands ltree paths to functions in Python 2 as lists of labels")
        .tags(&["python", "transform", "tree", "path", "type conversion", "python 2"]),
    Contrib::new("ltree_plpython3u", &["procedural_languages", "data_transformations"])
        .sentence("Hands ltree paths to functions in Python 3 as lists of labels")
        .tags(&["python", "transform", "tree", "path", "type conversion"]),
    // Until 14.
    Contrib::new("ltree_plpythonu", &["procedural_languages", "data_transformations"])
        .sentence("Hands ltree paths to functions in plpythonu, which is Python 2, as lists of labels")
        .tags(&["python", "transform", "tree", "path", "type conversion", "python 2"]),
    Contrib::new("moddatetime", &["auditing_logging"])
        .sentence("A trigger that keeps the moment of the last update of a row in a column")
        .tags(&["audit", "trigger", "timestamp", "updated_at", "last modified"])
        .page("contrib-spi"),
    // 14 to 16.
    Contrib::new("old_snapshot", &["debugging", "monitoring"])
        .sentence("Shows which transactions the server has noted for each minute under old_snapshot_threshold")
        .tags(&["snapshot", "vacuum", "transaction id", "internals"])
        .page("oldsnapshot"),
    Contrib::new("pageinspect", &["debugging"])
        .sentence("Takes apart the pages of tables and indexes, down to single bytes")
        .tags(&["pages", "storage", "tuples", "heap", "index", "internals"])
        .page("pageinspect"),
    Contrib::new("passwordcheck", &["security"])
        .sentence("Turns down passwords that are too easy to guess when somebody sets them")
        .tags(&["password", "policy", "strength", "complexity", "role", "authentication"])
        .page("passwordcheck")
        .load(Load::until_restart(LoadKind::SharedPreloadRequired, &["shared_preload_libraries = 'passwordcheck'"])),
    Contrib::new("pg_buffercache", &["monitoring", "metrics", "debugging"])
        .sentence("Shows which tables and indexes occupy the shared buffers right now")
        .tags(&["cache", "shared buffers", "memory", "buffers", "memory usage"])
        .page("pgbuffercache"),
    Contrib::new("pg_freespacemap", &["metrics", "debugging"])
        .sentence("Shows how much room the pages of a table or index have left")
        .tags(&["free space", "fsm", "bloat", "vacuum", "storage"])
        .page("pgfreespacemap"),
    // From 18 on.
    Contrib::new("pg_logicalinspect", &["debugging", "change_data_capture"])
        .sentence("Reads the snapshots that logical decoding has saved to disk")
        .tags(&["logical decoding", "logical replication", "snapshot", "internals"])
        .page("pglogicalinspect"),
    // From 18 on.
    Contrib::new("pg_overexplain", &["debugging", "query_optimizations"])
        .sentence("Adds internals of the plan to EXPLAIN, for those who work on the planner")
        .tags(&["explain", "query plan", "planner", "range table", "internals"])
        .page("pgoverexplain")
        .load(Load::new(LoadKind::SessionPreload, &["session_preload_libraries = 'pg_overexplain'"])),
    // From 19 on.
    Contrib::new("pg_plan_advice", &["query_optimizations"])
        .sentence("Writes down how a query was planned and makes the planner decide the same way again")
        .tags(&["hints", "query plan", "plan stability", "optimizer", "join order", "explain"])
        .page("pgplanadvice")
        .load(Load::new(LoadKind::SessionPreload, &["session_preload_libraries = 'pg_plan_advice'"])),
    Contrib::new("pg_prewarm", &["query_optimizations", "tooling_admin"])
        .sentence("Fills memory with tables and indexes before they are needed, also after a restart")
        .tags(&["cache", "warm up", "shared buffers", "restart", "performance", "cold start"])
        .page("pgprewarm")
        .load(Load::better_preloaded(
            "What was in the shared buffers is not saved and loaded again around a restart",
            &[],
        )),
    // From 19 on. It loads the library of pg_plan_advice.
    Contrib::new("pg_stash_advice", &["query_optimizations"])
        .sentence("Keeps plan advice for chosen queries and applies it whenever one of them is planned")
        .tags(&["hints", "query plan", "plan stability", "optimizer", "query id", "pinning"])
        .page("pgstashadvice")
        .load(Load::better_preloaded(
            "Advice reaches only sessions that load the library themselves, and a restart of the server loses it",
            &["shared_preload_libraries = 'pg_stash_advice'"],
        )),
    Contrib::new("pg_stat_statements", &["monitoring", "metrics", "query_optimizations"])
        .sentence("Counts how often each kind of query runs, how long it takes and how much it reads and writes")
        .tags(&["slow query", "query statistics", "performance", "top queries", "execution time", "tuning"])
        .page("pgstatstatements")
        .load(Load::until_restart(
            LoadKind::SharedPreloadRequired,
            &["shared_preload_libraries = 'pg_stat_statements'"],
        )),
    // From 14 on.
    Contrib::new("pg_surgery", &["debugging", "tooling_admin"])
        .sentence("Forces broken rows of a table to be frozen or removed, as a last resort")
        .tags(&["corruption", "repair", "recovery", "damaged table", "freeze"])
        .page("pgsurgery"),
    Contrib::new("pg_trgm", &["search", "index_table_optimizations"])
        .sentence("Finds similar texts and speeds up LIKE and regular expressions, by runs of three letters")
        .tags(&["fuzzy search", "similarity", "trigram", "like", "autocomplete", "typos"])
        .page("pgtrgm"),
    Contrib::new("pg_visibility", &["debugging", "tooling_admin"])
        .sentence("Shows and checks which pages of a table count as all-visible or all-frozen")
        .tags(&["vacuum", "visibility map", "freeze", "corruption", "index only scan"])
        .page("pgvisibility"),
    // From 15 on.
    Contrib::new("pg_walinspect", &["debugging", "monitoring"])
        .sentence("Makes the records of the write-ahead log readable in SQL")
        .tags(&["wal", "write ahead log", "transaction log", "records", "internals"])
        .page("pgwalinspect"),
    Contrib::new("pgcrypto", &["security"])
        .sentence("Hashes passwords, encrypts data, speaks OpenPGP and makes random bytes, all in SQL")
        .tags(&["encryption", "hash", "password", "pgp", "random", "aes"])
        .page("pgcrypto"),
    Contrib::new("pgrowlocks", &["monitoring", "debugging"])
        .sentence("Shows which rows of a table are locked at the moment, how, and by which transactions")
        .tags(&["locks", "row lock", "blocking", "contention", "transactions"])
        .page("pgrowlocks"),
    Contrib::new("pgstattuple", &["metrics", "monitoring", "index_table_optimizations"])
        .sentence("Measures bloat: how much of a table or index is live rows, dead rows and free space")
        .tags(&["bloat", "dead tuples", "free space", "vacuum", "fragmentation"])
        .page("pgstattuple"),
    Contrib::new("plperl", &["procedural_languages"])
        .sentence("Functions, procedures and triggers in Perl that cannot reach outside the database")
        .tags(&["perl", "language", "functions", "triggers", "stored procedures"])
        .page("plperl"),
    Contrib::new("plperlu", &["procedural_languages"])
        .sentence("Functions, procedures and triggers in Perl that may do all that the server process may")
        .tags(&["perl", "language", "functions", "triggers", "stored procedures", "untrusted"])
        .page("plperl-trusted"),
    Contrib::new("plpgsql", &["procedural_languages"])
        .sentence("Functions, procedures and triggers of SQL with variables, loops, conditions and error handling")
        .tags(&["language", "functions", "triggers", "stored procedures", "control flow", "plsql"])
        .page("plpgsql"),
    // Until 14.
    Contrib::new("plpython2u", &["procedural_languages"])
        .sentence("Functions, procedures and triggers in Python 2 that may do all that the server process may")
        .tags(&["python", "language", "functions", "triggers", "untrusted", "python 2"])
        .page("plpython"),
    Contrib::new("plpython3u", &["procedural_languages"])
        .sentence("Functions, procedures and triggers in Python 3 that may do all that the server process may")
        .tags(&["python", "language", "functions", "triggers", "stored procedures", "untrusted"])
        .page("plpython"),
    // Until 14.
    Contrib::new("plpythonu", &["procedural_languages"])
        .sentence("Functions, procedures and triggers in Python 2, under its name without a number")
        .tags(&["python", "language", "functions", "triggers", "untrusted", "python 2"])
        .page("plpython"),
    Contrib::new("pltcl", &["procedural_languages"])
        .sentence("Functions, procedures and triggers in Tcl that cannot reach outside the database")
        .tags(&["tcl", "language", "functions", "triggers", "stored procedures"])
        .page("pltcl"),
    Contrib::new("pltclu", &["procedural_languages"])
        .sentence("Functions, procedures and triggers in Tcl that may do all that the server process may")
        .tags(&["tcl", "language", "functions", "triggers", "stored procedures", "untrusted"])
        .page("pltcl"),
    Contrib::new("postgres_fdw", &["connectors"])
        .sentence("Reads and writes tables of other PostgreSQL servers as if they were local")
        .tags(&["foreign table", "foreign data wrapper", "remote", "federation", "sharding", "cross database"])
        .page("postgres-fdw"),
    Contrib::new("refint", &["data_transformations"])
        .sentence("Triggers that keep references between tables intact, as was done before there were foreign keys")
        .tags(&["foreign key", "referential integrity", "trigger", "cascade", "obsolete"])
        .page("contrib-spi"),
    Contrib::new("seg", &["data_transformations", "analytics"])
        .sentence("Intervals of numbers that remember how precisely they were measured")
        .tags(&["interval", "range", "measurement", "uncertainty", "precision", "laboratory"])
        .page("seg"),
    // Once it is loaded, its script has to be run in every database, template0 included.
    Contrib::new("sepgsql", &["security"])
        .sentence("Lets the rules of SELinux decide who may read or change what")
        .tags(&["selinux", "mandatory access control", "security labels", "permissions", "policy"])
        .page("sepgsql")
        .load(Load::until_restart(LoadKind::SharedPreloadRequired, &["shared_preload_libraries = 'sepgsql'"]))
        .extra_files(&["contrib/sepgsql.sql"]),
    Contrib::new("sslinfo", &["security"])
        .sentence("Tells a session about its TLS connection and the certificate the client showed")
        .tags(&["ssl", "tls", "certificate", "x509", "client certificate", "connection"])
        .page("sslinfo"),
    Contrib::new("tablefunc", &["data_transformations", "analytics"])
        .sentence("Pivots rows into columns, follows trees of rows and makes normally distributed numbers")
        .tags(&["pivot", "crosstab", "cross tabulation", "hierarchy", "random", "spreadsheet"])
        .page("tablefunc"),
    Contrib::new("tcn", &["change_data_capture"])
        .sentence("Notifies listeners of every row that is inserted, updated or deleted in a table")
        .tags(&["notify", "listen", "trigger", "change notification", "events", "cache invalidation"])
        .page("tcn"),
    Contrib::new("test_decoding", &["change_data_capture", "debugging"])
        .sentence("Prints changes to the data as text, as a model for logical decoding plugins of your own")
        .tags(&["logical decoding", "replication slot", "output plugin", "cdc", "change stream"])
        .page("test-decoding")
        .load(Load::new(
            LoadKind::OutputPlugin,
            &["select pg_create_logical_replication_slot('example', 'test_decoding')"],
        )),
    Contrib::new("tsm_system_rows", &["analytics"])
        .sentence("Takes as many rows of a table as asked for as a sample, without reading the rest")
        .tags(&["sampling", "random rows", "tablesample", "approximate", "statistics"])
        .page("tsm-system-rows"),
    Contrib::new("tsm_system_time", &["analytics"])
        .sentence("Takes as large a sample of a table as can be read in the time given")
        .tags(&["sampling", "random rows", "tablesample", "approximate", "time limit"])
        .page("tsm-system-time"),
    Contrib::new("unaccent", &["search", "data_transformations"])
        .sentence("Strips accents from letters, so that a search finds words with and without them")
        .tags(&["accents", "diacritics", "full text search", "normalization", "unicode", "dictionary"])
        .page("unaccent"),
    Contrib::new("uuid-ossp", &["data_transformations"])
        .sentence("Makes UUIDs of versions 1, 3, 4 and 5, for keys that are unique everywhere")
        .tags(&["uuid", "guid", "identifier", "random", "primary key", "unique id"])
        .page("uuid-ossp"),
    Contrib::new("xml2", &["data_transformations"])
        .sentence("Picks values out of XML texts with XPath and converts them with stylesheets")
        .tags(&["xml", "xpath", "xslt", "stylesheet", "parse"])
        .page("xml2"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The slugs of all categories.
    const CATEGORIES: [&str; 16] = [
        "analytics",
        "auditing_logging",
        "change_data_capture",
        "connectors",
        "data_transformations",
        "debugging",
        "index_table_optimizations",
        "machine_learning",
        "metrics",
        "monitoring",
        "orchestration",
        "procedural_languages",
        "query_optimizations",
        "search",
        "security",
        "tooling_admin",
    ];

    #[test]
    fn names_are_sorted_and_unique() {
        for pair in CONTRIB.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} does not come before {}", pair[0].name, pair[1].name);
        }
    }

    #[test]
    fn sentences_are_short_and_shaped_alike() {
        for Contrib { name, sentence, .. } in CONTRIB {
            let length = sentence.chars().count();
            assert!((1..=110).contains(&length), "{name}: {length} characters");
            assert!(sentence.starts_with(char::is_uppercase), "{name}: {sentence}");
            assert!(!sentence.ends_with('.'), "{name}: {sentence}");
            assert_eq!(sentence.trim(), *sentence, "{name}");
        }
    }

    #[test]
    fn categories_exist_and_are_at_most_three() {
        for Contrib { name, categories, .. } in CONTRIB {
            assert!((1..=3).contains(&categories.len()), "{name}: {categories:?}");
            for (index, category) in categories.iter().enumerate() {
                assert!(CATEGORIES.contains(category), "{name}: {category}");
                assert!(!categories[..index].contains(category), "{name}: {category} twice");
            }
        }
    }

    #[test]
    fn tags_are_few_and_lower_case() {
        for Contrib { name, tags, .. } in CONTRIB {
            assert!((1..=6).contains(&tags.len()), "{name}: {tags:?}");
            for (index, tag) in tags.iter().enumerate() {
                assert!(!tag.is_empty() && tag.trim() == *tag && tag.to_lowercase() == *tag, "{name}: {tag:?}");
                assert!(!tags[..index].contains(tag), "{name}: {tag} twice");
            }
        }
    }

    #[test]
    fn pages_and_files_are_relative() {
        for Contrib { name, documentation, extra_files, .. } in CONTRIB {
            if let Some(page) = documentation {
                assert!(page.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{name}: {page}");
            }
            assert!(extra_files.iter().all(|path| !path.starts_with('/')), "{name}: {extra_files:?}");
        }
    }

    #[test]
    fn loading_is_explained() {
        for Contrib { name, load, .. } in CONTRIB {
            let Some(Load { kind, without_preload, restart_on_upgrade, usage }) = load else { continue };
            assert_eq!(*kind == LoadKind::SharedPreloadOptional, without_preload.is_some(), "{name}");
            assert!(without_preload.is_none_or(|loss| !loss.is_empty() && !loss.ends_with('.')), "{name}");
            match kind {
                LoadKind::OnDemand => assert!(usage.is_empty() && !restart_on_upgrade, "{name}"),
                LoadKind::SharedPreloadRequired => {
                    assert!(usage.contains(&format!("shared_preload_libraries = '{name}'").as_str()), "{name}");
                    assert!(restart_on_upgrade, "{name}");
                }
                LoadKind::SharedPreloadOptional => assert!(restart_on_upgrade, "{name}"),
                LoadKind::SessionPreload | LoadKind::OutputPlugin | LoadKind::ArchiveModule => {
                    assert!(usage.iter().any(|line| line.contains(name)), "{name}");
                }
                LoadKind::Unknown => panic!("{name}: its load kind is known"),
            }
        }
    }

    #[test]
    fn every_entry_is_found_and_nothing_else() {
        for entry in CONTRIB {
            assert_eq!(contrib(entry.name).map(|found| found.sentence), Some(entry.sentence));
        }
        assert_eq!(contrib("hstore").map(|found| found.name), Some("hstore"));
        assert!(contrib("nope").is_none());
        assert!(contrib("").is_none());
    }
}
