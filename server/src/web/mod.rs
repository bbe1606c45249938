//! The web site: pages rendered by `app`, the browser files, and the headers that protect both.

mod accounts;
mod admin;
mod assets;
mod content_security;
mod dev_mail;
mod extension;
mod feeds;
mod form;
mod kept;
mod moderation;
mod pages;
mod people;
mod private;
mod publish;
mod sessions;
mod site_files;

pub(crate) use accounts::add_account_forms;
pub(crate) use admin::add_admin_forms;
pub use assets::Assets;
pub(crate) use content_security::add_security_headers;
pub(crate) use dev_mail::dev_mail;
pub(crate) use extension::show_provider;
pub(crate) use feeds::add_feeds;
pub(crate) use moderation::add_moderation_forms;
pub(crate) use pages::{SEARCH_PARAMETERS, add_pages};
pub(crate) use people::add_people_forms;
pub(crate) use private::{KnownByToken, only_known};
pub(crate) use publish::submit as submit_publish_form;
pub(crate) use sessions::{around_sessions, refuse_foreign_forms, session_layer, with_visitor};
pub(crate) use site_files::add_site_files;
