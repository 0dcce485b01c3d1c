//! The model: how many bits each level of each comparison weighs, and where the thresholds lie.

use super::{
    compare::{Comparison, Level},
    survivorship::Policy,
};
use serde::Deserialize;
use std::{collections::BTreeSet, sync::Arc};
use toml::Spanned;

/// Bits by comparison and level, thresholds, caps, and the policy for golden records. Read from a TOML file.
#[derive(Clone, Debug)]
pub struct Model {
    /// The name it is known by in explanations and journals.
    pub version: String,
    /// Bits before any field is looked at: the fixed ones, or those of [`Model::for_size`].
    pub prior: f64,
    /// Whether the prior goes by how many normal forms there are.
    auto_prior: bool,
    /// From how many bits on two contacts are one person.
    pub match_at: f64,
    /// From how many bits on a steward should look.
    pub possible_at: f64,
    /// Limits on blocking keys.
    pub blocking: Blocking,
    /// Limits on clustering.
    pub cluster: Clustering,
    /// Which values survive in a golden record.
    pub survivorship: Policy,
    /// By comparison, then by level.
    bits: Vec<Weights>,
    attributes: Vec<(Comparison, Weights)>,
    /// The file that it was read from.
    text: Arc<str>,
}

/// The weights of one comparison by level; those of levels that it does not have are 0.
type Weights = [f64; Level::COUNT];

/// How many normal forms may share a key before it stops giving candidates.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocking {
    /// For a key of one exact identifier.
    pub exact_cap: usize,
    /// For every other key.
    pub fuzzy_cap: usize,
}

/// Limits on clustering.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clustering {
    /// By how many bits the best place of a nameless group must beat one that contradicts it.
    pub margin: f64,
    /// How many normal forms one component may hold before its weakest links are dropped.
    pub component_cap: usize,
    /// An identifier that people of more different names have is shared, and joins nobody.
    pub shared_names: usize,
    /// The same for one that comes with more other identifiers and without a name.
    pub shared_identifiers: usize,
}

/// Why a model was refused.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Not TOML, or not of the shape of a model; the message names line and column.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// A rule of models is broken.
    #[error("line {line}: {reason}")]
    Rule {
        /// The line of the file, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: Spanned<String>,
    prior: Spanned<Prior>,
    thresholds: Spanned<Thresholds>,
    blocking: Blocking,
    cluster: Clustering,
    #[serde(default)]
    survivorship: Policy,
    comparison: Vec<FileComparison>,
}

