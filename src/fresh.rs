//! What was asked a moment ago: a memory of bounded size that answers again until the answer is too old.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// Answers by what was asked.
pub struct Fresh<K, V> {
    answers: RwLock<HashMap<K, Answer<V>>>,
    lifetime: Duration,
    capacity: usize,
}

struct Answer<V> {
    asked_at: Instant,
    value: V,
    /// Held by whoever asks anew.
    turn: Arc<Mutex<()>>,
}

impl<K: Eq + Hash, V: Clone> Fresh<K, V> {
    /// An empty memory for at most `capacity` answers, each good for `lifetime` from when it was asked for.
    #[must_use]
    pub fn new(lifetime: Duration, capacity: usize) -> Self {
        Self { answers: RwLock::default(), lifetime, capacity }
    }

    /// What is known at `now`, or what `asking` answers. Of those who come when an answer has become too old the first one asks,
    /// and the others wait for it: what they get was asked for less than a lifetime before they came. Where it fails, they ask
    /// for themselves, all at once.
    ///
    /// # Errors
    /// Whatever `asking` fails with; that is not kept.
    pub async fn ask<E>(&self, key: K, now: Instant, asking: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        if let Some(known) = self.get(&key, now) {
            return Ok(known);
        }
        let turn = self.turn(&key);
        let held = turn.as_deref().map(Mutex::try_lock);
        if let (Some(turn), Some(Err(_))) = (&turn, &held) {
            drop(turn.lock().await);
            if let Some(known) = self.get(&key, now) {
                return Ok(known);
            }
        }
        let value = asking.await?;
        self.keep(key, value.clone(), now);
        Ok(value)
    }

    /// The answer, if it is not too old at `now`.
    fn get(&self, key: &K, now: Instant) -> Option<V> {
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.get(key)?;
        (now.saturating_duration_since(answer.asked_at) < self.lifetime).then(|| answer.value.clone())
    }

    /// Who asks anew; none where nothing was ever answered: made-up questions leave nothing behind.
    fn turn(&self, key: &K) -> Option<Arc<Mutex<()>>> {
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        answers.get(key).map(|answer| Arc::clone(&answer.turn))
    }

    /// Keeps an answer. `asked_at` is from before the question was put: an answer is as old as its question.
    fn keep(&self, key: K, value: V, asked_at: Instant) {
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        let turn = answers.get(&key).map(|answer| Arc::clone(&answer.turn));
        // Forgetting everything costs one question each, and no order of age has to be kept.
        if answers.len() >= self.capacity && turn.is_none() {
            answers.clear();
        }
        let turn = turn.unwrap_or_default();
        answers.insert(key, Answer { asked_at, value, turn });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::{join, join_all};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Semaphore;

    const LIFETIME: Duration = Duration::from_millis(500);

    /// What several get who ask at once for what has become too old, and how often it was asked for: as answered by `answer`,
    /// which knows how often it was asked before, once all of them wait.
    async fn together(
        fresh: &Fresh<&str, usize>,
        answer: fn(usize) -> Result<usize, ()>,
    ) -> (Vec<Result<usize, ()>>, usize) {
        let (asked_at, asked, gate) = (Instant::now(), AtomicUsize::new(0), Semaphore::new(0));
        fresh.keep("key", 7, asked_at);
        let asking = || async {
            let before = asked.fetch_add(1, Ordering::Relaxed);
            drop(gate.acquire().await.unwrap());
            answer(before)
        };
        let all = join_all((0..12).map(|_| fresh.ask("key", asked_at + LIFETIME, asking())));
        // Polled after all of them, once.
        let (answers, ()) = join(all, async { gate.add_permits(1) }).await;
        (answers, asked.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn of_those_who_come_too_late_one_asks_and_all_get_the_answer() {
        let fresh = Fresh::new(LIFETIME, 10);
        assert_eq!(together(&fresh, |_| Ok(8)).await, (vec![Ok(8); 12], 1));
        assert_eq!(fresh.ask("key", Instant::now(), async { Err(()) }).await, Ok(8));
    }

    #[tokio::test]
    async fn where_the_one_that_asks_fails_the_others_ask_for_themselves() {
        let fresh = Fresh::new(LIFETIME, 10);
        let (answers, asked) = together(&fresh, |before| if before == 0 { Err(()) } else { Ok(8) }).await;
        assert_eq!((answers[0], asked > 1), (Err(()), true));
        assert!(answers[1..].iter().all(|answer| *answer == Ok(8)), "{answers:?}");
        // A key that was revoked meanwhile opens nothing to anybody.
        assert_eq!(together(&fresh, |_| Err(())).await, (vec![Err(()); 12], 12));
    }

    #[tokio::test]
    async fn whoever_goes_away_while_asking_leaves_the_turn_to_the_others() {
        let (fresh, asked_at) = (Fresh::new(LIFETIME, 10), Instant::now());
        fresh.keep("key", 7, asked_at);
        let mut first = Box::pin(fresh.ask("key", asked_at + LIFETIME, std::future::pending::<Result<i32, ()>>()));
        assert!(futures_util::poll!(&mut first).is_pending());
        let second = fresh.ask("key", asked_at + LIFETIME, async { Ok::<_, ()>(8) });
        let (answer, ()) = join(second, async { drop(first) }).await;
        assert_eq!(answer, Ok(8));
    }

    #[test]
    fn an_answer_is_good_for_its_lifetime_and_no_longer() {
        let (fresh, asked_at) = (Fresh::new(LIFETIME, 10), Instant::now());
        fresh.keep("key", 7, asked_at);
        assert_eq!(fresh.get(&"key", asked_at), Some(7));
        assert_eq!(fresh.get(&"key", asked_at + LIFETIME / 2), Some(7));
        assert_eq!(fresh.get(&"key", asked_at + LIFETIME), None);
        assert_eq!(fresh.get(&"other", asked_at), None);
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let (fresh, now) = (Fresh::new(LIFETIME, 3), Instant::now());
        for key in 0..100 {
            fresh.keep(key, key, now);
            assert!(fresh.answers.read().unwrap().len() <= 3);
            assert_eq!(fresh.get(&key, now), Some(key));
        }
        fresh.keep(99, 0, now);
        assert_eq!(fresh.get(&99, now), Some(0));
    }
}
