//! What was asked a moment ago: a memory of bounded size that answers again until the answer is too old.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};

/// Answers by what was asked.
pub struct Fresh<K, V> {
    answers: RwLock<HashMap<K, Answer<V>>>,
    lifetime: Duration,
    capacity: usize,
}

struct Answer<V> {
    asked_at: Instant,
    value: V,
}

impl<K: Eq + Hash, V: Clone> Fresh<K, V> {
    /// An empty memory for at most `capacity` answers, each good for `lifetime` from when it was asked for.
    #[must_use]
    pub fn new(lifetime: Duration, capacity: usize) -> Self {
        Self { answers: RwLock::default(), lifetime, capacity }
    }

    /// The answer, if it is not too old at `now`.
    pub fn get(&self, key: &K, now: Instant) -> Option<V> {
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.get(key)?;
        (now.saturating_duration_since(answer.asked_at) < self.lifetime).then(|| answer.value.clone())
    }

    /// Keeps an answer. `asked_at` is from before the question was put: an answer is as old as its question.
    pub fn keep(&self, key: K, value: V, asked_at: Instant) {
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        // Forgetting everything costs one question each, and no order of age has to be kept.
        if answers.len() >= self.capacity && !answers.contains_key(&key) {
            answers.clear();
        }
        answers.insert(key, Answer { asked_at, value });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_millis(500);

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
