//! SQLite's log begins anew once all of it lies in the database file, which it can only where nobody reads what came before.
//! Whoever decides ahead of a commit must have let go of what it read by then, or the log grows as long as the load lasts.

use crate::database::TestDatabase;
use onefold::{
    actions::access::DEFAULT_TENANT,
    engine::Engine,
    store::lane::{self, Leader},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::sync::oneshot;

/// Commits while somebody who follows has read; tells how many pages of the log cannot be moved then.
async fn left_behind(engine: &Engine, rests: bool) -> i64 {
    let lane = lane::enter(&engine.lanes, DEFAULT_TENANT).await.unwrap();
    let (_tell, committed) = oneshot::channel();
    let leader = Leader { mark: lane.next(), committed };
    let mut follower = lane::follow(&engine.connection, &engine.lanes, DEFAULT_TENANT, leader).await.unwrap();
    lane::standing(&follower.tx, DEFAULT_TENANT).await.unwrap();
    if rests {
        follower.rest().await.unwrap();
    }
    lane.commit().await.unwrap();
    let checkpoint = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(PASSIVE)");
    let row = engine.lanes.query_one_raw(checkpoint).await.unwrap().unwrap();
    let [logged, moved] = [1, 2].map(|column| row.try_get_by_index::<i64>(column).unwrap());
    assert!(logged > 0);
    logged - moved
}

#[tokio::test]
async fn a_follower_that_rests_does_not_hold_up_the_log() {
    let database = TestDatabase::fresh().await;
    let engine = Engine::open(&database.settings()).await.unwrap();
    // PostgreSQL has no such log.
    if engine.lanes.get_database_backend() == DbBackend::Sqlite {
        assert!(left_behind(&engine, false).await > 0);
        assert_eq!(left_behind(&engine, true).await, 0);
    }
}
