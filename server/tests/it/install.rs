//! Every archive that is made of this machine's PostgreSQL really installs, the way its page says.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use model::{LoadKind, PackageKind};
use registry::{Installation, ListingQuery, Order, PackageDetails, Viewer};

use crate::support::{ScratchPostgres, TestServer, installed_bindir};

pub(crate) fn sharedir() -> PathBuf {
    let output = Command::new(installed_bindir().join("pg_config")).arg("--sharedir").output().expect("pg_config runs");
    PathBuf::from(String::from_utf8(output.stdout).expect("text").trim())
}

async fn all_packages(server: &TestServer) -> Vec<PackageDetails> {
    let mut packages = Vec::new();
    let mut after = None;
    loop {
        let query = ListingQuery { category: None, tag: None, order: Order::Name, after, limit: 100 };
        let page = server.registry.list(&query).await.expect("a list");
        for listing in page.items {
            packages
                .push(server.registry.package(Viewer::Anonymous, &listing.name, None, None).await.expect("a package"));
        }
        after = page.next;
        if after.is_none() {
            return packages;
        }
    }
}

/// The commands that the page of a package shows for its archive.
fn commands_of(page: &str) -> String {
    let start = page.find("aria-label=\"the commands\"").expect("commands on the page");
    let code = page[start..].split_once("<code>").and_then(|(_, rest)| rest.split_once("</code>")).expect("code").0;
    code.replace("<!>", "")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Runs them as a user would, in a directory of its own, with `pg_config` naming the trees of the scratch PostgreSQL.
fn run_commands(commands: &str, directory: &Path, scratch: &ScratchPostgres) {
    let pg_config = directory.join("pg_config");
    fs::write(
        &pg_config,
        format!(
            "#!/bin/sh\ncase $1 in --sharedir) echo '{}' ;; --pkglibdir) echo '{}' ;; esac\n",
            scratch.share.display(),
            scratch.library.display()
        ),
    )
    .expect("written");
    fs::set_permissions(&pg_config, fs::Permissions::from_mode(0o755)).expect("executable");
    let output = Command::new("sh")
        .args(["-euc", commands])
        .current_dir(directory)
        .env("PATH", format!("{}:/usr/bin:/bin", directory.display()))
        .output()
        .expect("sh runs");
    assert!(output.status.success(), "{commands}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn libraries(package: &PackageDetails) -> Vec<String> {
    package.release.modules.iter().map(|module| module.library.clone()).collect()
}

async fn create_extensions(scratch: &ScratchPostgres, package: &PackageDetails) -> Result<(), String> {
    let database = format!("try_{}", package.name.as_str().replace('-', "_").to_lowercase());
    let mut session = scratch.connect("postgres").await;
    ScratchPostgres::run(&mut session, &format!("create database {database} template template0")).await?;
    let mut session = scratch.connect(&database).await;
    for extension in &package.release.extensions {
        let name = extension.name.quoted();
        if extension.name.as_str() == "plpgsql" {
            // It comes with every database, and must come again from its archive.
            ScratchPostgres::run(&mut session, "drop extension plpgsql").await?;
        }
        ScratchPostgres::run(&mut session, &format!("create extension {name} cascade")).await?;
        let rows = ScratchPostgres::rows(
            &mut session,
            &format!("select extversion from pg_extension where extname = '{}'", extension.name),
        )
        .await;
        let version = extension.version.as_ref().map(ToString::to_string);
        if rows != vec![vec![version.clone()]] {
            return Err(format!("{name} has version {rows:?}, not {version:?}"));
        }
    }
    // Libraries load, also those whose functions no test here calls.
    for module in &package.release.modules {
        if module.load_kind != LoadKind::SharedPreloadRequired {
            ScratchPostgres::run(&mut session, &format!("load '{}'", module.library)).await?;
        }
    }
    Ok(())
}

/// Puts a module to use as its load kind says.
async fn use_module(scratch: &mut ScratchPostgres, package: &PackageDetails) -> Result<(), String> {
    let Some(module) = package.release.modules.first() else { return Err("no library".to_owned()) };
    let library = &module.library;
    match module.load_kind {
        LoadKind::SharedPreloadRequired | LoadKind::SharedPreloadOptional => {
            // Started with it above; whether it is there says the server itself.
            let mut session = scratch.connect("postgres").await;
            let rows = ScratchPostgres::rows(&mut session, "select current_setting('shared_preload_libraries')").await;
            let loaded = rows[0][0].as_deref().is_some_and(|list| list.split(", ").any(|name| name == library));
            if loaded { Ok(()) } else { Err(format!("not preloaded: {rows:?}")) }
        }
        LoadKind::OutputPlugin => {
            let mut session = scratch.connect("postgres").await;
            let create = format!("select pg_create_logical_replication_slot('try', '{library}')");
            ScratchPostgres::run(&mut session, &create).await?;
            ScratchPostgres::run(&mut session, "create table t (a int); insert into t values (1)").await?;
            let rows =
                ScratchPostgres::rows(&mut session, "select data from pg_logical_slot_get_changes('try', null, null)")
                    .await;
            ScratchPostgres::run(&mut session, "select pg_drop_replication_slot('try')").await?;
            if rows.iter().flatten().flatten().any(|row| row.contains("INSERT")) {
                Ok(())
            } else {
                Err(format!("{rows:?}"))
            }
        }
        LoadKind::ArchiveModule | LoadKind::OnDemand | LoadKind::SessionPreload | LoadKind::Unknown => {
            let mut session = scratch.connect("postgres").await;
            ScratchPostgres::run(&mut session, &format!("load '{library}'")).await
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_imported_archive_installs_into_an_empty_postgres_and_works() {
    let server = TestServer::start().await;
    let installation = Installation::read(&installed_bindir().join("pg_config")).expect("an installation");
    let report = server.import(installation).await;
    assert_eq!(report.problems, [], "everything on this machine can be imported");
    let packages = all_packages(&server).await;
    assert!(packages.len() >= 50, "about fifty packages, not {}", packages.len());

    let importable: Vec<String> = packages.iter().flat_map(libraries).collect();
    let mut scratch = ScratchPostgres::new(&importable);
    // Empty indeed: nothing can be created yet.
    scratch.restart(&[]);
    let mut session = scratch.connect("postgres").await;
    assert!(ScratchPostgres::rows(&mut session, "select name from pg_available_extensions").await.is_empty());
    assert!(ScratchPostgres::run(&mut session, "load 'auto_explain'").await.is_err());
    drop(session);

    for package in &packages {
        let page = server.text(&format!("/packages/{}?way=archive", package.name)).await;
        let commands = commands_of(&page).replace("http://registry.test", server.base());
        let directory = tempfile::tempdir().expect("a directory");
        tokio::task::block_in_place(|| run_commands(&commands, directory.path(), &scratch));
    }

    // SELinux is not there to ask; everything else that wants to be preloaded is, all at once.
    let without_selinux = |library: &String| library != "sepgsql";
    let preloaded: Vec<String> = packages
        .iter()
        .flat_map(|package| &package.release.modules)
        .filter(|module| matches!(module.load_kind, LoadKind::SharedPreloadRequired | LoadKind::SharedPreloadOptional))
        .map(|module| module.library.clone())
        .filter(without_selinux)
        .collect();
    scratch.restart(&[&format!("shared_preload_libraries={}", preloaded.join(", "))]);

    let mut failures = Vec::new();
    for package in &packages {
        let result = match package.kind {
            PackageKind::Extension => create_extensions(&scratch, package).await,
            PackageKind::Module if package.name.as_str() == "sepgsql" => {
                // Without SELinux it must be found, loaded and then refuse by its own word.
                let mut session = scratch.connect("postgres").await;
                match ScratchPostgres::run(&mut session, "load 'sepgsql'").await {
                    Err(error) if error.contains("shared_preload_libraries") => Ok(()),
                    other => Err(format!("{other:?}")),
                }
            }
            PackageKind::Module => use_module(&mut scratch, package).await,
        };
        if let Err(reason) = result {
            failures.push(format!("{}: {reason}", package.name));
        }
    }
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), packages.len(), failures.join("\n"));
}
