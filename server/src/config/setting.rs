//! Every setting, once: its names, its default and what it is for.

/// A setting of the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// The name in the configuration file; a dot separates table and key.
    pub name: &'static str,
    /// The environment variable.
    pub variable: &'static str,
    /// The value where nobody says otherwise; none where the absence means something of its own.
    pub default: Option<&'static str>,
    /// Whether the value is never shown whole.
    pub is_secret: bool,
    /// What it is for, for `--help` and the README.
    pub help: &'static str,
}

impl Setting {
    const fn new(name: &'static str, variable: &'static str, help: &'static str) -> Self {
        Self { name, variable, default: None, is_secret: false, help }
    }

    const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// The command-line flag without its dashes.
    pub(crate) fn flag(&self) -> String {
        self.name.replace(['_', '.'], "-")
    }
}

/// All settings in the order in which they are shown.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting::new("listen", "PGINSTALL_LISTEN", "Address and port to listen on").default("127.0.0.1:8080"),
    Setting::new(
        "public_url",
        "PGINSTALL_PUBLIC_URL",
        "Address under which people reach this server; the origin of all absolute links",
    )
    .default("http://localhost:8080"),
    Setting::new(
        "trusted_proxies",
        "PGINSTALL_TRUSTED_PROXIES",
        "Networks, separated by commas, whose X-Forwarded-For is believed, for example 10.0.0.0/8",
    )
    .default(""),
    Setting::new(
        "data_dir",
        "PGINSTALL_DATA_DIR",
        "Directory for what this node keeps: /var/lib/pginstall for root, else the user's data folder",
    ),
    Setting::new("upload_limit", "PGINSTALL_UPLOAD_LIMIT", "Bytes of the largest file that may be published")
        .default("1073741824"),
    Setting::new("site_root", "PGINSTALL_SITE_ROOT", "Directory with the built browser files").default("target/site"),
    Setting::new(
        "database.url",
        "DATABASE_URL",
        "A PostgreSQL 15 or later to use; without it a private one is started",
    )
    .secret(),
    Setting::new(
        "database.max_connections",
        "PGINSTALL_DATABASE_MAX_CONNECTIONS",
        "Connections this process opens at most",
    )
    .default("20"),
    Setting::new(
        "database.pg_bindir",
        "PG_BINDIR",
        "Directory with the programs of the private PostgreSQL; found by itself where absent",
    ),
    Setting::new(
        "s3.bucket",
        "S3_BUCKET",
        "Bucket of an S3 server for the objects; without it they are files in the data directory",
    ),
    Setting::new(
        "s3.public_endpoint",
        "S3_PUBLIC_ENDPOINT",
        "Address under which clients reach the S3 server and are sent there for files; without it files go through this server",
    ),
    Setting::new(
        "mail.from",
        "PGINSTALL_MAIL_FROM",
        "Sender of all mail, an address with or without a name before it; pginstall at the host of public_url where absent",
    ),
    Setting::new(
        "mail.smtp",
        "PGINSTALL_MAIL_SMTP",
        "SMTP server that takes mail: smtp://host:587 (TLS by STARTTLS, required), smtps://user:password@host:465, or smtp+plain://127.0.0.1:25 on this machine; without it messages are kept and shown by `pginstall admin mail`",
    )
    .secret(),
    Setting::new("password.memory", "PGINSTALL_PASSWORD_MEMORY", "Memory that hashing a password takes, in KiB (Argon2id)")
        .default("19456"),
    Setting::new("password.passes", "PGINSTALL_PASSWORD_PASSES", "Passes over it").default("2"),
    Setting::new("password.lanes", "PGINSTALL_PASSWORD_LANES", "Lanes of it").default("1"),
    Setting::new(
        "second_factor",
        "PGINSTALL_SECOND_FACTOR",
        "Who may publish only with a second factor: nobody, critical (whoever publishes one of the most downloaded packages) or maintainers (everybody)",
    )
    .default("critical"),
    Setting::new(
        "email_domains",
        "PGINSTALL_EMAIL_DOMAINS",
        "false where the domains of people's addresses cannot be looked up; otherwise nothing is recovered by an address whose domain was given up",
    )
    .default("true"),
    Setting::new("github.client_id", "GITHUB_CLIENT_ID", "OAuth app at GitHub that people log in with; its callback is /login/with/github/callback"),
    Setting::new("github.client_secret", "GITHUB_CLIENT_SECRET", "Its secret").secret(),
    Setting::new("github.url", "GITHUB_URL", "The GitHub that people log in at").default("https://github.com"),
    Setting::new("github.api_url", "GITHUB_API_URL", "Its API").default("https://api.github.com"),
    Setting::new(
        "oidc.name",
        "OIDC_NAME",
        "What people know an OpenID provider as; several are separated by commas here and in the three settings below. Its callback is /login/with/{name}/callback, the name in lower case with - between words",
    ),
    Setting::new("oidc.issuer", "OIDC_ISSUER", "Its issuer, as it writes itself"),
    Setting::new("oidc.client_id", "OIDC_CLIENT_ID", "By what it knows this registry"),
    Setting::new("oidc.client_secret", "OIDC_CLIENT_SECRET", "By what it knows that it is this registry").secret(),
    Setting::new(
        "workflow_issuers",
        "PGINSTALL_WORKFLOW_ISSUERS",
        "Services whose workflows packages may trust, separated by commas: github or gitlab, a colon, and the issuer of their tokens",
    )
    .default("github:https://token.actions.githubusercontent.com,gitlab:https://gitlab.com"),
    Setting::new(
        "login_to_read",
        "PGINSTALL_LOGIN_TO_READ",
        "true to let only those read who have logged in or show a token",
    )
    .default("false"),
    Setting::new(
        "security_contact",
        "PGINSTALL_SECURITY_CONTACT",
        "Where weaknesses are reported, shown in /.well-known/security.txt: mailto:security@example.org, or an https address",
    ),
    Setting::new(
        "dev_mail",
        "PGINSTALL_DEV_MAIL",
        "true to show kept mail at /dev/mail to clients on this machine, for those who work on pginstall; not beside mail.smtp",
    )
    .default("false"),
    Setting::new("log.filter", "RUST_LOG", "Which messages are logged").default("info,sqlx=warn"),
    Setting::new("log.format", "PGINSTALL_LOG_FORMAT", "text or json").default("text"),
    Setting::new(
        "log.otlp_endpoint",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "Address of an OpenTelemetry collector (OTLP over HTTP) to send traces to",
    ),
];

/// The setting with this name, in any of its spellings.
pub(crate) fn find(name: &str) -> Option<&'static Setting> {
    let flag = name.trim_start_matches('-').replace(['_', '.'], "-");
    SETTINGS.iter().find(|setting| setting.flag() == flag || setting.variable == name)
}
