//! Pages of accounts: how somebody gets one, its settings, and what others see of it.

mod device;
mod forgot_password;
mod frame;
mod login;
mod mail_sent;
mod new_token;
mod register;
mod reset_password;
mod security;
mod sessions;
mod settings;
mod settings_frame;
mod token_words;
mod tokens;
mod user;
mod verify_email;
mod when;

pub(crate) use forgot_password::ForgotPasswordPage;
pub(crate) use login::LoginPage;
pub(crate) use register::RegisterPage;
pub(crate) use reset_password::ResetPasswordPage;
pub(crate) use security::SecurityPage;
pub(crate) use sessions::SessionsPage;
pub(crate) use settings::SettingsPage;
pub(crate) use tokens::TokensPage;
pub(crate) use user::UserPage;
pub(crate) use verify_email::VerifyEmailPage;
