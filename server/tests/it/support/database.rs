use std::{hash::Hasher as _, str::FromStr as _};

use registry::connect_lazily;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, postgres::PgConnectOptions};

/// A database of its own with the whole schema, cloned from a template that is made once for each state of the migrations.
pub(crate) async fn new_database() -> PgConnectOptions {
    let url = std::env::var("DATABASE_URL")
        .expect("run the tests with scripts/with-postgres, which starts a PostgreSQL for them");
    let options = PgConnectOptions::from_str(&url).expect("an address of a database");
    let mut admin = PgConnection::connect_with(&options).await.expect("a connection");
    let template = template_name();
    sqlx::raw_sql("select pg_advisory_lock(hashtextextended('template', 0))")
        .execute(&mut admin)
        .await
        .expect("a lock");
    let found = sqlx::raw_sql(AssertSqlSafe(format!("select 1 from pg_database where datname = '{template}'")))
        .fetch_optional(&mut admin)
        .await
        .expect("an answer");
    if found.is_none() {
        create(&mut admin, &format!("create database {template}_new")).await;
        let pool = connect_lazily(options.clone().database(&format!("{template}_new")), 2);
        registry::migrate(&pool).await.expect("the migrations run");
        pool.close().await;
        create(&mut admin, &format!("alter database {template}_new rename to {template}")).await;
    }
    let name = format!("test_{}", hex::encode(rand::random::<[u8; 8]>()));
    create(&mut admin, &format!("create database {name} template {template}")).await;
    // Ends the session and with it the lock.
    admin.close().await.expect("closed");
    options.database(&name)
}

async fn create(admin: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(admin).await.expect(statement);
}

fn template_name() -> String {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
    let mut files: Vec<_> =
        std::fs::read_dir(directory).expect("migrations").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let mut hash = std::hash::DefaultHasher::new();
    for file in files {
        hash.write(&std::fs::read(file).expect("readable"));
    }
    format!("template_{:016x}", hash.finish())
}
