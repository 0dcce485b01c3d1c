//! Distributing the tables. Citus itself is not here: what stands in for it notes what it is asked to do.

use crate::{
    command_line::stdout,
    database::TestDatabase,
    sample::{demo, ndjson},
    statements::{command, statements},
};
use onefold::store::citus::{CitusError, distribute, spread};
use onefold_migrations::{TENANT_TABLES, TENANTS};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;
use std::process::Command;

/// Citus's catalogue and functions, as far as they are used.
const STAND_IN: &str = "
    CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY, partkey text, colocated text);
    CREATE FUNCTION create_reference_table(t regclass) RETURNS void LANGUAGE sql AS
        'INSERT INTO pg_dist_partition VALUES (t, NULL, NULL)';
    CREATE FUNCTION create_distributed_table(t regclass, partkey text, colocate_with text DEFAULT 'default')
        RETURNS void LANGUAGE sql AS 'INSERT INTO pg_dist_partition VALUES (t, partkey, colocate_with)';
";

#[tokio::test]
async fn where_there_is_no_citus_it_says_so_and_does_nothing() {
    let database = TestDatabase::fresh().await;
    let connection = database.connect().await;
    let refused = distribute(&connection).await;
    match connection.get_database_backend() {
        DbBackend::Postgres => assert!(matches!(refused, Err(CitusError::Missing)), "{refused:?}"),
        _ => assert!(matches!(refused, Err(CitusError::NotPostgres)), "{refused:?}"),
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
    let output = command.args(["migrate", "--citus", "--database-url", &database.url]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("citus"));
    assert_eq!(stdout(output), "the schema is up to date\n");
}

#[tokio::test]
async fn every_table_of_tenants_is_distributed_once_and_with_the_others() {
    let database = TestDatabase::fresh().await;
    let connection = database.connect().await;
    if connection.get_database_backend() != DbBackend::Postgres {
        return;
    }
    connection.execute_unprepared(STAND_IN).await.unwrap();
    let done = spread(&connection).await.unwrap();
    assert_eq!(done.len(), TENANT_TABLES.len() + 1);
    let sql = "SELECT logicalrelid::text AS name, partkey, colocated FROM pg_dist_partition";
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    for row in &rows {
        let [partkey, colocated] =
            ["partkey", "colocated"].map(|name| row.try_get::<Option<String>>("", name).unwrap());
        let name: String = row.try_get("", "name").unwrap();
        let expected = match name.as_str() {
            TENANTS => (None, None),
            "lanes" => (Some("tenant_id"), Some("default")),
            _ => (Some("tenant_id"), Some("lanes")),
        };
        assert_eq!((partkey.as_deref(), colocated.as_deref()), expected, "{name}");
    }
    connection.execute_unprepared("DELETE FROM pg_dist_partition WHERE logicalrelid = 'runs'::regclass").await.unwrap();
    assert_eq!(spread(&connection).await.unwrap(), ["runs"]);
    assert_eq!(spread(&connection).await.unwrap(), Vec::<&str>::new());
}

#[tokio::test]
async fn where_citus_is_each_statement_writes_to_one_table() {
    let database = TestDatabase::fresh().await;
    let connection = database.connect().await;
    if connection.get_database_backend() != DbBackend::Postgres {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.ndjson");
    let import = |part: &[Value]| {
        std::fs::write(&events, ndjson(part)).unwrap();
        let (_, log) = command(&database, &["import", events.to_str().unwrap()]);
        let tables = statements(&log).into_iter().map(|sql| sql.matches("INSERT INTO").count());
        tables.max().unwrap()
    };
    let all = demo();
    assert!(import(&all[..5]) > 1);
    connection.execute_unprepared(STAND_IN).await.unwrap();
    assert_eq!(import(&all[5..]), 1);
}
