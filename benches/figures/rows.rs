//! The rows, and which of them are measured together.

use super::{
    contacts,
    database::Backend::{self, Postgres, Sqlite},
    figure::Figure,
    import, one_person, post, profiles, scaling,
    setting::Setting,
    timeline,
};

/// Rows that come out of one measurement.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Their names.
    pub rows: &'static [&'static str],
    measurement: Measurement,
}

#[derive(Clone, Copy, Debug)]
enum Measurement {
    Compare,
    Normalise,
    Import(Backend),
    Post(Backend),
    OnePerson(Backend),
    Reads,
    LookupOnSqlite,
    Timeline(Backend),
    Scaling(Backend),
}

/// All of them, in the order in which they run: the quick ones first.
pub const GROUPS: [Group; 14] = [
    group(&["compare"], Measurement::Compare),
    group(&["normalise"], Measurement::Normalise),
    group(&["import_postgres"], Measurement::Import(Postgres)),
    group(&["import_sqlite"], Measurement::Import(Sqlite)),
    group(&["post_postgres", "post_p99_postgres"], Measurement::Post(Postgres)),
    group(&["post_sqlite", "post_p99_sqlite"], Measurement::Post(Sqlite)),
    group(&["one_person_postgres"], Measurement::OnePerson(Postgres)),
    group(&["one_person_sqlite"], Measurement::OnePerson(Sqlite)),
    group(&["profile_get", "lookup", "lookup_p99"], Measurement::Reads),
    group(&["lookup_p99_sqlite"], Measurement::LookupOnSqlite),
    group(&["timeline_postgres", "timeline_filtered_postgres"], Measurement::Timeline(Postgres)),
    group(&["timeline_sqlite", "timeline_filtered_sqlite"], Measurement::Timeline(Sqlite)),
    group(&["scaling_postgres"], Measurement::Scaling(Postgres)),
    group(&["scaling_sqlite", "memory"], Measurement::Scaling(Sqlite)),
];

const fn group(rows: &'static [&'static str], measurement: Measurement) -> Group {
    Group { rows, measurement }
}

impl Group {
    /// Measures all rows of the group.
    pub async fn measure(self, setting: Setting) -> Vec<Figure> {
        let mut figures = match self.measurement {
            Measurement::Compare => contacts::compare(setting),
            Measurement::Normalise => contacts::normalise(setting),
            Measurement::Import(backend) => import::measure(backend, setting).await,
            Measurement::Post(backend) => post::measure(backend, setting).await,
            Measurement::OnePerson(backend) => one_person::measure(backend, setting).await,
            Measurement::Reads => profiles::rates(setting).await,
            Measurement::LookupOnSqlite => profiles::latency_on_sqlite(setting).await,
            Measurement::Timeline(backend) => timeline::measure(backend, setting).await,
            Measurement::Scaling(backend) => scaling::measure(backend, setting).await,
        };
        figures.retain(|figure| self.rows.contains(&figure.name.as_str()));
        figures
    }
}

/// The names of all rows.
pub fn names() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().flat_map(|group| group.rows).copied()
}
