//! The same text gives the same result, and overrides follow the rules of the primary file.
//!
//! A NUL byte, which control files cannot have between parameters, separates the primary file from the auxiliary one.
#![no_main]

use formats::control_file::ControlFile;
use libfuzzer_sys::fuzz_target;
use model::PostgresMajor;

fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (primary, auxiliary) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let mut older: Option<ControlFile> = None;
    for major in [12, 13, 15, 16, 18].map(PostgresMajor::try_from).into_iter().flatten() {
        let parsed = ControlFile::parse(primary, major);
        assert_eq!(ControlFile::parse(primary, major), parsed, "another result the second time");
        if let Ok(secondary) = ControlFile::default().with_overrides(primary, major) {
            assert_eq!(Ok(&secondary), parsed.as_ref(), "an auxiliary file may say less, not more");
        }
        if let Some(older) = &older {
            assert_eq!(parsed.as_ref(), Ok(older), "a newer major reads what an older one reads");
        }
        let Ok(control) = parsed else { continue };
        assert!(!(control.relocatable && control.schema.is_some()), "a fixed schema that may change");
        assert!(control.script_directory().is_none_or(|directory| !directory.starts_with('/')), "not relative");
        assert_eq!(control.with_overrides(b"", major).as_ref(), Ok(&control), "no overrides change nothing");

        let overridden = control.with_overrides(auxiliary, major);
        assert_eq!(control.with_overrides(auxiliary, major), overridden, "another result the second time");
        if let Ok(overridden) = overridden {
            assert_eq!(overridden.with_overrides(auxiliary, major).as_ref(), Ok(&overridden), "twice is once");
            assert_eq!(overridden.directory, control.directory);
            assert_eq!(overridden.default_version, control.default_version);
        }
        older = Some(control);
    }
});
