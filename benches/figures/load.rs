//! Load: as fast as connections can, or at a rate that waits for nobody.

use super::wire::Wire;
use std::{
    cell::Cell,
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::{
    sync::Semaphore,
    task::{JoinSet, LocalSet},
};

/// How many connections are kept alive.
pub const CONNECTIONS: usize = 64;

/// Which requests to send, in this order, and what each must be answered with.
#[derive(Clone)]
pub struct Requests {
    all: Rc<Vec<Vec<u8>>>,
    status: u16,
    next: Rc<Cell<usize>>,
    repeats: bool,
}

/// What came of a closed loop.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    /// How many requests were answered.
    pub count: usize,
    /// In this time.
    pub time: Duration,
}

impl Requests {
    /// Each is sent once.
    pub fn once(all: Vec<Vec<u8>>, status: u16) -> Self {
        Self { all: Rc::new(all), status, next: Rc::default(), repeats: false }
    }

    /// They are sent again and again.
    pub fn repeated(all: Vec<Vec<u8>>, status: u16) -> Self {
        Self { repeats: true, ..Self::once(all, status) }
    }

    /// The place of the next one, as long as there is one.
    fn take(&self) -> Option<usize> {
        let place = self.next.get();
        self.next.set(place + 1);
        if self.repeats { Some(place % self.all.len()) } else { Some(place).filter(|place| *place < self.all.len()) }
    }
}

/// So many connections, each with its next request as soon as the last one is answered, until time or requests are up.
pub async fn closed(address: SocketAddr, requests: &Requests, connections: usize, time: Duration) -> Done {
    let wires = connect(address, connections).await;
    let started = Instant::now();
    let counts = together(wires, |mut wire| {
        let requests = requests.clone();
        async move {
            let mut count = 0;
            while started.elapsed() < time {
                let Some(place) = requests.take() else { break };
                wire.expect(&requests.all[place], requests.status).await;
                count += 1;
            }
            count
        }
    });
    let count = counts.await.into_iter().sum();
    Done { count, time: started.elapsed() }
}

/// So many requests a second for this time, whether or not the ones before are answered. Latencies count from the instant at
/// which a request was to be sent, so that one that had to wait for a connection is not forgiven.
pub async fn open(address: SocketAddr, requests: &Requests, rate: f64, time: Duration) -> Vec<Duration> {
    let wires = connect(address, CONNECTIONS).await;
    let pace = Pace { started: Instant::now(), interval: Duration::from_secs_f64(1.0 / rate) };
    let (due, number) = (Arc::new(Semaphore::new(0)), Rc::new(Cell::new(0)));
    let pacer = thread::spawn({
        let due = Arc::clone(&due);
        move || pace.run(&due, time)
    });
    let latencies = together(wires, |mut wire| {
        let (requests, due, number) = (requests.clone(), Arc::clone(&due), Rc::clone(&number));
        async move {
            let mut latencies = Vec::new();
            while let Ok(permit) = due.acquire().await {
                permit.forget();
                let intended = pace.intended(number.replace(number.get() + 1));
                let Some(place) = requests.take() else { break };
                wire.expect(&requests.all[place], requests.status).await;
                latencies.push(intended.elapsed());
            }
            latencies
        }
    });
    let latencies = latencies.await.into_iter().flatten().collect();
    pacer.join().expect("the pacer");
    latencies
}

/// Runs a client on each connection, and waits for all of them. If one fails, all do.
async fn together<F: Future<Output: 'static> + 'static>(
    wires: Vec<Wire>,
    client: impl Fn(Wire) -> F,
) -> Vec<F::Output> {
    let (set, mut clients) = (LocalSet::new(), JoinSet::new());
    for wire in wires {
        clients.spawn_local_on(client(wire), &set);
    }
    set.run_until(clients.join_all()).await
}

/// When requests are to be sent.
#[derive(Clone, Copy)]
struct Pace {
    started: Instant,
    interval: Duration,
}

impl Pace {
    fn intended(&self, number: u32) -> Instant {
        self.started + self.interval * number
    }

    /// Releases each request when it is due. A thread sleeps more exactly than the runtime's timer, which counts in
    /// milliseconds.
    fn run(self, due: &Arc<Semaphore>, time: Duration) {
        for number in 0.. {
            let intended = self.intended(number);
            if intended - self.started >= time {
                break;
            }
            thread::sleep(intended.saturating_duration_since(Instant::now()));
            due.add_permits(1);
        }
        // Clients end once all that is due is taken; or they have failed, and we alone are left.
        while due.available_permits() > 0 && Arc::strong_count(due) > 1 {
            thread::sleep(Duration::from_millis(1));
        }
        due.close();
    }
}

async fn connect(address: SocketAddr, connections: usize) -> Vec<Wire> {
    let mut wires = Vec::with_capacity(connections);
    for _ in 0..connections {
        wires.push(Wire::connect(address).await);
    }
    wires
}
