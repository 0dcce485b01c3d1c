//! `scaling_*` and `memory`: what a million stored events change about the rate of an import, and the memory it needs.

use super::{
    database::{Backend, Database},
    figure::{Bar, Figure},
    floor::Floor,
    people::events::{Occurrence, Stream},
    product::EventFile,
    setting::Setting,
    stats::{median, number, rate},
};

/// So many events are stored where the rate is first taken, at full scale; and so many are written to take it.
const FEW: u32 = 50_000;
/// So many more are stored by one import, at full scale, before the rate is taken again.
const MANY: u32 = 1_000_000;
/// How many events the floor is given at a time, so that they need not all be in memory.
const PART: usize = 10_000;

/// onefold's database and the floor's, filled with the same events.
struct Filled {
    ours: Database,
    floor: Floor,
    stream: Stream,
}

/// The rate of onefold over that of the floor, late over early; and the peak memory of the import in between.
pub async fn measure(backend: Backend, setting: Setting) -> Vec<Figure> {
    let (ours, floor) = (Database::fresh(backend).await, Floor::fresh(backend).await);
    let mut filled = Filled { ours, floor, stream: Stream::new() };
    filled.fill(setting.count(FEW)).await;
    let early = filled.rate("early", setting).await;
    let memory = filled.fill(setting.count(MANY)).await;
    let late = filled.rate("late", setting).await;
    let scaling = Figure {
        name: format!("scaling_{backend}"),
        value: late,
        unit: "of the floor's rate",
        floor: Some(early),
        bar: Bar::AtLeast(0.8),
    };
    vec![scaling, memory_figure(memory)]
}

fn memory_figure(bytes: u64) -> Figure {
    assert!(bytes > 0, "this system does not tell how much memory a process had at most");
    let megabytes = number(usize::try_from(bytes).expect("memory fits into memory")) / 1e6;
    Figure { name: "memory".to_owned(), value: megabytes, unit: "MB", floor: None, bar: Bar::AtMost(600.0) }
}

impl Filled {
    /// Stores so many more events by one import, and tells the most memory that it took.
    async fn fill(&mut self, count: usize) -> u64 {
        let parts = (0..count).step_by(PART).map(|done| PART.min(count - done));
        let mut file = EventFile::new();
        for part in parts {
            let events = self.stream.some(part);
            self.floor.write(&events).await;
            file.append(events.into_iter().map(|event| event.body));
        }
        let imported = file.import(&self.ours);
        eprintln!("{count} events imported at {:.0}/s", rate(count, imported.time));
        imported.memory
    }

    /// How onefold's rate stands to the floor's, over a number of windows.
    async fn rate(&mut self, when: &str, setting: Setting) -> f64 {
        self.ours.settle().await;
        self.floor.database.settle().await;
        let window = setting.count(FEW) / setting.rounds;
        let (mut floors, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..setting.rounds {
            let events: Vec<Occurrence> = self.stream.some(window);
            floors.push(rate(window, self.floor.write(&events).await));
            ours.push(rate(window, EventFile::of(&events).import(&self.ours).time));
        }
        let (floor, ours) = (median(&floors), median(&ours));
        eprintln!("{when}: floor {floor:.0}/s, onefold {ours:.0}/s");
        ours / floor
    }
}
