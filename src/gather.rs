//! Questions that arrive while others are answered are put together: one statement answers them all.

use crate::store::StoreError;
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// So many questions are put together at the most: an answer to more takes longer than its turn.
const MOST: usize = 64;

/// What answers several questions: one answer each, in their order.
type Answer<Q, A> = Box<dyn Fn(Vec<Q>) -> BoxFuture<'static, Result<Vec<A>, StoreError>> + Send + Sync>;

/// Gathers questions. One that comes alone is put at once.
pub struct Gather<Q, A> {
    answer: Answer<Q, A>,
    /// So many questions, alone or together, are being answered at once.
    at_once: usize,
    state: Mutex<State<Q, A>>,
}

struct State<Q, A> {
    waiting: Vec<(Q, oneshot::Sender<A>)>,
    running: usize,
}

impl<Q: Copy + Send + 'static, A: Send + 'static> Gather<Q, A> {
    /// Nothing asked yet.
    #[must_use]
    pub fn new(
        at_once: usize,
        answer: impl Fn(Vec<Q>) -> BoxFuture<'static, Result<Vec<A>, StoreError>> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let state = State { waiting: Vec::new(), running: 0 };
        Arc::new(Self { answer: Box::new(answer), at_once, state: Mutex::new(state) })
    }

    /// Puts a question.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ask(self: &Arc<Self>, question: Q) -> Result<A, StoreError> {
        let (reply, answer) = oneshot::channel();
        let begins = {
            let mut state = self.state();
            state.waiting.push((question, reply));
            let begins = state.running < self.at_once;
            state.running += usize::from(begins);
            begins
        };
        if begins {
            // A task of its own: whoever asked may go away, and others wait for the answer.
            tokio::spawn(Arc::clone(self).work());
        }
        match answer.await {
            Ok(answer) => Ok(answer),
            // Together they were not answered: each learns by itself why.
            Err(_) => (self.answer)(vec![question]).await?.pop().ok_or(StoreError::Busy),
        }
    }

    /// Answers what waits until nothing does.
    async fn work(self: Arc<Self>) {
        while let Some((questions, replies)) = self.next() {
            let answers = AssertUnwindSafe((self.answer)(questions)).catch_unwind().await;
            for (reply, answer) in replies.into_iter().zip(answers.into_iter().flatten().flatten()) {
                // Whoever asked may be gone.
                let _ = reply.send(answer);
            }
        }
    }

    /// What waits; nothing, and this task is at its end, where nothing does.
    fn next(&self) -> Option<(Vec<Q>, Vec<oneshot::Sender<A>>)> {
        let mut state = self.state();
        if state.waiting.is_empty() {
            state.running -= 1;
            return None;
        }
        let many = state.waiting.len().min(MOST);
        Some(state.waiting.drain(..many).unzip())
    }

    fn state(&self) -> MutexGuard<'_, State<Q, A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::{join, join_all};
    use tokio::{sync::Semaphore, task::yield_now};

    /// Doubles what it is asked, once for each permit, and writes down how many questions were put together.
    struct Doubling {
        permits: Arc<Semaphore>,
        batches: Arc<Mutex<Vec<usize>>>,
        gather: Arc<Gather<usize, usize>>,
    }

    fn doubling(fails: fn(&[usize]) -> bool) -> Doubling {
        let (permits, batches) = (Arc::new(Semaphore::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (gate, asked) = (Arc::clone(&permits), Arc::clone(&batches));
        let gather = Gather::new(1, move |questions: Vec<usize>| {
            let gate = Arc::clone(&gate);
            asked.lock().unwrap().push(questions.len());
            async move {
                gate.acquire().await.unwrap().forget();
                if fails(&questions) {
                    return Err(StoreError::Corrupt("answer"));
                }
                Ok(questions.into_iter().map(|question| question * 2).collect())
            }
            .boxed()
        });
        Doubling { permits, batches, gather }
    }

    impl Doubling {
        /// Asks one question, others once that one is being answered, and lets all be answered then.
        async fn ask(&self, others: std::ops::Range<usize>) -> Vec<Result<usize, StoreError>> {
            let rest = async {
                while self.batches.lock().unwrap().is_empty() {
                    yield_now().await;
                }
                let rest = join_all(others.map(|question| self.gather.ask(question)));
                join(rest, async { self.permits.add_permits(1_000) }).await.0
            };
            let (first, mut answers) = join(self.gather.ask(0), rest).await;
            answers.insert(0, first);
            answers
        }
    }

    #[tokio::test]
    async fn what_is_asked_meanwhile_is_answered_together_and_each_gets_its_own() {
        let doubling = doubling(|_| false);
        let answers: Vec<usize> = doubling.ask(1..MOST + 11).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (0..MOST + 11).map(|question| question * 2).collect::<Vec<_>>());
        assert_eq!(*doubling.batches.lock().unwrap(), [1, MOST, 10]);
        assert_eq!(doubling.gather.state().running, 0);
    }

    #[tokio::test]
    async fn what_fails_together_is_asked_alone() {
        let doubling = doubling(|questions| questions.contains(&3));
        let answers = doubling.ask(1..5).await;
        for (question, answer) in answers.iter().enumerate() {
            assert_eq!(answer.as_ref().ok(), (question != 3).then_some(&(question * 2)), "{question}");
        }
    }

    #[tokio::test]
    async fn what_breaks_off_leaves_nobody_waiting() {
        let doubling = doubling(|questions| {
            assert!(questions.len() == 1, "a bug");
            false
        });
        let answers: Vec<usize> = doubling.ask(1..5).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [0, 2, 4, 6, 8]);
        assert_eq!(doubling.gather.state().running, 0);
    }
}
