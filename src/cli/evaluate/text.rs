//! An evaluation as text.

use super::{Report, blocking::Blocking, figures::Figures};
use crate::domain::evaluation::Evaluation;
use indicatif::HumanCount;
use std::fmt;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{}", self.figures, self.blocking)
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
