//! `import_*`: a file of new customers into an empty database, beside the floor.

use super::{
    database::{Backend, Database},
    figure::{Bar, Figure},
    floor::Floor,
    people::events::Stream,
    product::EventFile,
    setting::Setting,
    stats::{median, rate},
};

/// How many events are imported at full scale.
const EVENTS: u32 = 200_000;

/// Events a second.
pub async fn measure(backend: Backend, setting: Setting) -> Vec<Figure> {
    let events = Stream::new().some(setting.count(EVENTS));
    let file = EventFile::of(&events);
    let (mut floors, mut ours) = (Vec::new(), Vec::new());
    for round in 1..=setting.rounds {
        let floor = Floor::fresh(backend).await.write(&events).await;
        floors.push(rate(events.len(), floor));
        let database = Database::fresh(backend).await;
        ours.push(rate(events.len(), file.import(&database).time));
        eprintln!("import_{backend} {round}: floor {:.0}/s, onefold {:.0}/s", floors[round - 1], ours[round - 1]);
    }
    vec![Figure {
        name: format!("import_{backend}"),
        value: median(&ours),
        unit: "events/s",
        floor: Some(median(&floors)),
        bar: Bar::AtLeast(0.5),
    }]
}
