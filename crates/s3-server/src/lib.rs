//! A real S3 server on loopback, for tests: it checks signatures and checksums and keeps its objects as files.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test that cannot have its server ends")]

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    thread::JoinHandle,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use http_body_util::BodyExt as _;
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// The bucket that every server has.
pub const BUCKET: &str = "objects";

const ACCESS_KEY: &str = "loopback";
const SECRET_KEY: &str = "not-a-secret";
const REGION: &str = "us-east-1";

/// What a server does otherwise than AWS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quirk {
    /// Nothing.
    #[default]
    None,
    /// It refuses requests with a checksum in a header, as some servers do.
    RefusesChecksums,
    /// It has no room for anything.
    Full,
}

/// What a client in another process needs to reach a server at `endpoint`, as variables of its environment.
pub fn environment(endpoint: String) -> [(&'static str, String); 4] {
    [
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ENDPOINT_URL", endpoint),
    ]
}

/// Serves the buckets in `directory` at `address` until the process ends: for a server that is to be killed.
pub fn serve(directory: &Path, address: SocketAddr) {
    std::fs::create_dir_all(directory.join(BUCKET)).expect("a bucket");
    let listener = TcpListener::bind(address).expect("the port is free");
    serve_on(listener, directory, Quirk::None, CancellationToken::new());
}

/// A server on a port of its own. It ends, and its objects with it, when it is dropped.
#[derive(Debug)]
pub struct S3Server {
    directory: TempDir,
    address: SocketAddr,
    quirk: Quirk,
    running: Option<(CancellationToken, JoinHandle<()>)>,
}

impl S3Server {
    /// Starts a server with an empty bucket.
    pub fn start() -> Self {
        Self::start_with(Quirk::None)
    }

    /// Starts one that does something otherwise.
    pub fn start_with(quirk: Quirk) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(directory.path().join(BUCKET)).expect("a bucket");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut server = Self { directory, address, quirk, running: None };
        server.run(listener);
        server
    }

    /// Stops answering; objects stay.
    pub fn stop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            stop.cancel();
            thread.join().expect("the server ends in order");
        }
    }

    /// Answers again, at the same address.
    pub fn resume(&mut self) {
        self.run(TcpListener::bind(self.address).expect("the port is still free"));
    }

    /// The address of the server.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The directory whose files are the objects of the bucket.
    pub fn bucket(&self) -> PathBuf {
        self.directory.path().join(BUCKET)
    }

    /// How many parts lie on the server that belong to no object yet.
    pub fn unfinished_parts(&self) -> usize {
        let files = std::fs::read_dir(self.directory.path()).expect("a directory");
        let names = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with(".upload")).count()
    }

    /// What a client in this process needs.
    pub fn config(&self) -> SdkConfig {
        let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "loopback");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(self.endpoint())
            .build()
    }

    /// What a client in another process needs, as variables of its environment.
    pub fn environment(&self) -> [(&'static str, String); 4] {
        environment(self.endpoint())
    }

    /// On a thread of its own, so that tests may block theirs.
    fn run(&mut self, listener: TcpListener) {
        let (directory, quirk, stop) = (self.directory.path().to_owned(), self.quirk, CancellationToken::new());
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || serve_on(listener, &directory, quirk, stopped));
        self.running = Some((stop, thread));
    }
}

fn serve_on(listener: TcpListener, directory: &Path, quirk: Quirk, stop: CancellationToken) {
    listener.set_nonblocking(true).expect("a listener");
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(directory).expect("a store of files"));
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    let service = builder.build();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Connections are its tasks and end with it.
    runtime.block_on(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = accept(listener, service, quirk) => {}
        }
    });
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn accept(listener: TcpListener, service: S3Service, quirk: Quirk) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    while let Ok((socket, _)) = listener.accept().await {
        let service = service.clone();
        let answer = service_fn(move |request| answer(service.clone(), quirk, request));
        tokio::spawn(async move {
            let connection = Builder::new(TokioExecutor::new());
            let _ = connection.serve_connection(TokioIo::new(socket), answer).await;
        });
    }
}

async fn answer(
    service: S3Service,
    quirk: Quirk,
    request: Request<Incoming>,
) -> Result<Response<s3s::Body>, s3s::HttpError> {
    let refusal = match quirk {
        Quirk::RefusesChecksums if request.headers().contains_key("x-amz-checksum-sha256") => {
            Some((StatusCode::BAD_REQUEST, "InvalidArgument", "Unsupported header 'x-amz-checksum-sha256'"))
        }
        Quirk::Full if request.method() == hyper::Method::PUT => {
            Some((StatusCode::INSUFFICIENT_STORAGE, "XMinioStorageFull", "No room"))
        }
        _ => None,
    };
    let Some((status, code, message)) = refusal else { return Service::call(&service, request).await };
    // As servers do: who is still sending would not hear the answer.
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let mut response = Response::new(s3s::Body::from(body));
    *response.status_mut() = status;
    Ok(response)
}
