//! A fresh database, which goes when it is dropped.

use onefold::store::connect::connect;
use reqwest::Url;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::{
    env::var,
    fmt,
    sync::atomic::{AtomicU32, Ordering},
};
use tempfile::TempDir;

/// The variable that names a PostgreSQL database, as a role that may create others.
const VARIABLE: &str = "BENCH_DATABASE_URL";
const DEFAULT: &str = "postgres://postgres@127.0.0.1:5432/postgres";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    /// By its name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Sqlite, Self::Postgres].into_iter().find(|backend| backend.to_string() == name)
    }
}

/// A database with nothing in it.
pub struct Database {
    /// As onefold takes it.
    pub url: String,
    home: Home,
}

enum Home {
    Sqlite { _folder: TempDir },
    Postgres { name: String },
}

impl Database {
    /// A new one.
    pub async fn fresh(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::sqlite(),
            Backend::Postgres => Self::postgres().await,
        }
    }

    /// Connects as onefold does, with its settings.
    pub async fn connect(&self, connections: u32) -> DatabaseConnection {
        connect(&self.url, connections).await.expect("the database does not open")
    }

    /// Lets the database write down what is behind, so that nobody pays for it later.
    pub async fn settle(&self) {
        let checkpoint = match self.home {
            Home::Sqlite { .. } => "PRAGMA wal_checkpoint(TRUNCATE)",
            Home::Postgres { .. } => "CHECKPOINT",
        };
        run(&self.url, checkpoint).await;
    }

    fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("no temporary folder");
        let url = format!("sqlite://{}", folder.path().join("onefold.db").display());
        Self { url, home: Home::Sqlite { _folder: folder } }
    }

    async fn postgres() -> Self {
        let name = format!("onefold_bench_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        run(&server(), &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        let mut url: Url = server().parse().expect(VARIABLE);
        url.set_path(&name);
        Self { url: url.into(), home: Home::Postgres { name } }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Home::Postgres { name } = &self.home else { return };
        let sql = format!("DROP DATABASE {name} WITH (FORCE)");
        // We may stand inside a runtime, which nothing may block.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("no runtime").block_on(run(&server(), &sql));
        });
        if dropped.join().is_err() {
            eprintln!("the database {name} is left behind");
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

fn server() -> String {
    var(VARIABLE).unwrap_or_else(|_| DEFAULT.to_owned())
}

async fn run(url: &str, sql: &str) {
    let connection = connect(url, 1).await.unwrap_or_else(|error| panic!("{VARIABLE}: {error}"));
    connection.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection.close().await.expect("the connection does not close");
}
