//! The command line of `onefold evaluate`.

use crate::config::Database;
use clap::Args;
use std::path::PathBuf;

const HELP: &str = "\
Figures are those of what is stored; events of the truth that are not stored count as profiles of their own, and all
events with nobody in them as one profile.

Candidate recall is the share of the true pairs of events that are compared at all: they are of one normal form, or share a
blocking key that not too many have. Others may tie together what is not compared itself, so that recall can be
higher. Events that are not stored, or have nobody in them, are compared with none, and are in no list of mistakes.

--show lists two kinds of mistakes. A false join is a profile that holds several people, the one with most false pairs
first; shown are the two records of two of them that tie them together most strongly. A miss is two profiles that hold one
person, the ones with most missed pairs first; shown are the two records, one of each, that come closest, and why that is
not enough. Each comes with the ids of its records, the ids of their events, and the match weight in bits, level by level.
What the contacts say is left out: the output holds ids, levels and bits alone. --contacts adds the contacts as they were
given, which is personal data.

--thresholds resolves the stored records again at match thresholds from -6 to 14 bits, in memory: nothing is written.
Judgements apply. The threshold of a possible match stays what it is, but is never above that of a match. The model's own
threshold is marked; where the store is up to date its row has the figures of what is stored.

All normal forms are read into memory, some kilobytes each; let nothing be written meanwhile. Progress goes to stderr.";

/// Hold what is stored against the truth: pairwise and B-cubed precision, recall and F1, candidate recall, the worst
/// mistakes, and what other thresholds would give
#[derive(Args, Clone, Debug)]
#[command(after_long_help = HELP)]
pub struct Evaluate {
    /// Where the data lies.
    #[command(flatten)]
    pub database: Database,
    /// A CSV with the columns `source`, `source_event_id` and `entity_id`. With a column `link_id`, recall is held against
    /// it and precision against `entity_id`; rows whose `determinable` is 0 are left out
    #[arg(long, value_name = "TRUTH.CSV")]
    pub truth: PathBuf,
    /// Show the N worst false joins and the N worst misses, each with its explanation
    #[arg(long, value_name = "N")]
    pub show: Option<u16>,
    /// Show also what the contacts of those records say: personal data
    #[arg(long, requires = "show")]
    pub contacts: bool,
    /// Print a table of the figures at other match thresholds
    #[arg(long)]
    pub thresholds: bool,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
}
