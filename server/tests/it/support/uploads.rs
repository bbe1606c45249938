//! Archives as `trunk build` makes them, and uploads as its clients send them.

use std::collections::BTreeMap;

use formats::{
    archive,
    manifest::{FileKind, Manifest, ManifestFile},
};
use model::{Email, Handle, NamePattern, TokenAction};
use registry::{NewToken, Token};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::TestServer;

/// An archive that is being put together.
#[derive(Clone, Debug)]
pub(crate) struct TrunkArchive {
    pub(crate) manifest: Manifest,
    files: Vec<(String, Vec<u8>)>,
}

impl TrunkArchive {
    /// An archive of an extension of the same name in plain SQL, for PostgreSQL 15.
    pub(crate) fn sql(name: &str, version: &str) -> Self {
        Self::empty(name, version)
            .with(
                &format!("extension/{name}.control"),
                format!("comment = 'What {name} is for'\ndefault_version = '{version}'\nrelocatable = true\n")
                    .as_bytes(),
            )
            .with(
                &format!("extension/{name}--{version}.sql"),
                format!("create function {name}_answer() returns int language sql as 'select 42';\n").as_bytes(),
            )
    }

    /// An archive with a library of the fixtures, for the major in the fixture's name.
    pub(crate) fn library(name: &str, version: &str, fixture: &str) -> Self {
        let library =
            std::fs::read(format!("{}/../crates/formats/tests/fixtures/{fixture}.so", env!("CARGO_MANIFEST_DIR")));
        let mut archive = Self::sql(name, version).with(&format!("{name}.so"), &library.expect("a fixture"));
        let (arch, rest) = fixture.split_once('-').expect("an architecture");
        arch.clone_into(&mut archive.manifest.architecture);
        archive.manifest.pg_version =
            rest.rsplit_once("pg").and_then(|(_, major)| major.parse().ok()).expect("a major");
        archive
    }

    /// An archive without files.
    pub(crate) fn empty(name: &str, version: &str) -> Self {
        let manifest = Manifest {
            name: name.to_owned(),
            extension_name: Some(name.to_owned()),
            dependencies: None,
            extension_dependencies: None,
            version: version.to_owned(),
            manifest_version: 2,
            sys: "linux".to_owned(),
            architecture: "x86_64".to_owned(),
            files: BTreeMap::new(),
            configurations: None,
            loadable_libraries: None,
            pg_version: 15,
        };
        Self { manifest, files: Vec::new() }
    }

    /// The same with one more file, or with another content of it.
    pub(crate) fn with(mut self, path: &str, content: &[u8]) -> Self {
        self.files.retain(|(known, _)| known != path);
        self.files.push((path.to_owned(), content.to_vec()));
        self.manifest.files.insert(path.to_owned(), ManifestFile { kind: FileKind::of_path(path) });
        self
    }

    /// The content of a file.
    pub(crate) fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.iter().find(|(known, _)| known == path).map(|(_, content)| content.as_slice())
    }

    /// The same for another major.
    pub(crate) fn for_postgres(mut self, major: u8) -> Self {
        self.manifest.pg_version = major;
        self
    }

    /// The archive.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        archive::write(Vec::new(), &self.files, &self.manifest).expect("an archive")
    }

    /// Writes the archive to a file.
    pub(crate) fn write(&self, path: &std::path::Path) {
        let file = std::fs::File::create(path).expect("a file");
        archive::write(file, &self.files, &self.manifest).expect("written");
    }

    /// What `trunk publish` says of it: every key, null where nothing is known.
    pub(crate) fn metadata(&self) -> Value {
        json!({
            "name": self.manifest.name,
            "extension_name": self.manifest.extension_name,
            "extension_dependencies": null,
            "vers": self.manifest.version,
            "description": null,
            "documentation": null,
            "homepage": null,
            "license": null,
            "repository": null,
            "system_dependencies": null,
            "categories": null,
            "configurations": null,
            "libraries": null,
        })
    }
}

