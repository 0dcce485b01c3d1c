//! onefold itself: the release binary as a process of its own.

use super::{database::Database, people::events::Occurrence};
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The key that clients present.
pub const KEY: &str = "the-key-of-the-benchmarks";
/// The binary that was built along.
const BINARY: &str = env!("CARGO_BIN_EXE_onefold");
/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often we look.
const GLANCE: Duration = Duration::from_millis(10);

/// `onefold serve`, killed when it is dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

/// What an import took.
#[derive(Clone, Copy, Debug)]
pub struct Imported {
    /// From start to end of the process.
    pub time: Duration,
    /// The most memory that it had at once, in bytes.
    pub memory: u64,
}

/// Events in a file, one a line.
pub struct EventFile {
    path: PathBuf,
    file: BufWriter<File>,
    _folder: TempDir,
}

impl Server {
    /// Starts a server with default settings, and waits until it listens. Its log goes to a file.
    pub fn start(database: &Database) -> Self {
        Self::of(Path::new(BINARY), database)
    }

    /// The same of another binary.
    pub fn of(binary: &Path, database: &Database) -> Self {
        let folder = tempfile::tempdir().expect("no temporary folder");
        let log = folder.path().join("log");
        let mut command = run(binary, &["serve", "--listen", "127.0.0.1:0"], database);
        command.env("ONEFOLD_ADMIN_KEY", KEY).stderr(File::create(&log).expect("no log"));
        let child = command.spawn().expect("onefold does not start");
        let mut server = Self { address: SocketAddr::from(([0; 4], 0)), child, _folder: folder };
        server.address = listening(&log);
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl EventFile {
    /// An empty file.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("no temporary folder");
        let path = folder.path().join("events.ndjson");
        let file = BufWriter::new(File::create(&path).expect("no file of events"));
        Self { path, file, _folder: folder }
    }

    /// A file of these events.
    pub fn of(events: &[Occurrence]) -> Self {
        let mut file = Self::new();
        file.append(events.iter().map(|event| event.body.as_str()));
        file
    }

    /// Adds events.
    pub fn append(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) {
        for line in lines {
            writeln!(self.file, "{}", line.as_ref()).expect("no space for the events");
        }
        self.file.flush().expect("no space for the events");
    }

    /// `onefold import` of all of them; every single one is stored.
    pub fn import(&self, database: &Database) -> Imported {
        let mut command = onefold(&["import"], database);
        command.arg(&self.path).stdout(Stdio::null()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().expect("onefold does not start");
        let mut memory = 0;
        while child.try_wait().expect("the import is lost").is_none() {
            memory = peak_memory(child.id()).unwrap_or(memory);
            sleep(GLANCE);
        }
        let time = started.elapsed();
        let output = child.wait_with_output().expect("the import is lost");
        assert!(output.status.success(), "the import failed: {}", String::from_utf8_lossy(&output.stderr));
        Imported { time, memory }
    }
}

/// What `onefold export assignments` prints.
pub fn assignments(database: &Database) -> String {
    let output = onefold(&["export", "assignments"], database).output().expect("onefold does not start");
    assert!(output.status.success(), "the export failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the export is UTF-8")
}

/// A command with default settings, whatever our environment says.
fn onefold(arguments: &[&str], database: &Database) -> Command {
    run(Path::new(BINARY), arguments, database)
}

fn run(binary: &Path, arguments: &[&str], database: &Database) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ONEFOLD_")) {
        command.env_remove(name);
    }
    command.args(arguments).args(["--database-url", &database.url]).stdin(Stdio::null());
    command
}

/// The address that a server logs once it listens.
pub fn listening(log: &Path) -> SocketAddr {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let text = fs::read_to_string(log).expect("no log");
        let complete = text.rfind('\n').map_or("", |end| &text[..end]);
        let rest = complete.split_once("listens on http://").map(|(_, rest)| rest);
        if let Some(address) = rest.and_then(|rest| rest.split([',', '\n']).next()) {
            return address.parse().expect("an address");
        }
        sleep(GLANCE);
    }
    panic!("the server does not listen:\n{}", fs::read_to_string(log).unwrap_or_default());
}

/// The most memory that a living process had at once, as Linux counts it.
fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1_024)
}
