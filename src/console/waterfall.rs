//! The waterfall: how a match weight comes about, bar by bar, as SVG.

use super::{chart::fixed, text};
use crate::domain::explain::Explanation;
use maud::{Markup, html};

const WIDTH: f64 = 640.0;
const ROW: f64 = 24.0;
/// Where the bars begin: names stand before.
const LEFT: f64 = 170.0;
/// Beside the bars, for the bits.
const RIGHT: f64 = 60.0;

/// A bar from one weight to another.
struct Bar {
    name: String,
    level: String,
    from: f64,
    to: f64,
}

/// Draws an explanation: the prior, what each comparison adds, and the sum, with the thresholds as lines.
pub fn waterfall(explanation: &Explanation) -> Markup {
    let bars = bars(explanation);
    let marks = [explanation.possible_at, explanation.match_at];
    let all = || bars.iter().flat_map(|bar| [bar.from, bar.to]).chain(marks);
    let (least, most) = (all().fold(0.0, f64::min), all().fold(0.0, f64::max));
    let scale = (WIDTH - LEFT - RIGHT) / (most - least).max(1.0);
    let x = |bits: f64| LEFT + (bits - least) * scale;
    let height = ROW * f64::from(u32::try_from(bars.len()).unwrap_or(0)) + 20.0;
    html! {
        figure {
            figcaption {
                "Match weight " strong { (bits(explanation.weight)) } ": " (text::name(&explanation.reason))
            }
            svg class="waterfall" viewBox={ "0 0 640 " (fixed(height)) } role="img" aria-label=(explanation.text) {
                @for (mark, name) in marks.iter().zip(["possible", "match"]) {
                    line class="mark" x1=(fixed(x(*mark))) x2=(fixed(x(*mark))) y1="14" y2=(fixed(height)) {}
                    text class="mark" x=(fixed(x(*mark))) y="10" text-anchor="middle" { (name) }
                }
                @for (place, bar) in bars.iter().enumerate() {
                    @let y = ROW * f64::from(u32::try_from(place).unwrap_or(0)) + 18.0;
                    @let (left, right) = (x(bar.from.min(bar.to)), x(bar.from.max(bar.to)));
                    text x="0" y=(fixed(y + 14.0)) { (bar.name) }
                    text class="level" x=(fixed(LEFT - 8.0)) y=(fixed(y + 14.0)) text-anchor="end" { (bar.level) }
                    rect class=(if bar.to < bar.from { "against" } else { "for" }) x=(fixed(left)) y=(fixed(y + 3.0))
                        width=(fixed((right - left).max(1.0))) height=(fixed(ROW - 8.0)) {}
                    text x=(fixed(right + 4.0)) y=(fixed(y + 14.0)) { (bits(bar.to - bar.from)) }
                }
            }
        }
    }
}

fn bars(explanation: &Explanation) -> Vec<Bar> {
    let prior = Bar { name: "prior".to_owned(), level: String::new(), from: 0.0, to: explanation.prior };
    let (mut bars, mut sum) = (vec![prior], explanation.prior);
    for contribution in explanation.contributions.iter().filter(|contribution| contribution.bits != 0.0) {
        let (from, to) = (sum, sum + contribution.bits);
        let name = text::words(&contribution.comparison.to_string());
        bars.push(Bar { name, level: text::name(&contribution.level), from, to });
        sum = to;
    }
    if explanation.held {
        let (name, level) = ("held below a match".to_owned(), String::new());
        bars.push(Bar { name, level, from: sum, to: explanation.weight });
    }
    bars
}

/// Bits with their sign.
pub fn bits(bits: f64) -> String {
    format!("{bits:+.1}")
}
