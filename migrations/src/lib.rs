//! The schema of onefold's database, as migrations that only ever add. One schema for SQLite and PostgreSQL; every key of
//! a tenant's table begins with `tenant_id`, so that it can be distributed by it.

use sea_orm_migration::prelude::*;

mod m0001_foundation;

/// All migrations, in order.
pub struct Migrator;

/// The table of the tenants: few rows that every server reads whole.
pub const TENANTS: &str = "tenants";

/// All tables whose rows belong to a tenant. What distributes the tables goes by this list, and a test holds it against the
/// database's own.
pub const TENANT_TABLES: [&str; 15] = [
    "lanes",
    "api_keys",
    "sources",
    "events",
    "records",
    "record_keys",
    "dead_keys",
    "profiles",
    "journal",
    "commits",
    "judgements",
    "judged_records",
    "reviews",
    "runs",
    "models",
];

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_foundation::Migration)]
    }
}
