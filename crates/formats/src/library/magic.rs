//! The magic block of a PostgreSQL module, found by decoding the function that returns its address.

use model::{Arch, PostgresMajor};

/// Decodes `Pg_magic_func` and reads the major from the block whose address it returns.
pub(super) fn magic_major<'data>(
    arch: Arch,
    function: u64,
    bytes_at: impl Fn(u64, u64) -> Option<&'data [u8]>,
) -> Option<PostgresMajor> {
    let block = match arch {
        Arch::X86_64 => {
            // The function may be shorter than the longest form that is understood, but not by much.
            let code = (8..=16).rev().find_map(|length| bytes_at(function, length))?;
            x86_64_returned_address(code, function)?
        }
        Arch::Aarch64 => (12..=16)
            .rev()
            .step_by(4)
            .find_map(|length| bytes_at(function, length))
            .and_then(|code| aarch64_returned_address(code, function))?,
        _ => return None,
    };
    // Up to 17: { int length; int version; … }; from 18 on: { int length; struct { int version; … } … }.
    // Both begin alike; the length tells whether it is one of them.
    let block = bytes_at(block, 8)?;
    let number = |at: usize| block.get(at..at + 4)?.try_into().ok().map(i32::from_le_bytes);
    let (length, version) = (number(0)?, number(4)?);
    let major = i64::from(version) / 100;
    let layout_fits = match major {
        10..=14 => length == 24,
        15..=17 => length == 56,
        // Two pointers behind the block.
        18.. => length == 72,
        _ => false,
    };
    (version % 100 == 0 && layout_fits).then(|| PostgresMajor::try_from(major).ok()).flatten()
}

/// The address that `lea rax, [rip + offset]` … `ret` returns, with or without `endbr64` and a frame.
fn x86_64_returned_address(code: &[u8], function: u64) -> Option<u64> {
    let mut at = 0;
    for prologue in [&[0xf3, 0x0f, 0x1e, 0xfa][..], &[0x55, 0x48, 0x89, 0xe5]] {
        if code[at..].starts_with(prologue) {
            at += prologue.len();
        }
    }
    let [0x48, 0x8d, 0x05, offset @ ..] = code.get(at..at + 7)? else { return None };
    let offset = i32::from_le_bytes(offset.try_into().ok()?);
    function.checked_add(at as u64 + 7)?.checked_add_signed(i64::from(offset))
}

/// The address that `adrp x0, page; add x0, x0, #offset; ret` returns, with or without `bti c`.
fn aarch64_returned_address(code: &[u8], function: u64) -> Option<u64> {
    const BTI_C: u32 = 0xd503_245f;
    let word = |index: usize| Some(u32::from_le_bytes(code.get(index * 4..index * 4 + 4)?.try_into().ok()?));
    let first = usize::from(word(0)? == BTI_C);
    let (adrp, add) = (word(first)?, word(first + 1)?);
    // adrp x0: 1 immlo(2) 10000 immhi(19) 00000; add x0, x0, #imm12: 1001000100 imm12 00000 00000.
    if adrp & 0x9f00_001f != 0x9000_0000 || add & 0xffc0_03ff != 0x9100_0000 {
        return None;
    }
    let pages = i64::from(adrp >> 5 & 0x7_ffff) << 2 | i64::from(adrp >> 29 & 3);
    // Sign-extended from 21 bits.
    let pages = pages << 43 >> 43;
    let page = (function.checked_add(first as u64 * 4)? & !0xfff).checked_add_signed(pages * 4096)?;
    page.checked_add(u64::from(add >> 10 & 0xfff))
}
