//! Changes of model in words.

use crate::{
    domain::{
        explain::Explanation,
        trial::{Becoming, Counts, Moved, Sample},
    },
    store::entities::change,
};
use jiff::Timestamp;
use std::fmt::Write;

/// A change, on a line.
pub fn change(change: &change::Model) -> String {
    if change.number == 0 {
        return format!("0: model {}: before the first change", change.version);
    }
    let change::Model { number, version, state, done, total, .. } = change;
    let reverts = change.reverts.map(|number| format!(", takes {number} back")).unwrap_or_default();
    let actor = if change.actor.is_empty() { String::new() } else { format!(" by {}", change.actor) };
    let since = Timestamp::from_microsecond(change.created_at).map(|at| at.round(jiff::Unit::Second).unwrap_or(at));
    let since = since.map(|at| format!(" since {at}")).unwrap_or_default();
    let state = state.replace('_', " ");
    format!("{number}: model {version}{reverts}: {state}, {done} of {total} profiles gone through{actor}{since}")
}

/// What a model would change.
pub fn diff(version: &str, counts: &Counts, samples: &[Sample]) -> String {
    let mut text = format!("model {version} over {} profiles:\n", counts.profiles);
    let moved = |of: Moved, what: &str| format!("{:>9} {what} {}\n", of.profiles, of.into);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{:>9} would stay as they are", counts.unchanged);
    let _ = writeln!(text, "{:>9} would get another golden record", counts.changed);
    text += &moved(counts.merged, "would be joined into");
    text += &moved(counts.split, "would fall apart into");
    text += &moved(counts.redrawn, "would exchange records and be");
    let _ = write!(text, "{:>9} profiles there would be then", counts.after());
    for sample in samples {
        let profiles: Vec<String> = sample.profiles.iter().map(ToString::to_string).collect();
        let _ = write!(text, "\n\n{} {}", profiles.join(", "), becoming(sample));
        for (when, explanation) in [("now", sample.now.as_ref()), ("then", Some(&sample.then))] {
            let _ = write!(text, "\n  {when}: {}", explanation.map_or_else(|| "gone".to_owned(), indented));
        }
    }
    text
}

fn becoming(sample: &Sample) -> String {
    match sample.what {
        Becoming::Kept => "would stay".into(),
        Becoming::Merged => "would be one".into(),
        Becoming::Split => format!("would be {}", sample.into),
        Becoming::Redrawn => format!("would exchange records and be {}", sample.into),
    }
}

fn indented(explanation: &Explanation) -> String {
    explanation.text.trim_end().replace('\n', "\n    ")
}
