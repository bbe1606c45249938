use std::{net::SocketAddr, path::PathBuf, str::FromStr as _};

use ipnet::IpNet;
use registry::{MailSettings, PasswordCost, S3Settings};
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::{ConfigError, Values, identity::IdentityConfig, mail::mail};

/// The whole configuration.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Where this node keeps what is its own.
    pub data_dir: PathBuf,
    /// Bytes of the largest file that may be published.
    pub upload_limit: u64,
    /// The web server.
    pub http: HttpConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// The bucket for the objects; none for files in the data directory.
    pub s3: Option<S3Settings>,
    /// How mail leaves this server.
    pub mail: MailSettings,
    /// How much work a password is to whoever tries it.
    pub password_cost: PasswordCost,
    /// Who people are elsewhere, and what is asked of them here.
    pub identity: IdentityConfig,
    /// Logs and traces.
    pub log: LogConfig,
}

/// The web server.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// What to listen on.
    pub listen: SocketAddr,
    /// Under which people reach it: scheme and host, without a path.
    pub public_url: Url,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where the built browser files are.
    pub site_root: PathBuf,
    /// Whether only those read who have logged in or show a token.
    pub login_to_read: bool,
    /// Where weaknesses are reported: a `mailto:` or https address.
    pub security_contact: Option<String>,
    /// Whether kept mail is shown at `/dev/mail` to clients on this machine.
    pub dev_mail: bool,
}

/// The database.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseConfig {
    /// The database; none to start a private one.
    pub url: Option<PgConnectOptions>,
    /// Connections at most.
    pub max_connections: u32,
    /// The programs of the private PostgreSQL; none to look for them.
    pub pg_bindir: Option<PathBuf>,
}

/// Logs and traces.
#[derive(Clone, Debug)]
pub(crate) struct LogConfig {
    /// Which messages, as `tracing` filters are written.
    pub filter: String,
    /// How they look.
    pub format: LogFormat,
    /// Where traces go; none for nowhere.
    pub otlp_endpoint: Option<Url>,
}

/// How messages look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Config {
    /// Reads all values.
    pub(crate) fn from_values(values: &Values) -> Result<Self, ConfigError> {
        let http = HttpConfig::from_values(values)?;
        let mail = mail(values, &http.public_url)?;
        if http.dev_mail && mail.smtp.is_some() {
            // Who sends mail serves people: what is on its way to them is nobody else's.
            return Err(ConfigError::NotWith { name: "dev_mail", other: "mail.smtp" });
        }
        Ok(Self {
            data_dir: values.parse("data_dir", |text| Ok(PathBuf::from(text)))?.ok_or(ConfigError::NoHome)?,
            upload_limit: values.parse("upload_limit", upload_limit)?.unwrap_or(1 << 30),
            http,
            database: DatabaseConfig::from_values(values)?,
            s3: s3(values)?,
            mail,
            password_cost: password_cost(values)?,
            identity: IdentityConfig::from_values(values)?,
            log: LogConfig::from_values(values)?,
        })
    }
}

pub(super) fn flag(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("it should be true or false".to_owned()),
    }
}

fn contact(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "mailto" | "https" | "tel"));
    let is_line = !text.contains(char::is_control);
    url.filter(|_| is_line).map(String::from).ok_or_else(|| {
        "it should be an address such as mailto:security@example.org or https://example.org/security".to_owned()
    })
}

/// The parameters of Argon2id, within what it allows.
fn password_cost(values: &Values) -> Result<PasswordCost, ConfigError> {
    let number = |least: u32, most: u32| {
        move |text: &str| {
            let number = text.parse().ok().filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| format!("it should be a number from {least} to {most}"))
        }
    };
    let usual = PasswordCost::default();
    Ok(PasswordCost {
        memory: values.parse("password.memory", number(8 * 1024, 4 << 20))?.unwrap_or(usual.memory),
        passes: values.parse("password.passes", number(1, 100))?.unwrap_or(usual.passes),
        lanes: values.parse("password.lanes", number(1, 64))?.unwrap_or(usual.lanes),
    })
}

fn upload_limit(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|bytes| *bytes > 0);
    number.ok_or_else(|| "it should be a number of bytes, such as 1073741824".to_owned())
}

