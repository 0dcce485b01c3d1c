//! Batches of prepared events: read and prepared on a thread of their own while the batch before is written. Memory holds a
//! few batches, however long the input.

use super::{
    input::Reader,
    items::{Content, Item, Items, Lines},
    mapping::{BoundMapping, Mapping, MappingError},
    rejects::{Mistake, Reject},
    rows::{Row, Rows},
};
use crate::{
    actions::prepare::{PreparedEvent, prepare},
    cli::error::CliError,
    domain::{
        contact::Event,
        id::RunId,
        keyed_hash::IdKey,
        parallel,
        source::Sources,
        validate::{self, ErrorCode, FieldError},
    },
    http::json::parse,
};
use jiff::Timestamp;
use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};
use tokio::{runtime::Handle, sync::mpsc};

/// A batch of long items ends early, after so many bytes.
const BATCH_BYTES: usize = 4 << 20;

/// Events to write together, and what was refused among them.
#[derive(Default)]
pub struct Batch {
    /// The events, in the order of the input.
    pub events: Vec<PreparedEvent>,
    /// The line of each event.
    pub lines: Vec<u64>,
    /// What was refused.
    pub rejects: Vec<Reject>,
    /// The line of the last item.
    pub last_line: u64,
    /// How many bytes of the input, as it lies, were read by then.
    pub taken: u64,
}

/// The items of an input, and what their cells mean where they are rows.
pub struct Source {
    items: Items,
    mapping: Option<BoundMapping>,
}

/// What turns items into prepared events.
pub struct Preparing {
    /// The tenant's.
    pub id_key: IdKey,
    /// All registered sources.
    pub sources: Sources,
    /// The run that the events belong to.
    pub run: RunId,
}

/// All that makes batches.
pub struct Feed {
    /// What is read.
    pub source: Source,
    /// How it becomes events.
    pub preparing: Preparing,
    /// Where the input is, for errors.
    pub path: PathBuf,
    /// Counts the bytes read.
    pub taken: Arc<AtomicU64>,
    /// How many items make a batch.
    pub size: usize,
    /// Items up to this line are done.
    pub done: u64,
}

impl Source {
    /// NDJSON; a CSV where there is a mapping.
    ///
    /// # Errors
    /// Where the mapping does not fit the file.
    pub fn new(reader: Reader, mapping: Option<Mapping>) -> Result<Self, MappingError> {
        let Some(mapping) = mapping else {
            return Ok(Self { items: Items::Lines(Lines::new(reader)), mapping: None });
        };
        let mut rows = Rows::new(reader, mapping.delimiter);
        let header = if mapping.wants_header() { header(&mut rows)? } else { Row::default() };
        Ok(Self { items: Items::Rows(rows), mapping: Some(mapping.bind(&header)?) })
    }
}

fn header(rows: &mut Rows<Reader>) -> Result<Row, MappingError> {
    match rows.read() {
        Ok(Some(Item { content: Content::Row(row), .. })) => Ok(row),
        _ => Err(MappingError::NoHeader),
    }
}

impl Feed {
    /// Starts reading. The thread is left to itself: one that waits for standard input could not be joined.
    ///
    /// # Panics
    /// Outside a runtime.
    #[must_use]
    pub fn start(self) -> mpsc::Receiver<Result<Batch, CliError>> {
        let (runtime, (sender, receiver)) = (Handle::current(), mpsc::channel(1));
        thread::spawn(move || self.run(&runtime, &sender));
        receiver
    }

    fn run(mut self, runtime: &Handle, sender: &mpsc::Sender<Result<Batch, CliError>>) {
        // Nothing is read before there is room for it: one batch ahead is enough, and each takes its memory.
        while let Ok(room) = runtime.block_on(sender.reserve()) {
            let batch = match self.read() {
                Ok(items) if items.is_empty() => return,
                Ok(items) => Ok(self.prepare(&items)),
                Err(error) => Err(CliError::file(&self.path)(error)),
            };
            let is_last = batch.is_err();
            room.send(batch);
            if is_last {
                return;
            }
        }
        // Nobody listens any more: the writing failed.
    }

    fn read(&mut self) -> io::Result<Vec<Item>> {
        let (mut items, mut bytes) = (Vec::new(), 0);
        while items.len() < self.size && bytes < BATCH_BYTES {
            let Some(item) = self.source.items.read()? else { break };
            if item.line > self.done {
                bytes += item.content.size();
                items.push(item);
            }
        }
        Ok(items)
    }

    /// Prepares all items, on all cores.
    fn prepare(&self, items: &[Item]) -> Batch {
        let (preparing, mapping, now) = (&self.preparing, self.source.mapping.as_ref(), Timestamp::now());
        let prepared = parallel::map(items, |item| (item.line, preparing.item(&item.content, mapping, now)));
        Batch { taken: self.taken.load(Ordering::Relaxed), ..sort(prepared) }
    }
}

fn sort(prepared: Vec<(u64, Result<PreparedEvent, Vec<Mistake>>)>) -> Batch {
    let mut batch = Batch::default();
    for (line, result) in prepared {
        batch.last_line = line;
        match result {
            Ok(event) => {
                batch.events.push(event);
                batch.lines.push(line);
            }
            Err(errors) => batch.rejects.push(Reject { line, errors }),
        }
    }
    batch
}

impl Preparing {
    fn item(
        &self,
        content: &Content,
        mapping: Option<&BoundMapping>,
        now: Timestamp,
    ) -> Result<PreparedEvent, Vec<Mistake>> {
        let event: Event = match (content, mapping) {
            (Content::Json(text), _) => parse(text).map_err(mistakes)?,
            (Content::Row(row), Some(mapping)) => {
                let event = mapping.event(row).map_err(|mistake| vec![mistake])?;
                parse(event.to_string().as_bytes()).map_err(mistakes)?
            }
            (Content::Row(_), None) => return Err(vec![FieldError::new("", ErrorCode::MalformedJson).into()]),
            (Content::Broken(broken), _) => return Err(vec![Mistake::of_item(*broken)]),
        };
        let errors = validate::event(&event, now);
        if !errors.is_empty() {
            return Err(mistakes(errors));
        }
        let prepared = prepare(event, &self.id_key, &self.sources);
        let prepared = prepared.map_err(|_| vec![FieldError::new("", ErrorCode::InvalidValue).into()])?;
        Ok(PreparedEvent { run: Some(self.run), ..prepared })
    }
}

fn mistakes(errors: Vec<FieldError>) -> Vec<Mistake> {
    errors.into_iter().map(Mistake::from).collect()
}
