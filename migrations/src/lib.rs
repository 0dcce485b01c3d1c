//! The schema of onefold's database, as migrations that only ever add. One schema for SQLite and PostgreSQL; every key of
//! a tenant's table begins with `tenant_id`, so that it can be distributed by it.

use sea_orm_migration::prelude::*;

mod m0001_foundation;

/// All migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_foundation::Migration)]
    }
}
