//! A figure: what a row measured, what it stands beside, and whether that is good enough.

use serde::Serialize;

/// What is good enough: of the ratio where there is a floor, of the value where there is none.
#[derive(Clone, Copy, Debug)]
pub enum Bar {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
}

/// What a row measured.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The row.
    pub name: String,
    /// What was measured.
    pub value: f64,
    /// What the value counts.
    pub unit: &'static str,
    /// What it is divided by, measured in the same run.
    pub floor: Option<f64>,
    /// What is good enough.
    pub bar: Bar,
}

/// A figure as it is printed.
#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    value: f64,
    unit: &'a str,
    floor: Option<f64>,
    ratio: Option<f64>,
    bar: String,
    ok: bool,
}

impl Figure {
    /// Whether it is good enough.
    pub fn is_ok(&self) -> bool {
        let judged = self.ratio().unwrap_or(self.value);
        match self.bar {
            Bar::AtLeast(bar) => judged >= bar,
            Bar::AtMost(bar) => judged <= bar,
        }
    }

    /// One line of JSON.
    pub fn line(&self) -> String {
        let bar = match self.bar {
            Bar::AtLeast(bar) => format!(">= {bar}"),
            Bar::AtMost(bar) => format!("<= {bar}"),
        };
        let line = Line {
            name: &self.name,
            value: rounded(self.value),
            unit: self.unit,
            floor: self.floor.map(rounded),
            ratio: self.ratio().map(rounded),
            bar,
            ok: self.is_ok(),
        };
        serde_json::to_string(&line).expect("a line of plain fields")
    }

    fn ratio(&self) -> Option<f64> {
        self.floor.map(|floor| self.value / floor)
    }
}

/// To a thousandth: nothing here is measured more finely.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
