//! Parameters come in the order of their lines, and reading them quoted gives the same.
#![no_main]

use formats::parameter_file::{Parameter, parse};
use libfuzzer_sys::fuzz_target;

fn quoted(Parameter { name, value, .. }: &Parameter) -> String {
    format!("{name} = '{}'\n", value.replace('\\', r"\\").replace('\'', "''").replace('\n', r"\n"))
}

fuzz_target!(|text: &[u8]| {
    let Ok(parameters) = parse(text) else { return };
    let lines = text.split(|byte| *byte == b'\n').count();
    assert!(parameters.is_sorted_by(|left, right| left.line < right.line), "not one parameter a line");
    assert!(parameters.iter().all(|parameter| (1..=lines).contains(&(parameter.line as usize))), "no such line");

    let mut again = parse(parameters.iter().map(quoted).collect::<String>().as_bytes());
    for (parameter, original) in again.iter_mut().flatten().zip(&parameters) {
        parameter.line = original.line;
    }
    assert_eq!(again, Ok(parameters));
});
