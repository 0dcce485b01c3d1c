//! Comparing personal names: order-free, with familiar forms, initials, misspellings and names that sound alike.

use super::{Comparison, Features, Level, word};
use crate::domain::{
    model::Model,
    normalize::{edits, frequency, name::Name, nicknames},
};
use std::{borrow::Cow, cmp::Ordering};

/// How two names stand to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NameLevels {
    /// Given names.
    pub given: Level,
    /// Family names.
    pub family: Level,
    /// Jr, Sr, III.
    pub suffix: Level,
    /// An upper bound in bits on what equal given names can say: −log2 of the name's frequency.
    pub given_bound: f64,
    /// The same for family names.
    pub family_bound: f64,
}

const NOTHING: NameLevels = NameLevels {
    given: Level::Null,
    family: Level::Null,
    suffix: Level::Null,
    given_bound: f64::INFINITY,
    family_bound: f64::INFINITY,
};

/// Particles of family names, which forms often leave out.
const PARTICLES: [&str; 26] = [
    "al", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "ibn", "la", "las",
    "le", "los", "ten", "ter", "van", "von", "y", "zu", "zur",
];

/// The levels of the pair of names that agrees most.
#[must_use]
pub fn name(a: &Features, b: &Features, model: &Model) -> NameLevels {
    let pairs = a.names.iter().flat_map(|x| b.names.iter().map(move |y| pair(x, y, model)));
    pairs.max_by(|x, y| by_agreement(x, y, model)).unwrap_or(NOTHING)
}

/// Two names. Where given and family names do not agree as they stand, they are tried crosswise. Symmetric.
#[must_use]
pub fn pair(x: &Name, y: &Name, model: &Model) -> NameLevels {
    let straight = aligned(x.into(), y.into());
    if straight.given != Level::Else && straight.family != Level::Else {
        return straight;
    }
    if let Some(levels) = cut_elsewhere(x, y) {
        return levels;
    }
    let Some(crossed) = crosswise(x.into(), y.into(), model) else { return straight };
    // A given name in the family name's place and nothing else in common: half of the name was replaced or garbled. A family
    // name in the given name's place is what a household shares.
    let nothing_straight = straight.given == Level::Else && straight.family == Level::Else;
    if nothing_straight && crossed.given == Level::Exact && share_a_given_name(x, y) {
        return crossed;
    }
    let agrees = crossed.given != Level::Null || crossed.family != Level::Null;
    if agrees
        && convinces(crossed.given)
        && convinces(crossed.family)
        && crossed.agreement(model) > straight.agreement(model)
    {
        crossed
    } else {
        straight
    }
}

/// Either name may be the one with its parts swapped, and given names are judged by other rules than family names: the
/// levels that agree more. None where the given names convince in neither way, whatever the family names are.
fn crosswise(x: Parts, y: Parts, model: &Model) -> Option<NameLevels> {
    let ways = [(x, y.swapped()), (x.swapped(), y)];
    let given = ways.map(|(a, b)| given(a.given, b.given));
    if !given.iter().any(|(level, _)| convinces(*level)) {
        return None;
    }
    let [one, other] = [(ways[0], given[0]), (ways[1], given[1])].map(|((a, b), given)| with_given(given, a, b));
    Some(if by_agreement(&one, &other, model).is_lt() { other } else { one })
}

/// Crosswise only a full agreement counts, lest strangers be made to agree by trying twice.
const fn convinces(level: Level) -> bool {
    matches!(level, Level::Exact | Level::Close | Level::Nickname | Level::Null)
}

/// Whether one's given name is the other's family name, and a known given name that is far less common as a family name.
fn share_a_given_name(x: &Name, y: &Name) -> bool {
    let ((x_given, x_family), (y_given, y_family)) =
        ((joined(&x.given), joined(&x.family)), (joined(&y.given), joined(&y.family)));
    let mostly_given = |word: &str| {
        frequency::is_common_given(word) && frequency::given_bits(word) + 2.0 <= frequency::family_bits(word)
    };
    (x_given == y_family && mostly_given(&x_given)) || (y_given == x_family && mostly_given(&y_given))
}

