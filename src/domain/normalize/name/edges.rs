//! What stands before and after a name: titles, suffixes and post-nominals.

use super::{
    role::{Role, Roles},
    word::Word,
};

/// How many words at the start are titles.
pub(super) fn leading_titles(words: &[impl AsRef<str>]) -> usize {
    let mut count = 0;
    while let Some(word) = words.get(count).map(AsRef::as_ref) {
        let left = words.len() - count;
        let roles = Roles::of(word);
        let title = roles.has(Role::Title)
            || (left > 1 && roles.has(Role::WeakTitle))
            || (left > 2 && word == "m")
            || (left > 2 && count > 0 && roles.has(Role::AfterTitle));
        if !title {
            break;
        }
        count += 1;
    }
    count
}

/// How many words stay when suffixes and post-nominals at the end are dropped, at least `least`; and the suffix. Words
/// such as `junior` and `neto` are names too: they are suffixes only of `long` words or more.
pub(super) fn trailing_suffixes(words: &[impl AsRef<str>], least: usize, long: usize) -> (usize, Option<String>) {
    let mut suffix = None;
    let mut keep = words.len();
    while keep > least {
        let word = words[keep - 1].as_ref();
        let roles = Roles::of(word);
        let is_suffix = roles.has(Role::Suffix) || (roles.has(Role::LongSuffix) && keep >= long);
        let short = match is_suffix {
            true => short_suffix(word),
            false if roles.has(Role::PostNominal) => "",
            false => break,
        };
        if !short.is_empty() {
            suffix = Some(short.to_owned());
        }
        keep -= 1;
    }
    (keep, suffix)
}

/// One spelling of a suffix: a son is a junior in any language, a grandson or nephew is somebody else.
fn short_suffix(word: &str) -> &str {
    match word {
        "junior" | "jnr" | "filho" | "hijo" => "jr",
        "senior" | "snr" => "sr",
        other => other,
    }
}

pub(super) fn drop_titles(words: &mut Vec<Word>) -> bool {
    let titles = leading_titles(&words.iter().map(Word::single).collect::<Vec<_>>());
    words.drain(..titles);
    titles > 0
}

pub(super) fn drop_suffixes(words: &mut Vec<Word>, after_comma: bool) -> Option<String> {
    let single: Vec<&str> = words.iter().map(Word::single).collect();
    let (keep, suffix) = trailing_suffixes(&single, usize::from(!after_comma), 3);
    words.truncate(keep);
    suffix
}
