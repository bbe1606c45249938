//! What reaches the browser.

mod copy_button;
mod search_box;
mod shortcuts;
mod storage;
mod theme_switch;

pub use copy_button::CopyButton;
pub use search_box::SearchBox;
pub use shortcuts::Shortcuts;
pub use theme_switch::ThemeSwitch;
