//! SQLite's log begins anew once all of it lies in the database file, which it can only where nobody reads what came before.
//! Whoever decides ahead of a commit must have let go of what it read by then, or the log grows as long as the load lasts.

use crate::database::TestDatabase;
use onefold::{
    actions::access::DEFAULT_TENANT,
    engine::Engine,
    store::{
        checkpoint::carry_over,
        connect::{connect, connect_to_write},
        lane::{self, Leader},
    },
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use tokio::sync::oneshot;

/// The connections of an engine that is gone, and with it whoever keeps the log: where it is read, and where lanes are held. None on
/// PostgreSQL, which has no such log.
async fn connections(database: &TestDatabase) -> Option<(DatabaseConnection, DatabaseConnection)> {
    let engine = Engine::open(&database.settings()).await.unwrap();
    let backend = engine.lanes.get_database_backend();
    engine.close().await;
    drop(engine);
    if backend != DbBackend::Sqlite {
        return None;
    }
    Some((connect(&database.url, 2).await.unwrap(), connect_to_write(&database.url).await.unwrap()))
}

/// Commits while somebody who follows has read; tells how many pages of the log cannot be moved then.
async fn left_behind(reads: &DatabaseConnection, lanes: &DatabaseConnection, rests: bool) -> i64 {
    let lane = lane::enter(lanes, DEFAULT_TENANT).await.unwrap();
    let (_tell, committed) = oneshot::channel();
    let leader = Leader { mark: lane.next(), committed };
    let mut follower = lane::follow(reads, lanes, DEFAULT_TENANT, leader).await.unwrap();
    lane::standing(&follower.tx, DEFAULT_TENANT).await.unwrap();
    if rests {
        follower.rest().await.unwrap();
    }
    lane.commit().await.unwrap();
    let [logged, moved] = checkpoint(lanes).await;
    assert!(logged > 0);
    logged - moved
}

/// How many pages the log holds, and how many of them lie in the database file after this.
async fn checkpoint(lanes: &DatabaseConnection) -> [i64; 2] {
    let checkpoint = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(PASSIVE)");
    let row = lanes.query_one_raw(checkpoint).await.unwrap().unwrap();
    [1, 2].map(|column| row.try_get_by_index(column).unwrap())
}

async fn commit(lanes: &DatabaseConnection) {
    lane::enter(lanes, DEFAULT_TENANT).await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_follower_that_rests_does_not_hold_up_the_log() {
    let database = TestDatabase::fresh().await;
    if let Some((reads, lanes)) = connections(&database).await {
        assert!(left_behind(&reads, &lanes, false).await > 0);
        assert_eq!(left_behind(&reads, &lanes, true).await, 0);
    }
}

#[tokio::test]
async fn a_long_log_begins_anew() {
    let database = TestDatabase::fresh().await;
    if let Some((reads, lanes)) = connections(&database).await {
        commit(&lanes).await;
        carry_over(&reads, &lanes, 0).await.unwrap();
        commit(&lanes).await;
        let [of_one, _] = checkpoint(&lanes).await;
        for _ in 0..20 {
            carry_over(&reads, &lanes, 0).await.unwrap();
            commit(&lanes).await;
        }
        let [now, moved] = checkpoint(&lanes).await;
        assert!((1..=2 * of_one).contains(&now) && moved == now, "{now} pages after {of_one} of one commit");
    }
}
