//! An evaluation as text.

use super::{
    Report,
    blocking::Blocking,
    figures::Figures,
    shown::{FalseJoin, Miss, Mistakes, Pair, Side},
    thresholds::Row,
};
use crate::domain::{
    evaluation::{Evaluation, Scores},
    shown::visible,
};
use indicatif::HumanCount;
use std::fmt;

/// Of one record so many events are named.
const NAMED: usize = 3;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{}", self.figures, self.blocking)?;
        if let Some(rows) = &self.thresholds {
            thresholds(f, rows, &self.figures.evaluation)?;
        }
        self.mistakes.as_ref().map_or(Ok(()), |shown| mistakes(f, shown))
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Evaluation { events, profiles, entities, scores } = self.evaluation;
        let nobody = if self.nobody > 0 { format!(", {} with nobody in them", self.nobody) } else { String::new() };
        writeln!(f, "{events} events ({} missing{nobody}), {profiles} profiles, {entities} entities\n", self.missing)?;
        writeln!(f, "          precision   recall       F1")?;
        let rows = [
            ("pairs", scores.pair_precision, scores.pair_recall, scores.pair_f1),
            ("B-cubed", scores.b3_precision, scores.b3_recall, scores.b3_f1),
        ];
        let lines =
            rows.map(|(name, precision, recall, f1)| format!("{name:<8}  {precision:>9.5}  {recall:>7.5}  {f1:>7.5}"));
        f.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let candidates = self.candidates;
        let (met, pairs) = (HumanCount(candidates.candidate_pairs), HumanCount(candidates.true_pairs));
        writeln!(
            f,
            "candidate recall  {:.5}: {met} of {pairs} true pairs are compared themselves",
            candidates.candidate_recall
        )?;
        let count = |count: usize| HumanCount(u64::try_from(count).unwrap_or(u64::MAX));
        let (forms, keys, dead) = (count(self.normal_forms), count(self.keys), count(self.dead_keys));
        writeln!(f, "blocking keys     {:.2} for each of {forms} normal forms", self.keys_per_form)?;
        write!(f, "dead keys         {dead} of {keys}")?;
        for (at, (kind, count)) in self.dead_keys_by_kind.iter().enumerate() {
            write!(f, "{} {count} {}", if at == 0 { ":" } else { "," }, kind.label())?;
        }
        Ok(())
    }
}

fn thresholds(f: &mut fmt::Formatter<'_>, rows: &[Row], stored: &Evaluation) -> fmt::Result {
    writeln!(f, "\n\n           pairs                         B-cubed")?;
    write!(f, "match at   precision   recall       F1        F1  profiles")?;
    for row in rows {
        let Scores { pair_precision, pair_recall, pair_f1, b3_f1, .. } = row.scores;
        let (at, own, profiles) = (row.match_at, if row.own { '*' } else { ' ' }, row.profiles);
        let figures = format!("{pair_precision:>9.5}  {pair_recall:>7.5}  {pair_f1:>7.5}   {b3_f1:>7.5}");
        write!(f, "\n{at:>+8.1} {own} {figures}  {profiles:>8}")?;
    }
    write!(f, "\n* the model's own")?;
    let differs = |row: &Row| row.own && (row.scores != stored.scores || row.profiles != stored.profiles);
    if rows.iter().any(differs) {
        write!(f, "; what is stored differs from it, and was resolved by other rules")?;
    }
    Ok(())
}

fn mistakes(f: &mut fmt::Formatter<'_>, shown: &Mistakes) -> fmt::Result {
    let Mistakes { nobody_false_pairs, false_joins, misses } = shown;
    let (total, pairs) = (several(false_joins.total, "profile"), several(false_joins.pairs, "false pair"));
    write!(f, "\n\nFALSE JOINS: {total} of several people, {pairs}")?;
    if *nobody_false_pairs > 0 {
        write!(f, "; {nobody_false_pairs} more among the events with nobody in them, which count as one profile")?;
    }
    for (at, join) in false_joins.worst.iter().enumerate() {
        let FalseJoin { profile_id, events, entities, false_pairs, pair } = join;
        let (events, pairs) = (several(*events, "event"), several(*false_pairs, "false pair"));
        write!(f, "\n\n{}. {profile_id}: {events} of {entities} entities, {pairs}{pair}", at + 1)?;
    }
    let (total, pairs) = (several(misses.total, "pair"), several(misses.pairs, "missed pair"));
    write!(f, "\n\nMISSES: {total} of profiles of one person, {pairs} of events")?;
    for (at, miss) in misses.worst.iter().enumerate() {
        let Miss { entity_id, events, missed_pairs, pair } = miss;
        let ([here, there], pairs) =
            (events.map(|count| several(count, "event")), several(*missed_pairs, "missed pair"));
        let parts = format!("{here} in {}, {there} in {}", pair.a.profile_id, pair.b.profile_id);
        let entity = plain(entity_id);
        write!(f, "\n\n{}. entity {entity}: {parts}, {pairs}{pair}", at + 1)?;
    }
    Ok(())
}

fn several<N: Copy + PartialEq + From<u8> + fmt::Display>(count: N, what: &str) -> String {
    if count == N::from(1) { format!("{count} {what}") } else { format!("{count} {what}s") }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n   a  {}\n   b  {}", self.a, self.b)?;
        self.explanation.text.lines().try_for_each(|line| write!(f, "\n   {line}"))
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  entity {}, ", self.record_id, plain(&self.entity_id))?;
        let named: Vec<String> = self.events.iter().take(NAMED).map(|name| plain(&name.to_string())).collect();
        f.write_str(&named.join(", "))?;
        if self.events.len() > NAMED {
            write!(f, " and {} more", self.events.len() - NAMED)?;
        }
        let Some(contact) = &self.contact else { return Ok(()) };
        write!(f, "\n      {}", plain(&serde_json::to_string(contact).map_err(|_| fmt::Error)?))
    }
}

/// All of a text from elsewhere, without what a terminal would obey.
fn plain(text: &str) -> String {
    visible(text, usize::MAX)
}
