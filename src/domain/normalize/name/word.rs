//! A word of a name, folded, with what its spelling tells.

use super::role::{Role, is, knows_given};
use crate::domain::normalize::{frequency, text::fold};
use std::borrow::Cow;

/// A word between blanks, folded; a hyphen parts it.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// At least one part, none of them empty.
    pub(super) parts: Vec<String>,
    /// Written in capitals alone.
    pub(super) capitals: bool,
    /// Written in Chinese, Japanese or Korean characters.
    pub(super) east_asian: bool,
}

impl Word {
    pub(super) fn read(raw: &str) -> Option<Self> {
        let letters = || raw.chars().filter(|c| c.is_alphabetic());
        let east_asian = letters().all(is_east_asian);
        let mut folded = fold(raw);
        folded.retain(|c| !c.is_ascii_digit());
        // The letter `Щ` is an initial, though it is spelt with four.
        if !east_asian && letters().count() == 1 {
            folded.truncate(1);
        }
        let parts: Vec<String> = match folded.contains(' ') {
            false => vec![folded],
            true if east_asian => vec![folded.replace(' ', "")],
            true => folded.split_whitespace().map(str::to_owned).collect(),
        };
        let capitals = raw.chars().any(char::is_uppercase) && !raw.chars().any(char::is_lowercase);
        parts.iter().any(|part| !part.is_empty()).then_some(Self { parts, capitals, east_asian })
    }

    pub(super) fn first(&self) -> &str {
        self.parts.first().map_or("", String::as_str)
    }

    /// The word, unless a hyphen parts it.
    pub(super) fn single(&self) -> &str {
        if self.parts.len() == 1 { self.first() } else { "" }
    }

    pub(super) fn is(&self, role: Role) -> bool {
        is(role, self.single())
    }

    pub(super) fn letters(&self) -> usize {
        self.parts.iter().map(String::len).sum()
    }

    /// Two letters in capitals are a family name only where the table says so: `LI Wei`, but `JD Smith`.
    pub(super) fn is_family_in_capitals(&self) -> bool {
        self.capitals && (self.letters() > 2 || frequency::is_common_family(self.first())) && self.letters() > 1
    }

    pub(super) fn is_surely_family(&self) -> bool {
        let word = self.first();
        word.len() > 1 && frequency::is_common_family(word) && !knows_given(word) && !self.is(Role::Particle)
    }
}

pub(super) fn flat(words: &[Word]) -> Vec<String> {
    words.iter().flat_map(|word| word.parts.iter().cloned()).collect()
}

/// Words with blanks between them.
pub(super) fn spaced(words: &[String]) -> Cow<'_, str> {
    if let [word] = words { word.into() } else { words.join(" ").into() }
}

pub(super) fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}
