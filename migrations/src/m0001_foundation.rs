//! Tenants, keys, sources, events, records, blocking keys, profiles, the journal, judgements, reviews, import runs and models.
//!
//! Times are microseconds since 1970 in UTC. Structured values are JSON texts that no statement looks into.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// The first schema.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for narrow in [record_keys(), dead_keys(), judged_records()] {
            create_narrow(manager, narrow).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        // Partial: the most events belong to no import, the most profiles are alive, and the most judgements stand by themselves.
        let connection = manager.get_connection();
        connection
            .execute_unprepared("CREATE INDEX events_by_run ON events (tenant_id, run_id) WHERE run_id IS NOT NULL")
            .await?;
        connection
            .execute_unprepared(
                "CREATE INDEX profiles_by_survivor ON profiles (tenant_id, survivor_id) WHERE survivor_id IS NOT NULL",
            )
            .await?;
        connection
            .execute_unprepared(
                "CREATE INDEX judgements_by_whole ON judgements (tenant_id, part_of) WHERE part_of IS NOT NULL",
            )
            .await?;
        if connection.get_database_backend() == DbBackend::Postgres {
            // The most events change a profile's row. Where the page has room for the new one no index is written.
            connection.execute_unprepared("ALTER TABLE profiles SET (fillfactor = 70)").await?;
        }
        Ok(())
    }
}

/// A table of keys alone: on SQLite its rows live in the key's own tree.
async fn create_narrow(manager: &SchemaManager<'_>, mut table: TableCreateStatement) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    manager.create_table(table).await
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        tenants(),
        lanes(),
        api_keys(),
        sources(),
        events(),
        records(),
        profiles(),
        journal(),
        commits(),
        judgements(),
        reviews(),
        runs(),
        models(),
    ]
}

fn create(name: &'static str, columns: Vec<ColumnDef>, key: &[&'static str]) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name).col(ColumnDef::new("tenant_id").integer().not_null());
    for mut column in columns {
        table.col(&mut column);
    }
    let mut primary = Index::create();
    primary.primary().col("tenant_id");
    for column in key {
        primary.col(*column);
    }
    table.primary_key(&mut primary).to_owned()
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().to_owned()
}

fn maybe_uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().null().to_owned()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn maybe_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().null().to_owned()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

fn maybe_number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().to_owned()
}

fn real(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).double().not_null().to_owned()
}

fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).binary().not_null().to_owned()
}

/// `id_key`: the secret that ids and blocking keys are hashed with.
fn tenants() -> TableCreateStatement {
    create("tenants", vec![text("name"), bytes("id_key"), number("created_at")], &[])
}

/// One row a tenant: whoever holds its lock writes. `position` counts the commits, `forms` the distinct normal forms, `sources` how
/// often a source was registered or changed. `model`: the number of the model in force, 0 where none was applied; `changing`: whether
/// some records are still as the model before had them.
fn lanes() -> TableCreateStatement {
    let columns = ["position", "generation", "forms", "sources", "model", "changing"];
    create("lanes", columns.map(number).to_vec(), &[])
}

/// `id` is the beginning of `hash`; the key itself is never stored. `scopes`: names parted by blanks.
fn api_keys() -> TableCreateStatement {
    let columns =
        vec![uuid("id"), bytes("hash"), text("name"), text("scopes"), number("created_at"), maybe_number("revoked_at")];
    create("api_keys", columns, &["id"])
}

/// `settings`: a registered source, as JSON.
fn sources() -> TableCreateStatement {
    create("sources", vec![text("name"), text("settings")], &["name"])
}

/// `outcome`, `profile_id` and `changed` are the first answer. `body`: the event as JSON.
fn events() -> TableCreateStatement {
    let columns = vec![
        uuid("id"),
        maybe_uuid("record_id"),
        number("occurred_at"),
        text("source"),
        text("channel"),
        text("kind"),
        number("outcome"),
        maybe_uuid("profile_id"),
        maybe_text("changed"),
        number("position"),
        maybe_uuid("run_id"),
        text("body"),
    ];
    create("events", columns, &["id"])
}

/// `node_id`: the first record stored with the same normal form; that one alone has blocking keys.
/// `contact` and `observations` as JSON; `events`, `first_at`, `last_at` and `marks` sum the observations up. `marks`: a
/// Bloom filter of the channels, types and sources of its events.
fn records() -> TableCreateStatement {
    let columns = vec![
        uuid("id"),
        uuid("node_id"),
        uuid("profile_id"),
        text("contact"),
        text("observations"),
        number("events"),
        number("first_at"),
        number("last_at"),
        number("marks"),
    ];
    create("records", columns, &["id"])
}

fn record_keys() -> TableCreateStatement {
    create("record_keys", vec![number("key"), uuid("record_id")], &["key", "record_id"])
}

