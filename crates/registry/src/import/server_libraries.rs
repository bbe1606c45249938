//! Libraries in PostgreSQL's library directory that are parts of the server, not modules that anybody would load.
//!
//! The rule: encoding conversions, which `initdb` registers in `pg_conversion`; the stemmers behind the built-in text
//! search configurations, likewise registered by `initdb`; the just-in-time compiler, loaded by the `jit_provider`
//! setting; the WAL receiver's client and the built-in output plugin of logical replication, loaded by the server itself.
//! The list is complete for majors 10 to 19 and names nothing else, so that no stranger's library is skipped by chance.

/// Whether `library` (a file name without `.so`) is a part of the server.
pub(super) fn is_server_library(library: &str) -> bool {
    SERVER_LIBRARIES.binary_search(&library).is_ok()
}

const SERVER_LIBRARIES: &[&str] = &[
    "ascii_and_mic",
    "cyrillic_and_mic",
    "dict_snowball",
    "euc2004_sjis2004",
    "euc_cn_and_mic",
    "euc_jp_and_sjis",
    "euc_kr_and_mic",
    "euc_tw_and_big5",
    "latin2_and_win1250",
    "latin_and_mic",
    "libpqwalreceiver",
    "llvmjit",
    "pgoutput",
    "utf8_and_ascii",
    "utf8_and_big5",
    "utf8_and_cyrillic",
    "utf8_and_euc2004",
    "utf8_and_euc_cn",
    "utf8_and_euc_jp",
    "utf8_and_euc_kr",
    "utf8_and_euc_tw",
    "utf8_and_gb18030",
    "utf8_and_gbk",
    "utf8_and_iso8859",
    "utf8_and_iso8859_1",
    "utf8_and_johab",
    "utf8_and_sjis",
    "utf8_and_sjis2004",
    "utf8_and_uhc",
    "utf8_and_win",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_sorted_for_the_search() {
        assert!(SERVER_LIBRARIES.is_sorted());
        assert!(is_server_library("llvmjit") && is_server_library("utf8_and_win"));
        assert!(!is_server_library("hstore") && !is_server_library("mine_and_yours"));
    }
}
