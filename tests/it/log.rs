//! SQLite's log begins anew once all of it lies in the database file, which it can only where nobody reads what came before.
//! Whoever decides ahead of a commit holds on to nothing that it read, or the log would grow as long as the load lasts.

use crate::database::TestDatabase;
use onefold::{
    actions::access::DEFAULT_TENANT,
    engine::Engine,
    store::{
        checkpoint::carry_over,
        connect::connect_lanes,
        lane::{self, Lane, Leader},
    },
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use tokio::sync::oneshot;

/// The connections of an engine that is gone, and with it whoever keeps the log: where lanes are held, and where is read ahead. None
/// on PostgreSQL, which has no such log.
async fn connections(database: &TestDatabase) -> Option<[DatabaseConnection; 2]> {
    let engine = Engine::open(&database.settings()).await.unwrap();
    let backend = engine.lanes.get_database_backend();
    engine.close().await;
    drop(engine);
    if backend != DbBackend::Sqlite {
        return None;
    }
    Some(connect_lanes(&database.url, 2).await.unwrap())
}

/// Commits a lane that somebody has read beside; tells how many pages of the log cannot be moved then.
async fn left_behind(lanes: &DatabaseConnection, lane: Lane, reader: &impl ConnectionTrait) -> i64 {
    lane::standing(reader, DEFAULT_TENANT).await.unwrap();
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
async fn a_follower_does_not_hold_up_the_log() {
    let database = TestDatabase::fresh().await;
    if let Some([lanes, ahead]) = connections(&database).await {
        let enter = || lane::enter(&lanes, DEFAULT_TENANT);
        let reader = ahead.begin().await.unwrap();
        assert!(left_behind(&lanes, enter().await.unwrap(), &reader).await > 0);
        reader.rollback().await.unwrap();
        let lane = enter().await.unwrap();
        let (_tell, committed) = oneshot::channel();
        let follower =
            lane::follow(&ahead, &lanes, DEFAULT_TENANT, Leader { mark: lane.next(), committed: Some(committed) });
        assert_eq!(left_behind(&lanes, lane, &follower).await, 0);
    }
}

#[tokio::test]
async fn a_long_log_begins_anew() {
    let database = TestDatabase::fresh().await;
    if let Some([lanes, ahead]) = connections(&database).await {
        commit(&lanes).await;
        carry_over(&ahead, &lanes, 0).await.unwrap();
        commit(&lanes).await;
        let [of_one, _] = checkpoint(&lanes).await;
        for _ in 0..20 {
            carry_over(&ahead, &lanes, 0).await.unwrap();
            commit(&lanes).await;
        }
        let [now, moved] = checkpoint(&lanes).await;
        assert!((1..=2 * of_one).contains(&now) && moved == now, "{now} pages after {of_one} of one commit");
    }
}
