//! A manifest that is written and read again is the same.
#![no_main]

use formats::manifest::{FileKind, Manifest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|json: &[u8]| {
    let Ok(manifest) = Manifest::parse(json) else { return };
    let written = manifest.to_json().map(|json| Manifest::parse(json.as_bytes()));
    assert!(matches!(written, Ok(Ok(again)) if again == manifest), "another manifest");
    assert!(manifest.postgres_major().is_some(), "no major");

    let installed = manifest.files.values().filter(|file| file.kind != FileKind::LicenseFile).count();
    assert_eq!(manifest.destinations("extension").count(), installed, "a file without a destination");
});
