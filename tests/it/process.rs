//! The real binary as a process of its own, which can be killed.

use crate::{client::Client, database::TestDatabase, server::ADMIN_KEY};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, ChildStderr, Command, Stdio},
    sync::mpsc,
    thread::JoinHandle,
};

/// `onefold serve` on a database. It is killed when it is dropped.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    log: Option<JoinHandle<String>>,
}

impl Process {
    /// Starts the binary and waits until it listens. It logs as much as it can.
    pub fn serve(database: &TestDatabase) -> Self {
        Self::start(database, Command::new(env!("CARGO_BIN_EXE_onefold")))
    }

    /// The same, with another database to read from.
    pub fn serve_with_replica(database: &TestDatabase, replica: &TestDatabase) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
        command.env("ONEFOLD_READ_DATABASE_URL", &replica.url);
        Self::start(database, command)
    }

    fn start(database: &TestDatabase, mut command: Command) -> Self {
        command.args(["serve", "--listen", "127.0.0.1:0", "--connections", "4", "--database-url", &database.url]);
        command.env("ONEFOLD_ADMIN_KEY", ADMIN_KEY).env("ONEFOLD_LOG", "onefold=trace,info").env("NO_COLOR", "1");
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let (found, address) = mpsc::channel();
        let log = std::thread::spawn(move || read(stderr, &found));
        let Ok(address) = address.recv() else {
            panic!("the server ended before it listened:\n{}", log.join().unwrap());
        };
        Self { child, address, log: Some(log) }
    }

    /// A client that may do everything.
    pub fn client(&self) -> Client {
        Client::new(self.address, Some(ADMIN_KEY))
    }

    /// A client that presents this key.
    pub fn client_with(&self, key: &str) -> Client {
        Client::new(self.address, Some(key))
    }

    /// `SIGKILL`; returns everything that it logged.
    pub fn kill(mut self) -> String {
        self.end();
        self.log.take().map(|log| log.join().unwrap()).unwrap_or_default()
    }

    fn end(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Reads the log to its end, and tells the address as soon as it stands there.
fn read(stderr: ChildStderr, found: &mpsc::Sender<SocketAddr>) -> String {
    let mut log = String::new();
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let address = line.strip_prefix("onefold listens on http://").and_then(|rest| rest.split(',').next());
        if let Some(address) = address {
            // Nobody waits any more where the test has failed.
            let _ = found.send(address.parse().unwrap());
        }
        log += &line;
        log.push('\n');
    }
    log
}
