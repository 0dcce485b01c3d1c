//! Text from customers: shown as text, whatever it holds.

use crate::domain::shown;
use jiff::Timestamp;
use maud::{Markup, html};
use std::fmt::Display;

/// So many characters of a value are shown.
const SHOWN: usize = 160;

/// A value, set apart so that letters of another direction do not turn what stands around it. Characters that would do so on
/// their own, or do not show, are replaced.
pub fn value(text: &str) -> Markup {
    html! { bdi { (visible(text)) } }
}

/// What of a text is shown.
pub fn visible(text: &str) -> String {
    shown::visible(text, SHOWN)
}

/// A time, to the minute.
pub fn time(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%Y-%m-%d %H:%M")) } }
}

/// The end of an id, which tells it apart; all of it on hovering.
pub fn id(id: impl Display) -> Markup {
    let id = id.to_string();
    let end = id.len().saturating_sub(6);
    html! { code title=(id) { "…" (id[end..]) } }
}

/// A name such as `possible_match` in words.
pub fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// A serialised name, such as that of a level or a reason, in words.
pub fn name(of: &impl serde::Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::String(name)) => words(&name),
        _ => String::new(),
    }
}

/// Many or one: `1 event`, `2 events`.
pub fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text_direction_marks_are_replaced_and_long_values_are_cut() {
        assert_eq!(value("<b>&\"\u{202e}").into_string(), "<bdi>&lt;b&gt;&amp;&quot;\u{fffd}</bdi>");
        assert_eq!(visible(&"x".repeat(10_000)).chars().count(), SHOWN + 1);
    }
}
