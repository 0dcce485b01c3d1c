//! A fresh database for each test: SQLite in a file, or a PostgreSQL database owned by a role without superuser rights.

use jiff::Timestamp;
use onefold::{
    actions::access::DEFAULT_TENANT,
    config,
    domain::keyed_hash::IdKey,
    store::{
        connect,
        connect::migrate,
        tenants::{self, Tenant},
    },
};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The variable that names a PostgreSQL superuser.
const VARIABLE: &str = "TEST_DATABASE_URL";
/// Connections of one server: few, so that many tests fit into one PostgreSQL.
const CONNECTIONS: u32 = 4;
/// The role that tests connect as.
const ROLE: &str = "onefold_test";
/// Every test's tenant has the same secret, so that ids and therefore ties come out equal.
pub const ID_KEY: IdKey = IdKey::new([7; 32]);

static ROLE_EXISTS: OnceCell<()> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A database that goes when it is dropped.
pub struct TestDatabase {
    /// As onefold takes it.
    pub url: String,
    home: Home,
}

enum Home {
    Sqlite(TempDir),
    Postgres { superuser: String, name: String },
}

impl TestDatabase {
    /// A database with the schema and a default tenant.
    pub async fn fresh() -> Self {
        let database = Self::empty().await;
        let connection = database.connect().await;
        migrate(&connection).await.unwrap();
        let tenant = Tenant { id: DEFAULT_TENANT, name: "default".into(), id_key: ID_KEY };
        tenants::create(&connection, &tenant, Timestamp::now()).await.unwrap();
        connection.close().await.unwrap();
        database
    }

    /// A database with nothing in it.
    pub async fn empty() -> Self {
        match std::env::var(VARIABLE) {
            Ok(superuser) => Self::postgres(superuser).await,
            Err(_) => Self::sqlite(tempfile::tempdir().unwrap()),
        }
    }

    /// A database with nothing in it, in files that lie in memory where that is possible, so that no commit waits for a disk.
    pub async fn quick() -> Self {
        match std::env::var(VARIABLE) {
            Ok(superuser) => Self::postgres(superuser).await,
            Err(_) => Self::sqlite(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()),
        }
    }

    /// How onefold is told to use it.
    pub fn settings(&self) -> config::Database {
        config::Database { connections: CONNECTIONS, ..config::Database::at(self.url.clone()) }
    }

    /// A connection beside the server's.
    pub async fn connect(&self) -> DatabaseConnection {
        connect(&self.url, 1).await.unwrap()
    }

    /// How many servers may write to it at once, as far as tests go.
    pub fn replicas(&self) -> usize {
        if matches!(self.home, Home::Postgres { .. }) { 2 } else { 1 }
    }

    /// The files of a SQLite database.
    pub fn files(&self) -> Vec<PathBuf> {
        let Home::Sqlite(folder) = &self.home else { return Vec::new() };
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    fn sqlite(folder: TempDir) -> Self {
        let url = format!("sqlite://{}", folder.path().join("onefold.db").display());
        Self { url, home: Home::Sqlite(folder) }
    }

    async fn postgres(superuser: String) -> Self {
        ROLE_EXISTS.get_or_init(|| create_role(&superuser)).await;
        let name = format!("{ROLE}_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        run(&superuser, &format!("CREATE DATABASE {name} OWNER {ROLE} TEMPLATE template0")).await;
        let mut url: reqwest::Url = superuser.parse().unwrap();
        url.set_path(&name);
        url.set_username(ROLE).unwrap();
        url.set_password(Some(ROLE)).unwrap();
        Self { url: url.into(), home: Home::Postgres { superuser, name } }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Home::Postgres { superuser, name } = &self.home else { return };
        let (superuser, sql) = (superuser.clone(), format!("DROP DATABASE {name} WITH (FORCE)"));
        // A test's own runtime may be shutting down.
        let dropped = std::thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(run(&superuser, &sql));
        });
        if dropped.join().is_err() {
            eprintln!("the database {name} is left behind");
        }
    }
}

/// Several test runs may start at once: the first one creates the role.
async fn create_role(superuser: &str) {
    let sql = format!(
        "DO $$ BEGIN
            PERFORM pg_advisory_xact_lock(hashtext('{ROLE}'));
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
                CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE}' NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
            END IF;
        END $$"
    );
    run(superuser, &sql).await;
}

async fn run(url: &str, sql: &str) {
    let connection = connect(url, 1).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}
