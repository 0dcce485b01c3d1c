//! An evaluation as text.

use super::{Report, blocking::Blocking, figures::Figures, thresholds::Row};
use crate::domain::evaluation::{Evaluation, Scores};
use indicatif::HumanCount;
use std::fmt;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{}", self.figures, self.blocking)?;
        if let Some(rows) = &self.thresholds {
            thresholds(f, rows, &self.figures.evaluation)?;
        }
        Ok(())
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
