use std::{fs, net::TcpStream, path::PathBuf, process::Command};

use registry::{MailSettings, MailTransport, SmtpLogin, SmtpSecurity, SmtpSettings};
use tempfile::TempDir;

use super::{Program, free_port, variable, wait_until};

/// A real SMTP server (aiosmtpd) on a port of loopback, which keeps what it takes; see `smtp_sink.py` for what it refuses.
pub(crate) struct SmtpSink {
    port: u16,
    directory: TempDir,
    program: Option<Program>,
}

impl SmtpSink {
    /// One that runs.
    pub(crate) fn start() -> Self {
        let mut sink = Self::stopped();
        sink.run();
        sink
    }

    /// One that does not run yet: nobody listens on its port.
    pub(crate) fn stopped() -> Self {
        Self { port: free_port(), directory: tempfile::tempdir().expect("a directory"), program: None }
    }

    /// Runs it and waits until it listens.
    pub(crate) fn run(&mut self) {
        let mut command = Command::new(variable("AIOSMTPD_PYTHON", "scripts/with-clients"));
        command
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/smtp_sink.py"))
            .arg(self.folder())
            .arg(self.port.to_string());
        let mut program = Program::start(command, self.directory.path());
        wait_until("the start of the SMTP server", 20, || {
            assert!(!program.has_ended(), "{}", program.messages());
            TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
        self.program = Some(program);
    }

    /// A way for mail that ends here.
    pub(crate) fn transport(&self) -> MailTransport {
        self.transport_with(SmtpSecurity::None, None)
    }

    /// The same with a protection and a password.
    pub(crate) fn transport_with(&self, security: SmtpSecurity, password: Option<&str>) -> MailTransport {
        let login = |password: &str| SmtpLogin { user: "pginstall".to_owned(), password: password.to_owned() };
        let settings = MailSettings {
            from: "pginstall@registry.test".parse().expect("a sender"),
            host: "registry.test".to_owned(),
            smtp: Some(SmtpSettings {
                host: "127.0.0.1".to_owned(),
                port: self.port,
                security,
                login: password.map(login),
            }),
        };
        MailTransport::new(&settings).expect("a transport")
    }

    /// What has come, in its order.
    pub(crate) fn messages(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder()) else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        files.iter().map(|file| fs::read_to_string(file).expect("a message").replace("\r\n", "\n")).collect()
    }

    fn folder(&self) -> PathBuf {
        self.directory.path().join("messages")
    }
}