/// Keys that so many share that they join nobody. `kind`: which rule made the key; `claims`: whether it is that of an
/// identifier's claims; `why` and `count`: what decided it.
fn dead_keys() -> TableCreateStatement {
    create("dead_keys", vec![number("key"), text("kind"), number("claims"), number("why"), number("count")], &["key"])
}

/// `component_id` ties together the profiles between which there are possible matches, or records of one chosen value.
/// `survivor_id`: where a retired profile's records went. `records`, `events`, `first_at` and `last_at` sum up what it holds, so that reading it is reading
/// one row. `golden`: the surviving attributes as JSON; `backing`: where they came from, and the values that lost.
fn profiles() -> TableCreateStatement {
    let columns = vec![
        uuid("id"),
        uuid("component_id"),
        maybe_uuid("survivor_id"),
        number("version"),
        number("position"),
        number("ambiguous"),
        number("records"),
        number("events"),
        number("first_at"),
        number("last_at"),
        text("golden"),
        text("backing"),
    ];
    create("profiles", columns, &["id"])
}

/// What happened to profiles, append-only. `detail` as JSON.
fn journal() -> TableCreateStatement {
    let columns = vec![uuid("profile_id"), number("position"), text("kind"), number("recorded_at"), text("detail")];
    create("journal", columns, &["profile_id", "position"])
}

/// When each commit was recorded, by the last position that it wrote, and by how many events and living profiles there are more
/// after it.
fn commits() -> TableCreateStatement {
    let columns = vec![number("position"), number("recorded_at"), number("events"), number("profiles")];
    create("commits", columns, &["position"])
}

/// What stewards ruled over two sets of records, or which value they chose for those of one, append-only but for the withdrawal.
/// `a`, `b`: record ids as JSON. `value`: that of `attribute`, as JSON. `part_of`: the judgement that it is withdrawn with.
fn judgements() -> TableCreateStatement {
    let columns = vec![
        uuid("id"),
        maybe_text("verdict"),
        text("a"),
        maybe_text("b"),
        maybe_text("attribute"),
        maybe_text("value"),
        text("reason"),
        text("actor"),
        number("created_at"),
        maybe_uuid("part_of"),
        maybe_number("withdrawn_at"),
        maybe_text("withdrawn_by"),
    ];
    create("judgements", columns, &["id"])
}

/// Which judgements in force speak of a record.
fn judged_records() -> TableCreateStatement {
    create("judged_records", vec![uuid("record_id"), uuid("judgement_id")], &["record_id", "judgement_id"])
}

/// What waits for a steward, and what became of it. `one` and `other`: ids of what it is about. `value`: how much looking is
/// worth; `measure`: the bits of a pair, or how many it is about; `why`: why a pair is two. `position`: the last commit that
/// wrote it. `decided` as JSON.
fn reviews() -> TableCreateStatement {
    let columns = vec![
        uuid("id"),
        text("kind"),
        uuid("one"),
        maybe_uuid("other"),
        text("state"),
        real("value"),
        real("measure"),
        maybe_text("why"),
        number("position"),
        number("opened_at"),
        maybe_text("assignee"),
        maybe_number("snoozed_until"),
        maybe_text("decided"),
    ];
    create("reviews", columns, &["id"])
}

/// Bulk imports: how far each has come.
fn runs() -> TableCreateStatement {
    let columns = vec![
        uuid("id"),
        text("digest"),
        number("lines"),
        number("stored"),
        number("rejected"),
        text("state"),
        number("started_at"),
    ];
    create("runs", columns, &["id"])
}

/// Models that were applied, and how far each change to one has come. `reverts`: the change that it takes back; `done` of `total`
/// profiles are gone through, up to `swept_to` of those up to `last`.
fn models() -> TableCreateStatement {
    let columns = vec![
        number("number"),
        text("version"),
        text("text"),
        text("state"),
        maybe_number("reverts"),
        text("actor"),
        number("created_at"),
        maybe_number("finished_at"),
        number("done"),
        number("total"),
        uuid("swept_to"),
        uuid("last"),
    ];
    create("models", columns, &["number"])
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table).col("tenant_id");
        for column in columns {
            index.col(*column);
        }
        index.clone()
    };
    vec![
        // With what timelines are filtered by, so that a page is found in the index alone.
        index("events_timeline", "events", &["record_id", "occurred_at", "id", "channel", "kind", "source"]),
        index("records_by_profile", "records", &["profile_id"]),
        index("commits_by_time", "commits", &["recorded_at", "position"]),
        index("reviews_by_value", "reviews", &["state", "value", "id"]),
        index("reviews_by_one", "reviews", &["one"]),
        index("profiles_by_component", "profiles", &["component_id"]),
    ]
}