/// Names whose order is only guessed, cut in two at another place: `小林浩` is one word to a machine. The whole of one may
/// also be the given name of the other.
fn cut_elsewhere(x: &Name, y: &Name) -> Option<NameLevels> {
    if x.order_known && y.order_known {
        return None;
    }
    let whole = are_spelt_alike([&x.family, &x.given], [&y.family, &y.given]);
    let is_given = |name: &Name, given| !name.order_known && are_spelt_alike([&name.family, &name.given], [given, &[]]);
    if !whole && !is_given(x, &y.given) && !is_given(y, &x.given) {
        return None;
    }
    let suffix = suffix(x.suffix.as_deref(), y.suffix.as_deref());
    let family = if whole { Level::Exact } else { Level::Null };
    Some(NameLevels { given: Level::Exact, family, suffix, ..NOTHING })
}

/// Whether words in one are the same as others in one, and more than two letters.
fn are_spelt_alike(x: [&[String]; 2], y: [&[String]; 2]) -> bool {
    let letters = |words: [&[String]; 2]| words.into_iter().flatten().map(String::len).sum::<usize>();
    letters(x) > 2 && letters(x) == letters(y) && spelt(x).eq(spelt(y))
}

fn spelt(words: [&[String]; 2]) -> impl Iterator<Item = u8> {
    words.into_iter().flatten().flat_map(|word| word.bytes())
}

/// The parts of a name as they are compared.
#[derive(Clone, Copy)]
struct Parts<'a> {
    given: &'a [String],
    family: &'a [String],
    suffix: Option<&'a str>,
}

impl<'a> From<&'a Name> for Parts<'a> {
    fn from(name: &'a Name) -> Self {
        Self { given: &name.given, family: &name.family, suffix: name.suffix.as_deref() }
    }
}

impl Parts<'_> {
    const fn swapped(self) -> Self {
        Self { given: self.family, family: self.given, suffix: self.suffix }
    }
}

/// All words in one.
fn joined<S: AsRef<str>>(words: &[S]) -> Cow<'_, str> {
    match words {
        [] => "".into(),
        [word] => word.as_ref().into(),
        words => words.iter().map(AsRef::as_ref).collect::<String>().into(),
    }
}

/// Which agrees more. Total: two that come out equal are alike in everything, whichever order they were compared in.
fn by_agreement(x: &NameLevels, y: &NameLevels, model: &Model) -> Ordering {
    let levels = |l: &NameLevels| (l.given, l.family, l.suffix);
    (x.agreement(model).total_cmp(&y.agreement(model)))
        .then_with(|| levels(x).cmp(&levels(y)))
        .then_with(|| x.given_bound.total_cmp(&y.given_bound))
        .then_with(|| x.family_bound.total_cmp(&y.family_bound))
}

impl NameLevels {
    /// Whether the names speak for one person, in bits. Frequencies take no part: a common name is no disagreement. Nor is
    /// another family name beside a given name that is nearly the same: people marry.
    #[must_use]
    pub fn agreement(&self, model: &Model) -> f64 {
        let renamed = self.family == Level::Else && self.given == Level::Close;
        let given = if renamed { Level::Exact } else { self.given };
        model.bits(Comparison::GivenName, given) + self.agreement_but_given(model)
    }

    /// The same where another family name is a disagreement.
    #[must_use]
    pub fn agreement_in_full(&self, model: &Model) -> f64 {
        if self.family == Level::Else { model.bits(Comparison::FamilyName, Level::Else) } else { self.agreement(model) }
    }

    /// The same of these two names without given names that differ and may be one all the same: garbled, or a known name
    /// beside a word that is in no table, such as a name in the family's own language.
    #[must_use]
    pub fn lenient_agreement(&self, names: (&Name, &Name), model: &Model) -> f64 {
        let doubtful = self.given == Level::Else && is_doubtful(&joined(&names.0.given), &joined(&names.1.given));
        if doubtful { self.agreement_but_given(model) } else { self.agreement(model) }
    }

    /// What the family names say alone.
    #[must_use]
    pub fn family_agreement(&self, model: &Model) -> f64 {
        model.bits(Comparison::FamilyName, self.family)
    }

    /// What Jr, Sr and III say alone.
    #[must_use]
    pub fn suffix_agreement(&self, model: &Model) -> f64 {
        model.bits(Comparison::NameSuffix, self.suffix)
    }

    fn agreement_but_given(&self, model: &Model) -> f64 {
        self.family_agreement(model) + self.suffix_agreement(model)
    }
}

fn aligned(x: Parts, y: Parts) -> NameLevels {
    with_given(given(x.given, y.given), x, y)
}

/// The levels of two names whose given names are compared already.
fn with_given((given, given_bound): (Level, f64), x: Parts, y: Parts) -> NameLevels {
    let (family, family_bound) = family(x.family, y.family);
    NameLevels { given, family, suffix: suffix(x.suffix, y.suffix), given_bound, family_bound }
}

