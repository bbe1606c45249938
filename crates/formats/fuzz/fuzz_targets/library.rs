//! Facts are the same each time, and agree with each other.
#![no_main]

use formats::library::{Module, read};
use libfuzzer_sys::fuzz_target;
use model::Arch;

fuzz_target!(|data: &[u8]| {
    let facts = read(data);
    assert_eq!(read(data), facts, "other facts the second time");
    let Ok(facts) = facts else { return };
    assert!(facts.needed.is_sorted_by(|left, right| left < right), "not sorted, or one twice");
    if let Some(version) = &facts.glibc_version {
        assert!(version.split('.').all(|number| number.parse::<u32>().is_ok()), "no version: {version:?}");
        assert!(facts.libc.is_some(), "a version of no library");
    }
    for (capability, names) in &facts.capabilities {
        assert!((1..=100).contains(&names.len()), "no evidence, or too much: {}", capability.as_str());
        assert!(names.iter().all(|name| name.len() <= 255), "a long name");
    }
    assert!(facts.are_all_symbols_read || facts.module != Module::No, "a guess");
    if let Module::For(major) = facts.module {
        assert!(matches!(facts.arch, Arch::X86_64 | Arch::Aarch64), "code that cannot be decoded");
        assert!(major.number() >= 10, "no major");
    }
});