/// As a file says it: a number of bits, or `"auto"`.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "expected a number of bits or \"auto\"")]
enum Prior {
    Bits(f64),
    Auto(Auto),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Auto {
    Auto,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Thresholds {
    #[serde(rename = "match")]
    match_at: f64,
    #[serde(rename = "possible")]
    possible_at: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileComparison {
    of: Spanned<Comparison>,
    levels: Vec<FileLevel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLevel {
    level: Level,
    bits: Spanned<f64>,
}

/// So many characters the version of a model may have: it stands in every explanation and journal.
const MAX_VERSION: usize = 100;

impl Model {
    /// The model inside the binary.
    ///
    /// # Errors
    /// None in a released binary: a test reads it.
    pub fn default_model() -> Result<Self, ModelError> {
        Self::from_toml(include_str!("default_model.toml"))
    }

    /// Reads a model.
    ///
    /// # Errors
    /// With line and reason: a version that is blank or long, an unknown comparison or level, a missing null or else level, levels out of order, a weight
    /// that is not finite, thresholds in the wrong order.
    pub fn from_toml(text: &str) -> Result<Self, ModelError> {
        let file: File = toml::from_str(text)?;
        let refuse = |at: usize, reason: &str| ModelError::Rule { line: line_of(text, at), reason: reason.to_owned() };
        let version = file.version.get_ref();
        if version.trim().is_empty() || version.chars().count() > MAX_VERSION {
            return Err(refuse(file.version.span().start, "a version has 1 to 100 characters"));
        }
        let thresholds = file.thresholds.get_ref();
        if !(thresholds.match_at.is_finite() && thresholds.possible_at.is_finite()) {
            return Err(refuse(file.thresholds.span().start, "thresholds must be finite"));
        }
        if thresholds.possible_at > thresholds.match_at {
            return Err(refuse(file.thresholds.span().start, "`possible` must not lie above `match`"));
        }
        let (prior, auto_prior) = match *file.prior.get_ref() {
            Prior::Bits(bits) if bits.is_finite() => (bits, false),
            Prior::Bits(_) => return Err(refuse(file.prior.span().start, "the prior must be finite")),
            Prior::Auto(Auto::Auto) => (auto_prior(0), true),
        };
        let mut bits = vec![[0.0; Level::COUNT]; Comparison::all().count()];
        let (mut attributes, mut seen) = (Vec::new(), BTreeSet::new());
        for comparison in &file.comparison {
            let at = comparison.of.span().start;
            let of = *comparison.of.get_ref();
            check_levels(of, &comparison.levels).map_err(|reason| refuse(at, &reason))?;
            if !seen.insert(of) {
                return Err(refuse(at, &format!("comparison `{of}` stands twice")));
            }
            let mut weights = [0.0; Level::COUNT];
            for level in &comparison.levels {
                if !level.bits.get_ref().is_finite() {
                    return Err(refuse(level.bits.span().start, "a weight must be finite"));
                }
                weights[level.level as usize] = *level.bits.get_ref();
            }
            match of.place() {
                Some(place) => bits[place] = weights,
                None => attributes.push((of, weights)),
            }
        }
        Ok(Self {
            version: file.version.into_inner(),
            prior,
            auto_prior,
            match_at: thresholds.match_at,
            possible_at: thresholds.possible_at,
            blocking: file.blocking,
            cluster: file.cluster,
            survivorship: file.survivorship,
            bits,
            attributes,
            text: text.into(),
        })
    }

    /// The model for a tenant with so many distinct normal forms: with an `auto` prior, two contacts drawn at random are
    /// the less often one person the more people there are.
    #[must_use]
    pub fn for_size(&self, forms: i64) -> Self {
        let prior = if self.auto_prior { auto_prior(forms) } else { self.prior };
        Self { prior, ..self.clone() }
    }

    /// The file that it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The comparisons of attributes that the model names.
    pub fn attributes(&self) -> impl Iterator<Item = Comparison> {
        self.attributes.iter().map(|(comparison, _)| *comparison)
    }

    /// The weight of a level. A comparison that the model leaves out weighs nothing.
    #[must_use]
    pub fn bits(&self, comparison: Comparison, level: Level) -> f64 {
        let weights = match comparison.place() {
            Some(place) => self.bits.get(place),
            None => self.attributes.iter().find(|(of, _)| *of == comparison).map(|(_, weights)| weights),
        };
        weights.map_or(0.0, |weights| weights[level as usize])
    }
}

/// A step function, so that the partition is one of the data and moves at few sizes only: in steps of 4× from 2^8 to 2^16
/// normal forms, constant below and above. Few forms are no reason to join on little: the base rate alone would allow more.
fn auto_prior(forms: i64) -> f64 {
    const STEPS: [(i64, f64); 5] =
        [(1 << 16, -20.0), (1 << 14, -18.0), (1 << 12, -16.0), (1 << 10, -15.0), (1 << 8, -14.0)];
    STEPS.into_iter().find(|(from, _)| forms >= *from).map_or(-13.0, |(_, bits)| bits)
}

/// A comparison lists exactly its levels, in their order, null first and else last.
fn check_levels(of: Comparison, given: &[FileLevel]) -> Result<(), String> {
    let expected = of.levels();
    let given: Vec<Level> = given.iter().map(|level| level.level).collect();
    if let Some(unknown) = given.iter().find(|level| !expected.contains(level)) {
        return Err(format!("comparison `{of}` knows no level `{unknown}`"));
    }
    if let Some(missing) = expected.iter().find(|level| !given.contains(level)) {
        return Err(format!("comparison `{of}` lacks its level `{missing}`"));
    }
    if given == expected {
        Ok(())
    } else {
        Err(format!("comparison `{of}` must list its levels once and in order, null first and else last"))
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(from: &str, to: &str) -> String {
        let text = include_str!("default_model.toml");
        assert!(text.contains(from));
        Model::from_toml(&text.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn the_default_model_reads() {
        let model = Model::default_model().unwrap();
        assert!((model.bits(Comparison::Email, Level::Exact) - 27.0).abs() < f64::EPSILON);
        assert!(model.possible_at < model.match_at);
    }

    #[test]
    fn a_broken_model_is_refused_with_line_and_reason() {
        assert!(refused("of = \"email\"", "of = \"emial\"").contains("line "));
        let missing = refused(
            "  { level = \"null\", bits = 0.0 },\n  { level = \"exact\", bits = 27.0 }",
            "  { level = \"exact\", bits = 27.0 }",
        );
        assert!(missing.contains("lacks its level `null`"), "{missing}");
        assert!(refused("bits = 27.0", "bits = nan").contains("must be finite"));
        assert!(refused("possible = -4.0", "possible = 4.0").contains("must not lie above"));
        assert!(refused("match = 2.0", "match = inf").contains("finite"));
        assert!(refused("version = \"default-1\"", "version = \" \"").contains("a version has"));
    }
}