fn suffix(x: Option<&str>, y: Option<&str>) -> Level {
    match (x, y) {
        (Some(a), Some(b)) if a == b => Level::Exact,
        (Some(_), Some(_)) => Level::Else,
        _ => Level::Null,
    }
}

/// The first given names, or any two of them at one level less; and the bound on the bits.
fn given(x: &[String], y: &[String]) -> (Level, f64) {
    let ([first, more @ ..], [other, others @ ..]) = (x, y) else { return (Level::Null, f64::INFINITY) };
    let level = given_words(first, other);
    if level == Level::Exact && other_second_name(more, others) {
        return (Level::Else, f64::INFINITY);
    }
    if level != Level::Else {
        return (level, frequency::given_bits(first).min(frequency::given_bits(other)));
    }
    let several = !(more.is_empty() && others.is_empty());
    let level = if several && agree_otherwise(x, y) { Level::Close } else { Level::Else };
    (level, f64::INFINITY)
}

/// Whether given names agree whose first words don't: in another word, or as one word, since a stray blank parts one name
/// into two words (`benja min`).
fn agree_otherwise(x: &[String], y: &[String]) -> bool {
    let (a, b) = (joined(x), joined(y));
    a == b
        || nicknames::related(&a, &b)
        || is_misspelt_given(&a, &b)
        || x.iter().any(|word| word.len() > 2 && y.contains(word))
}

/// One known name and one word that is none, not even with a slip in it; or two words alike that are none.
fn is_doubtful(a: &str, b: &str) -> bool {
    match (frequency::is_common_given(a), frequency::is_common_given(b)) {
        (true, true) => false,
        (true, false) => word::is_cut_short(a, b) || !frequency::is_near_given(b),
        (false, true) => word::is_cut_short(a, b) || !frequency::is_near_given(a),
        (false, false) => word::is_slip(a, b) || word::is_cut_short(a, b),
    }
}

/// Whether a given name is more than initials on both sides, and neither is a familiar form of the other: what tells people
/// of one family apart.
#[must_use]
pub fn are_full(x: &Name, y: &Name, levels: &NameLevels) -> bool {
    let full = |name: &Name| name.given.first().is_some_and(|first| !are_initials(first));
    full(x) && full(y) && levels.given != Level::Nickname
}

/// Whether both have further given names and none of these agree: Maria Fernanda and Maria Camila.
fn other_second_name(a: &[String], b: &[String]) -> bool {
    !a.is_empty() && !b.is_empty() && !a.iter().any(|one| b.iter().any(|other| given_words(one, other) != Level::Else))
}

/// Whether they differ by the ending that makes a woman's name of a man's, one of which is known: Karim and Karima, Adriano
/// and Adriana. A letter cut from a known name is a slip.
fn is_other_gender(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let lengthened = frequency::is_common_given(short) && long.strip_prefix(short) == Some("a");
    let known = frequency::is_common_given(a) || frequency::is_common_given(b);
    let changed = |x: &str, y: &str| x.strip_suffix('o').is_some_and(|stem| y.strip_suffix('a') == Some(stem));
    lengthened || (known && (changed(a, b) || changed(b, a)))
}

fn given_words(a: &str, b: &str) -> Level {
    if a == b {
        return if a.len() == 1 { Level::Initial } else { Level::Exact };
    }
    if are_initials(a) || are_initials(b) {
        return if is_initial(a, b) { Level::Initial } else { Level::Else };
    }
    if nicknames::related(a, b) {
        return Level::Nickname;
    }
    if is_misspelt_given(a, b) { Level::Close } else { Level::Else }
}

/// A single letter, or two that are no known name: `J`, `JR`.
fn are_initials(word: &str) -> bool {
    word.len() == 1 || (word.len() == 2 && !frequency::is_common_given(word) && nicknames::groups(word).is_empty())
}

/// Of the name itself or of one of its familiar forms: Bill signs as `B.`, and is William.
fn is_initial(a: &str, b: &str) -> bool {
    let (initials, word) = if are_initials(a) { (a, b) } else { (b, a) };
    let initial = &initials[..1];
    word.starts_with(initial) || nicknames::of(word).any(|familiar| familiar.starts_with(initial))
}

/// A misspelling, and not two names: very short names, and pairs of listed names, are never merely close.
fn is_misspelt_given(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    let most = if shorter >= 7 { 2 } else { 1 };
    // The tables last: most names are not even alike.
    shorter >= 3
        && (edits::within(a, b, most).is_some_and(|distance| distance > 0)
            || (shorter >= 5 && edits::are_alike(a, b, 0.93))
            || word::is_stirred(a, b)
            || (shorter >= 5 && word::sounds_alike(a, b)))
        && !(frequency::is_common_given(a) && frequency::is_common_given(b))
        && !is_other_gender(a, b)
}

