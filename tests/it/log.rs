//! SQLite's log begins anew once all of it lies in the database file, which it can only where nobody reads what came before.
//! Whoever decides ahead of a commit must have let go of what it read by then, or the log grows as long as the load lasts.

use crate::database::TestDatabase;
use onefold::{
    actions::access::DEFAULT_TENANT,
    engine::Engine,
    store::{
        checkpoint::carry_over,
        lane::{self, Leader},
    },
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
    let [logged, moved] = checkpoint(engine).await;
    assert!(logged > 0);
    logged - moved
}

/// How many pages the log holds, and how many of them lie in the database file after this.
async fn checkpoint(engine: &Engine) -> [i64; 2] {
    let checkpoint = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(PASSIVE)");
    let row = engine.lanes.query_one_raw(checkpoint).await.unwrap().unwrap();
    [1, 2].map(|column| row.try_get_by_index(column).unwrap())
}

async fn commit(engine: &Engine) {
    lane::enter(&engine.lanes, DEFAULT_TENANT).await.unwrap().commit().await.unwrap();
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

#[tokio::test]
async fn a_long_log_begins_anew() {
    let database = TestDatabase::fresh().await;
    let engine = Engine::open(&database.settings()).await.unwrap();
    if engine.lanes.get_database_backend() == DbBackend::Sqlite {
        commit(&engine).await;
        carry_over(&engine.connection, &engine.lanes, 0).await.unwrap();
        commit(&engine).await;
        let [of_one, _] = checkpoint(&engine).await;
        for _ in 0..20 {
            carry_over(&engine.connection, &engine.lanes, 0).await.unwrap();
            commit(&engine).await;
        }
        let [now, moved] = checkpoint(&engine).await;
        assert!((1..=2 * of_one).contains(&now) && moved == now, "{now} pages after {of_one} of one commit");
    }
}