/// A zip of files that are stored as they are; a path that ends in a slash is a directory.
pub(crate) fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut body, mut directory) = (Vec::new(), Vec::new());
    for (path, content) in files {
        let offset = u32::try_from(body.len()).expect("a small zip");
        let size = u32::try_from(content.len()).expect("a small file");
        let mut facts = Vec::new();
        // Version 2.0, names in UTF-8, stored, midnight of the first of January 1980.
        for number in [20_u16, 0x800, 0, 0, 0x21] {
            facts.extend(number.to_le_bytes());
        }
        for number in [crc32fast::hash(content), size, size] {
            facts.extend(number.to_le_bytes());
        }
        facts.extend(u16::try_from(path.len()).expect("a short path").to_le_bytes());
        facts.extend([0; 2]);
        body.extend(b"PK\x03\x04");
        body.extend(&facts);
        body.extend(path.as_bytes());
        body.extend(content);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&facts);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(path.as_bytes());
    }
    let count = u16::try_from(files.len()).expect("few files").to_le_bytes();
    let (begin, size) = (u32::try_from(body.len()), u32::try_from(directory.len()));
    body.extend(directory);
    body.extend(b"PK\x05\x06\0\0\0\0");
    body.extend(count.iter().chain(&count));
    body.extend(size.expect("small").to_le_bytes());
    body.extend(begin.expect("small").to_le_bytes());
    body.extend([0; 2]);
    body
}

/// A part of an upload.
pub(crate) struct Part<'a> {
    pub(crate) name: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) content: &'a [u8],
}

/// The body of an upload, with the boundary `boundary`.
pub(crate) fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        let file_name = if part.name == "file" { "; filename=\"archive.tar.gz\"" } else { "" };
        let token = part.token.map(|token| format!("authorization: {token}\r\n")).unwrap_or_default();
        body.extend_from_slice(
            format!(
                "--boundary\r\nContent-Disposition: form-data; name=\"{}\"{file_name}\r\ncontent-type: application/octet-stream\r\n{token}\r\n",
                part.name
            )
            .as_bytes(),
        );
        body.extend_from_slice(part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--boundary--\r\n");
    body
}

impl TestServer {
    /// A token of a new account that may publish everything.
    pub(crate) async fn token(&self, handle: &str) -> Token {
        let actions = vec![TokenAction::PublishNew, TokenAction::PublishUpdate, TokenAction::Yank];
        self.token_for(handle, actions, NamePattern::all()).await
    }

    /// A token of an account, which is made if it is not there.
    pub(crate) async fn token_for(&self, handle: &str, actions: Vec<TokenAction>, pattern: NamePattern) -> Token {
        let handle: Handle = handle.parse().expect("a handle");
        let email: Email = format!("{handle}@example.org").parse().expect("an address");
        // It may be there.
        let _ = self.registry.create_account(&handle, &email).await;
        let new = NewToken { name: "for a test".to_owned(), actions, patterns: vec![pattern], expires_at: None };
        self.registry.create_token(&handle, &new, Token::generate(&mut rand::rng())).await.expect("a token").token
    }

    /// Sends what `trunk publish` sends: two parts, each with the token in its headers.
    pub(crate) async fn trunk_publish(&self, token: &Token, metadata: &Value, archive: &[u8]) -> Response {
        let metadata = metadata.to_string();
        let token = Some(token.reveal());
        self.post_multipart(&multipart(&[
            Part { name: "metadata", token, content: metadata.as_bytes() },
            Part { name: "file", token, content: archive },
        ]))
        .await
    }

    /// The same for an archive of which nothing else is said; it has to be accepted.
    pub(crate) async fn published(&self, token: &Token, archive: &TrunkArchive) -> String {
        let answer = self.trunk_publish(token, &archive.metadata(), &archive.bytes()).await;
        let (status, text) = (answer.status(), answer.text().await.expect("text"));
        assert_eq!(status, 200, "{text}");
        text
    }

    /// Sends a body of [`multipart`].
    pub(crate) async fn post_multipart(&self, body: &[u8]) -> Response {
        self.request(Method::POST, "/extensions/new")
            .header("content-type", "multipart/form-data; boundary=boundary")
            .body(body.to_vec())
            .send()
            .await
            .expect("an answer")
    }

    /// The JSON at a path, from the page cache where that has it.
    pub(crate) async fn cached_json(&self, path: &str) -> Value {
        let answer = self.get_cached(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.expect("JSON")
    }
}