fn family(x: &[String], y: &[String]) -> (Level, f64) {
    if x.is_empty() || y.is_empty() {
        return (Level::Null, f64::INFINITY);
    }
    let (a_joined, b_joined) = (joined_core(x), joined_core(y));
    let bound = frequency::family_bits(&a_joined).min(frequency::family_bits(&b_joined));
    // Particles are written together as often as apart: `le goff`, `legoff`.
    if a_joined == b_joined || joined(x) == joined(y) {
        return (if a_joined.len() == 1 { Level::SoundsAlike } else { Level::Exact }, bound);
    }
    if a_joined.len() == 1 || b_joined.len() == 1 {
        let alike = a_joined.as_bytes().first() == b_joined.as_bytes().first();
        return (if alike { Level::SoundsAlike } else { Level::Else }, f64::INFINITY);
    }
    let several = x.len() > 1 || y.len() > 1;
    let level = if (several && part_of(&core(x), &core(y))) || is_misspelt_family(&a_joined, &b_joined) {
        Level::Close
    } else if word::sounds_alike(&a_joined, &b_joined) {
        Level::SoundsAlike
    } else {
        Level::Else
    };
    (level, bound)
}

/// The first word of the family name without its particles.
#[must_use]
pub fn first_core_family(name: &Name) -> Option<&str> {
    let mut words = name.family.iter().map(String::as_str);
    words.clone().find(|word| !is_particle(word)).or_else(|| words.next())
}

/// The family name without its particles, in one word.
#[must_use]
pub fn joined_family(name: &Name) -> Cow<'_, str> {
    joined_core(&name.family)
}

fn joined_core(family: &[String]) -> Cow<'_, str> {
    match family {
        [word] => word.into(),
        family => core(family).concat().into(),
    }
}

fn is_particle(word: &str) -> bool {
    word.len() <= 5 && PARTICLES.contains(&word)
}

/// The family name without its particles, unless it is nothing but particles.
fn core(family: &[String]) -> Vec<&str> {
    let words: Vec<&str> = family.iter().map(String::as_str).filter(|word| !is_particle(word)).collect();
    if words.is_empty() { family.iter().map(String::as_str).collect() } else { words }
}

/// One of two compound names in full inside the other: `garcia` in `garcia marquez`.
fn part_of(a: &[&str], b: &[&str]) -> bool {
    let inside = |short: &[&str], long: &[&str]| short.iter().all(|word| word.len() > 2 && long.contains(word));
    inside(a, b) || inside(b, a)
}

fn is_misspelt_family(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    let most = match shorter {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    };
    edits::within(a, b, most).is_some_and(|distance| distance > 0)
        || (shorter >= 5 && edits::are_alike(a, b, 0.93))
        || word::is_stirred(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(given: &str, family: &str) -> Name {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Name { given: words(given), family: words(family), suffix: None, order_known: true }
    }

    #[test]
    fn names_by_level() {
        let model = Model::default_model().unwrap();
        for (x, y, given, family) in [
            (("jane", "doe"), ("jane", "doe"), Level::Exact, Level::Exact),
            (("jane", "doe"), ("doe", "jane"), Level::Exact, Level::Exact),
            (("j", "bolander"), ("jane", "bolander"), Level::Initial, Level::Exact),
            (("anna", "rossi"), ("hanna", "rossi"), Level::Else, Level::Exact),
            (("maria", "garcia marquez"), ("maria", "garcia"), Level::Exact, Level::Close),
            (("ludwig", "van der berg"), ("ludwig", "berg"), Level::Exact, Level::Exact),
            (("yannick", "le goff"), ("yannick", "legoff"), Level::Exact, Level::Exact),
            (("katherine", "meyer"), ("katherine", "maier"), Level::Exact, Level::SoundsAlike),
            (("katherine", "miller"), ("katherine", "kowalska"), Level::Exact, Level::Else),
            (("valentine", ""), ("valentine", "bolander"), Level::Exact, Level::Null),
        ] {
            let (x, y) = (name(x.0, x.1), name(y.0, y.1));
            for levels in [pair(&x, &y, &model), pair(&y, &x, &model)] {
                assert_eq!((levels.given, levels.family), (given, family), "{x:?} {y:?}");
            }
        }
    }
}
