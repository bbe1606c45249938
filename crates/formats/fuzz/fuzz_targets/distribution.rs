//! The same text gives the same result, and what is given has no empty text in it.
#![no_main]

use formats::distribution::Distribution;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(read) = Distribution::parse(data) else { return };
    assert_eq!(Distribution::parse(data).ok().as_ref(), Some(&read), "another result the second time");
    let texts = [&read.summary, &read.licence, &read.homepage, &read.repository, &read.documentation];
    assert!(texts.into_iter().flatten().all(|text| !text.is_empty()), "an empty text instead of none");
    assert!(!read.name.is_empty() && !read.version.is_empty(), "a distribution without a name or version");
});
