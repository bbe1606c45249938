//! Where no line is misread, `trunk` and PostgreSQL read the same from the whole file; an order that is accepted leaves
//! nothing to be asked for that the archive has.
//!
//! Zero bytes stand between the control files of an archive, each of which is called by its first line.
#![no_main]

use formats::{
    control_file::ControlFile,
    trunk_command::{TrunkControl, check_dependency_order, check_manifest_dependencies, misread_lines},
};
use libfuzzer_sys::fuzz_target;
use model::PostgresMajor;

fn check_lines(text: &[u8]) {
    let misread = misread_lines(text);
    assert_eq!(misread_lines(text), misread, "another result the second time");
    let Ok(misread) = misread else { return };
    assert!(misread.is_sorted_by(|left, right| left.line < right.line), "a line twice");
    for line in &misread {
        assert!(line.to_string().len() < 2000, "a long message");
    }
    let Some(trunk) = TrunkControl::read(text) else {
        assert!(misread.iter().any(|line| line.trunk.is_none()), "no line is to blame");
        return;
    };
    if let (true, Ok(major)) = (misread.is_empty(), PostgresMajor::try_from(18))
        && let Ok(control) = ControlFile::parse(text, major)
    {
        assert_eq!(trunk.requires, control.requires);
        assert_eq!(trunk.directory, control.directory);
        assert_eq!(trunk.module_pathname, control.module_pathname);
    }
}

fuzz_target!(|data: &[u8]| {
    let files = data.split(|byte| *byte == 0);
    let controls: Vec<(String, Vec<String>)> = files
        .filter_map(|text| {
            check_lines(text);
            let name = String::from_utf8_lossy(text.split(|byte| *byte == b'\n').next()?).into_owned();
            Some((name, TrunkControl::read(text)?.requires))
        })
        .collect();
    let (mut seen, mut asked) = (Vec::new(), Vec::new());
    for (name, requires) in &controls {
        seen.push(name);
        asked.extend(requires.iter().filter(|name| !seen.contains(name)).cloned());
    }
    let names = || controls.iter().map(|(name, _)| name.as_str());
    let has_asked_for_own = asked.iter().any(|name| names().any(|own| own == name));
    assert_eq!(check_dependency_order(&controls).is_err(), has_asked_for_own);
    assert_eq!(check_manifest_dependencies(names(), &asked).is_err(), has_asked_for_own);
});
