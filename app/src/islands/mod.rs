//! What reaches the browser.

mod copy_button;

pub use copy_button::CopyButton;