fn s3(values: &Values) -> Result<Option<S3Settings>, ConfigError> {
    let bucket = values.parse("s3.bucket", bucket)?;
    let public_endpoint = values.parse("s3.public_endpoint", endpoint)?;
    match (bucket, public_endpoint) {
        (Some(bucket), public_endpoint) => Ok(Some(S3Settings { bucket, public_endpoint })),
        (None, Some(_)) => Err(ConfigError::Without { name: "s3.public_endpoint", other: "s3.bucket" }),
        (None, None) => Ok(None),
    }
}

/// A name as AWS allows it: "Bucket naming rules" of the S3 user guide.
fn bucket(text: &str) -> Result<String, String> {
    let ends = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = (3..=63).contains(&text.len())
        && text.bytes().all(|byte| ends(byte) || matches!(byte, b'.' | b'-'))
        && text.bytes().next().is_some_and(ends)
        && text.bytes().last().is_some_and(ends);
    fits.then(|| text.to_owned()).ok_or_else(|| {
        "it should be the name of a bucket alone: 3 to 63 lower-case letters, digits, dots and hyphens".to_owned()
    })
}

fn endpoint(text: &str) -> Result<Url, String> {
    let expected =
        "it should be the http or https address of the S3 server, without the bucket, such as https://s3.example.com";
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && url.fragment().is_none()
    });
    url.filter(|url| url.username().is_empty() && url.password().is_none()).ok_or_else(|| expected.to_owned())
}

impl HttpConfig {
    fn from_values(values: &Values) -> Result<Self, ConfigError> {
        let listen = |text: &str| {
            text.parse().map_err(|_| "it should be an address and a port, such as 127.0.0.1:8080".to_owned())
        };
        let networks = |text: &str| {
            let network = |part: &str| {
                let part = part.trim();
                part.parse::<IpNet>()
                    .or_else(|_| part.parse::<std::net::IpAddr>().map(IpNet::from))
                    .map_err(|_| format!("{part:?} is no network such as 10.0.0.0/8"))
            };
            text.split(',').map(network).collect()
        };
        Ok(Self {
            listen: values.parse("listen", listen)?.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: values
                .parse("public_url", public_url)?
                .map_or_else(|| public_url("http://localhost:8080"), Ok)
                .map_err(|reason| ConfigError::Value {
                    name: "public_url",
                    value: String::new(),
                    origin: super::Origin::Default,
                    reason,
                })?,
            trusted_proxies: values.parse("trusted_proxies", networks)?.unwrap_or_default(),
            site_root: values.parse("site_root", |text| Ok(PathBuf::from(text)))?.unwrap_or_default(),
            login_to_read: values.parse("login_to_read", flag)?.unwrap_or(false),
            security_contact: values.parse("security_contact", contact)?,
            dev_mail: values.parse("dev_mail", flag)?.unwrap_or(false),
        })
    }
}

fn public_url(text: &str) -> Result<Url, String> {
    let expected = "it should be http or https, a host and nothing behind it, such as https://extensions.example.com";
    let url = Url::parse(text).map_err(|_| expected.to_owned())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if plain { Ok(url) } else { Err(expected.to_owned()) }
}

impl DatabaseConfig {
    fn from_values(values: &Values) -> Result<Self, ConfigError> {
        let url = |text: &str| {
            PgConnectOptions::from_str(text)
                .map_err(|_| "it should be postgresql://user:password@host/database".to_owned())
        };
        let connections = |text: &str| {
            text.parse()
                .ok()
                .filter(|count| (5..=1000).contains(count))
                .ok_or_else(|| "it should be a number from 5 to 1000".to_owned())
        };
        Ok(Self {
            url: values.parse("database.url", url)?,
            max_connections: values.parse("database.max_connections", connections)?.unwrap_or(20),
            pg_bindir: values.parse("database.pg_bindir", |text| Ok(PathBuf::from(text)))?,
        })
    }
}

impl LogConfig {
    fn from_values(values: &Values) -> Result<Self, ConfigError> {
        let format = |text: &str| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("it should be text or json".to_owned()),
        };
        let filter = |text: &str| {
            tracing_subscriber::EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
        };
        let endpoint = |text: &str| {
            Url::parse(text).map_err(|_| "it should be an address such as http://localhost:4318".to_owned())
        };
        Ok(Self {
            filter: values.parse("log.filter", filter)?.unwrap_or_default(),
            format: values.parse("log.format", format)?.unwrap_or(LogFormat::Text),
            otlp_endpoint: values.parse("log.otlp_endpoint", endpoint)?,
        })
    }
}
