use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use sha2::Digest as _;

use crate::artifact_download::matches;

/// The browser files, in memory. What lies in `pkg/` is served below an address that holds the hash of all of it, and so
/// may be kept for ever; what lies beside it (favicon and the like) is served at the root and asked for again.
#[derive(Debug)]
pub struct Assets {
    files: BTreeMap<String, Asset>,
    directory: String,
}

#[derive(Debug)]
struct Asset {
    content_type: &'static str,
    is_immutable: bool,
    etag: String,
    identity: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

impl Assets {
    /// Reads all files below `root`; `.gz` and `.br` beside a file are that file compressed.
    ///
    /// A program that was built with the feature `embedded-site` has them in itself and needs no `root`.
    pub fn load(root: &Path) -> io::Result<Self> {
        let mut contents = BTreeMap::new();
        if cfg!(feature = "embedded-site") && !root.exists() {
            embedded::read(&mut contents);
        } else {
            read_tree(root, &PathBuf::new(), &mut contents)?;
        }
        Ok(Self::from_contents(&contents))
    }

    fn from_contents(contents: &BTreeMap<String, Bytes>) -> Self {
        let mut hash = sha2::Sha256::new();
        for (path, content) in contents.iter().filter(|(path, _)| path.starts_with("pkg/")) {
            hash.update(path.as_bytes());
            hash.update(sha2::Sha256::digest(content));
        }
        let directory = format!("assets/{}", hex::encode(&hash.finalize()[..6]));
        let files = contents
            .iter()
            .filter(|(path, _)| !matches!(path.rsplit('.').next(), Some("gz" | "br")))
            .map(|(path, content)| {
                let asset = Asset {
                    content_type: content_type(path),
                    is_immutable: path.starts_with("pkg/"),
                    etag: hex::encode(&sha2::Sha256::digest(content)[..8]),
                    identity: content.clone(),
                    gzip: contents.get(&format!("{path}.gz")).cloned(),
                    brotli: contents.get(&format!("{path}.br")).cloned(),
                };
                let address =
                    path.strip_prefix("pkg/").map_or_else(|| format!("/{path}"), |name| format!("/{directory}/{name}"));
                (address, asset)
            })
            .collect();
        Self { files, directory }
    }

    /// Where the hashed files are, without a slash at either end.
    pub fn directory(&self) -> String {
        self.directory.clone()
    }

    /// The file at an address.
    pub(super) fn respond(&self, path: &str, request: &HeaderMap) -> Option<Response> {
        let asset = self.files.get(path)?;
        let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (body, encoding) = match (&asset.brotli, &asset.gzip) {
            (Some(brotli), _) if accepted.contains("br") => (brotli, Some("br")),
            (_, Some(gzip)) if accepted.contains("gzip") => (gzip, Some("gzip")),
            _ => (&asset.identity, None),
        };
        let etag = format!("\"{}{}\"", asset.etag, encoding.map(|encoding| format!("-{encoding}")).unwrap_or_default());
        let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let mut response = if known.is_some_and(|known| matches(known, &etag)) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = Response::new(Body::from(body.clone()));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
            if let Some(encoding) = encoding {
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
            response
        };
        let headers = response.headers_mut();
        let caching = if asset.is_immutable { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            headers.insert(header::ETAG, etag);
        }
        Some(response)
    }
}

#[cfg(feature = "embedded-site")]
mod embedded {
    use std::collections::BTreeMap;

    use axum::body::Bytes;
    use include_dir::{Dir, include_dir};

    static SITE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../target/site");

    pub(super) fn read(contents: &mut BTreeMap<String, Bytes>) {
        let mut directories = vec![&SITE];
        while let Some(directory) = directories.pop() {
            directories.extend(directory.dirs());
            for file in directory.files() {
                contents.insert(file.path().to_string_lossy().into_owned(), Bytes::from_static(file.contents()));
            }
        }
    }
}

#[cfg(not(feature = "embedded-site"))]
mod embedded {
    use std::collections::BTreeMap;

    use axum::body::Bytes;

    /// Nothing was put into this program.
    pub(super) fn read(_: &mut BTreeMap<String, Bytes>) {}
}

fn read_tree(root: &Path, relative: &Path, contents: &mut BTreeMap<String, Bytes>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(relative))? {
        let entry = entry?;
        let relative = relative.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            read_tree(root, &relative, contents)?;
        } else {
            contents.insert(relative.to_string_lossy().into_owned(), Bytes::from(fs::read(entry.path())?));
        }
    }
    Ok(())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("json" | "webmanifest") => "application/json",
        Some("xml") => "application/xml",
        _ => "text/plain; charset=utf-8",
    }
}
