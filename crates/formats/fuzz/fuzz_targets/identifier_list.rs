//! No identifier is longer than PostgreSQL's, and splitting them quoted gives the same.
#![no_main]

use formats::identifier_list::split;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Ok(identifiers) = split(&String::from_utf8_lossy(text)) else { return };
    assert!(identifiers.iter().all(|identifier| identifier.len() <= 63), "a long identifier");

    let quoted: Vec<String> =
        identifiers.iter().map(|identifier| format!("\"{}\"", identifier.replace('"', "\"\""))).collect();
    assert_eq!(split(&quoted.join(" , ")), Ok(identifiers));
});
