//! Personal names: order, initials, suffixes, compound and particle surnames, scripts.
//!
//! Separate fields are believed; one text is taken apart by comma, capitals, particles and, where these are silent, by the
//! static tables of common names. A guess is marked as one ([`Name::order_known`]). Names in Chinese, Japanese and Korean
//! characters stand family first and become one word for the family and one for the given name (`王小明` →
//! `wang`/`xiaoming`); Japanese ones get Chinese readings, so they agree among themselves but not with Latin spellings.

use super::{
    form::WarningCode,
    frequency, junk, nicknames,
    text::{fold, is_invisible},
};
use crate::domain::contact::Contact;
use serde::Serialize;
use std::{collections::HashMap, ops::Range, sync::LazyLock};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A personal name in normal form: folded to plain lower-case ASCII words (see [`super::text::fold`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Name {
    /// Given names and initials, in order: `["jane", "q"]`. A word of one letter is an initial.
    pub given: Vec<String>,
    /// Family names with their particles as words: `["van", "der", "berg"]`, `["garcia", "marquez"]`.
    pub family: Vec<String>,
    /// `jr`, `sr`, `ii`, `iii`, `iv`: keeps people apart.
    pub suffix: Option<String>,
    /// Whether given and family are known apart (separate fields, a comma, a family name in capitals), or only guessed
    /// from the order.
    pub order_known: bool,
}

/// Normalises the name fields of a contact. `given_name` and `family_name` win over `name`, which completes them where
/// one is missing. `None` when there is no name, or only an organisation's, a mailbox, a handle or a number.
///
/// # Errors
/// [`WarningCode::Placeholder`] when the name is one that people type to be left alone.
pub fn normalize(contact: &Contact) -> Result<Option<Name>, WarningCode> {
    let given = Field::read(contact.given_name.as_deref());
    let family = Field::read(contact.family_name.as_deref());
    let name = Field::read(contact.name.as_deref());
    let junk = [&given, &family, &name].into_iter().any(|field| matches!(field, Field::Junk));
    let draft = match (given, family, name) {
        (Field::Text(given), Field::Text(family), _) => separate(&given, &family),
        (Field::Text(given), _, name) => given_only(&given, &name),
        (_, Field::Text(family), name) => Some(family_only(&family, &name)),
        (_, _, Field::Text(name)) => whole(name.text),
        _ if junk => return Err(WarningCode::Placeholder),
        _ => None,
    };
    draft.map_or(Ok(None), finish)
}

/// Whether a text is evidently the name of an organisation rather than of a person: `Acme GmbH`, `Team Berlin`.
#[must_use]
pub fn is_organisation(text: &str) -> bool {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').collect();
    let (first, last) = (words[0], words[words.len() - 1]);
    words.iter().any(|word| is(Role::Organisation, word))
        || is(Role::OrganisationFirst, first)
        || (is(Role::OrganisationLast, last)
            && !(words.len() == 2 && knows_given(first) && frequency::is_common_family(last)))
        || ends_in_legal_form(text)
        || text.split_whitespace().any(is_domain)
}

/// A name field: missing, filled in to be left alone, or usable.
enum Field<'a> {
    Missing,
    Junk,
    Text(Given<'a>),
}

/// What a usable name field holds.
struct Given<'a> {
    text: &'a str,
    /// Its folded words, at least one.
    words: Vec<String>,
}

impl<'a> Field<'a> {
    fn read(given: Option<&'a str>) -> Self {
        let Some(text) = given else { return Self::Missing };
        let words = flat(&words(text));
        if words.is_empty() {
            Self::Missing
        } else if junk::is_placeholder_name(&words.join(" ")) || junk::is_placeholder_name(&fold(text)) {
            Self::Junk
        } else {
            Self::Text(Given { text, words })
        }
    }

    /// Its text, read as a full name.
    fn whole(&self) -> Option<Name> {
        if let Self::Text(name) = self { whole(name.text) } else { None }
    }
}

/// Both fields are given.
fn separate(given: &Given, family: &Given) -> Option<Name> {
    if given.words.len() > 1 && family.words.iter().all(|word| is(Role::Suffix, word)) {
        return whole(&format!("{} {}", given.text, family.text));
    }
    let (given, family) = (given.words.clone(), family.words.clone());
    Some(Name { given, family, suffix: None, order_known: true })
}

/// The given name alone: the full name tells the rest; without one it may hold both.
fn given_only(given: &Given, name: &Field) -> Option<Name> {
    let words = &given.words;
    let completed = name.whole().and_then(|name| family_of(words, name));
    if completed.is_some() {
        return completed;
    }
    if words.iter().all(|word| knows_given(word)) && !words.last().is_some_and(|w| frequency::is_common_family(w)) {
        return Some(Name { given: words.clone(), ..Name::default() });
    }
    whole(given.text)
}

/// Adds to the given names what else the full name holds.
fn family_of(given: &[String], name: Name) -> Option<Name> {
    let mut completed = Name { given: given.to_vec(), order_known: true, ..Name::default() };
    let contains = contains(&name, given);
    let (mut rest, family) = (without(name.given, given), without(name.family, given));
    if contains && !family.is_empty() {
        let (middle, front): (Vec<_>, Vec<_>) = rest.into_iter().partition(|w| w.len() == 1 || knows_given(w));
        completed.given.extend(middle);
        completed.family.extend(front);
    } else if contains || family.is_empty() {
        rest.retain(|word| !given.iter().any(|given| nicknames::related(word, given)));
        completed.family.extend(rest);
    }
    completed.family.extend(family);
    completed.suffix = name.suffix;
    (!completed.family.is_empty()).then_some(completed)
}

/// The family name alone: the full name tells the given names.
fn family_only(family: &Given, name: &Field) -> Name {
    let mut completed = Name { family: family.words.clone(), order_known: true, ..Name::default() };
    if let Some(name) = name.whole() {
        let contains = contains(&name, &completed.family);
        completed.given = without(name.given, &completed.family);
        if contains {
            completed.given.extend(without(name.family, &completed.family));
        }
        completed.suffix = name.suffix;
    }
    completed
}

fn contains(name: &Name, words: &[String]) -> bool {
    words.iter().all(|word| name.given.contains(word) || name.family.contains(word))
}

fn without(words: Vec<String>, others: &[String]) -> Vec<String> {
    words.into_iter().filter(|word| !others.contains(word)).collect()
}

/// A full name in one text.
fn whole(text: &str) -> Option<Name> {
    let text = text.split(['|', ';']).find(|part| part.contains(char::is_alphabetic))?;
    if is_handle(text) || names_several(text) {
        return None;
    }
    let mut suffix = None;
    let mut titled = false;
    let mut pieces: Vec<Vec<Word>> = Vec::new();
    for (index, piece) in without_employer(&without_brackets(text))?.into_iter().enumerate() {
        let mut words = name_words(piece);
        titled |= drop_titles(&mut words);
        suffix = drop_suffixes(&mut words, index > 0).or(suffix);
        pieces.push(words);
    }
    let mut pieces = pieces.into_iter().filter(|words| !words.is_empty());
    let first = pieces.next()?;
    let name = match pieces.next() {
        Some(given) => Name { given: flat(&given), family: flat(&first), suffix: None, order_known: true },
        None => in_order(&first, titled),
    };
    Some(Name { suffix, ..name })
}

/// The pieces between commas. `Jane Doe, Acme Ltd` is a person with an employer; `Acme, Ltd` is an organisation.
fn without_employer(text: &str) -> Option<Vec<&str>> {
    let mut pieces: Vec<&str> = text.split([',', '،', '，', '、']).collect();
    if pieces.iter().all(|piece| !is_organisation(piece)) {
        return Some(pieces);
    }
    let is_full = |piece: &str| words(piece).len() > 1;
    let person = !is_organisation(pieces[0]) && is_full(pieces[0]);
    pieces.retain(|piece| !is_organisation(piece) || !is_full(piece));
    (person && !pieces.iter().any(|piece| is_organisation(piece))).then_some(pieces)
}

/// Words without a comma between them.
fn in_order(words: &[Word], titled: bool) -> Name {
    let family = match words {
        [_] => return if titled { name_of(&[], words) } else { name_of(words, &[]) },
        _ if words.iter().all(|word| word.east_asian) => 0..1,
        _ => match family_in_capitals(words) {
            Some(family) => return Name { order_known: true, ..around(words, family) },
            None => family_by_order(words, titled),
        },
    };
    around(words, family)
}

/// The family name that is written in capitals among other words: `DOE Jane`, `Jane DOE`.
fn family_in_capitals(words: &[Word]) -> Option<Range<usize>> {
    let loud = |word: &Word| word.is_family_in_capitals();
    if !words.iter().any(|word| !word.capitals && word.letters() > 1) {
        return None;
    }
    let leading = words.iter().take_while(|word| loud(word)).count();
    if leading > 0 {
        return Some(0..leading);
    }
    let trailing = words.iter().rev().take_while(|word| loud(word)).count();
    let start = words.len() - trailing;
    (trailing > 0).then(|| with_particles(words, start)..words.len())
}

/// The family name by the usual order: the last word with its particles, unless the tables know better.
fn family_by_order(words: &[Word], titled: bool) -> Range<usize> {
    let last = words.len() - 1;
    let particles = words[..last].iter().take_while(|word| word.is(Role::Particle)).count();
    if particles == last && (titled || last > 1) {
        return 0..words.len();
    }
    if stands_family_first(words) {
        return 0..1;
    }
    let mut start = with_particles(words, last);
    while start > 1 && words[start - 1].is_surely_family() {
        start = with_particles(words, start - 1);
    }
    start..words.len()
}

/// `Nguyen Van An`, `Bolzmann C.`, `Müller Hans`.
fn stands_family_first(words: &[Word]) -> bool {
    let [first, second, ..] = words else { return false };
    let others_are_initials = words[1..].iter().all(|word| word.letters() == 1);
    (first.is(Role::VietnameseFamily) && second.is(Role::VietnameseMiddle) && words.len() > 2)
        || (others_are_initials && first.letters() > 1 && !knows_given(first.first()))
        || (first.is_surely_family()
            && words[1..].iter().all(|word| knows_given(word.first()) && !frequency::is_common_family(word.first())))
}

/// Moves the start of a family name back over its particles, never over the first word.
fn with_particles(words: &[Word], mut start: usize) -> usize {
    while start > 1 {
        let before = &words[start - 1];
        let of_hoff = before.first() == "t" && words[start - 2].first() == "van";
        if before.is(Role::Particle) || of_hoff {
            start -= 1;
        } else if start > 2 && before.first() == "y" && !before.capitals {
            start -= 2;
        } else {
            break;
        }
    }
    start
}

fn around(words: &[Word], family: Range<usize>) -> Name {
    let given = [&words[..family.start], &words[family.end..]].concat();
    name_of(&given, &words[family])
}

fn name_of(given: &[Word], family: &[Word]) -> Name {
    Name { given: flat(given), family: flat(family), suffix: None, order_known: false }
}

/// Cleans the parts of a name until nothing changes any more.
fn finish(mut name: Name) -> Result<Option<Name>, WarningCode> {
    let whole = [name.given.as_slice(), name.family.as_slice()].concat().join(" ");
    if junk::is_placeholder_name(&whole) {
        return Err(WarningCode::Placeholder);
    }
    let mut before = None;
    while before.as_ref() != Some(&name) {
        before = Some(name.clone());
        clean_given(&mut name);
        clean_family(&mut name);
    }
    let whole = [name.given.as_slice(), name.family.as_slice()].concat().join(" ");
    if junk::is_placeholder_name(&whole) {
        return Err(WarningCode::Placeholder);
    }
    name.order_known &= !name.given.is_empty() || !name.family.is_empty();
    Ok((!whole.is_empty() && !is_organisation(&whole)).then_some(name))
}

fn clean_given(name: &mut Name) {
    name.given.drain(..leading_titles(&refs(&name.given)));
    let (keep, suffix) = trailing_suffixes(&refs(&name.given), 1, 3);
    name.given.truncate(keep);
    name.suffix = name.suffix.take().or(suffix);
    // Some forms repeat the family name in the given name's field.
    if !name.family.is_empty() && name.given.len() > name.family.len() && name.given.ends_with(&name.family) {
        name.given.truncate(name.given.len() - name.family.len());
    }
    if junk::is_placeholder_name(&name.given.join(" ")) && !name.family.is_empty() {
        name.given.clear();
    }
}

fn clean_family(name: &mut Name) {
    if name.family.len() > 1 && is(Role::Title, &name.family[0]) {
        name.family.remove(0);
    }
    let (keep, suffix) = trailing_suffixes(&refs(&name.family), usize::from(name.given.is_empty()), 2);
    name.family.truncate(keep);
    name.suffix = name.suffix.take().or(suffix);
    if name.family.len() > 1 && name.family[0] == "mc" {
        name.family.remove(0);
        name.family[0].insert_str(0, "mc");
    }
    if junk::is_placeholder_name(&name.family.join(" ")) && !name.given.is_empty() {
        name.family.clear();
    }
}

/// How many words at the start are titles.
fn leading_titles(words: &[&str]) -> usize {
    let mut count = 0;
    while let Some(word) = words.get(count) {
        let left = words.len() - count;
        let title = is(Role::Title, word)
            || (left > 1 && is(Role::WeakTitle, word))
            || (left > 2 && *word == "m")
            || (left > 2 && count > 0 && is(Role::AfterTitle, word));
        if !title {
            break;
        }
        count += 1;
    }
    count
}

/// How many words stay when suffixes and post-nominals at the end are dropped, at least `least`; and the suffix. The words
/// `junior` and `senior` are names too: they are suffixes only of `long` words or more.
fn trailing_suffixes(words: &[&str], least: usize, long: usize) -> (usize, Option<String>) {
    let mut suffix = None;
    let mut keep = words.len();
    while keep > least {
        let short = match words[keep - 1] {
            "junior" if keep >= long => "jr",
            "senior" if keep >= long => "sr",
            word if is(Role::Suffix, word) => word,
            word if is(Role::PostNominal, word) => "",
            _ => break,
        };
        if !short.is_empty() {
            suffix = Some(short.to_owned());
        }
        keep -= 1;
    }
    (keep, suffix)
}

fn drop_titles(words: &mut Vec<Word>) -> bool {
    let titles = leading_titles(&words.iter().map(Word::single).collect::<Vec<_>>());
    words.drain(..titles);
    titles > 0
}

fn drop_suffixes(words: &mut Vec<Word>, after_comma: bool) -> Option<String> {
    let single: Vec<&str> = words.iter().map(Word::single).collect();
    let (keep, suffix) = trailing_suffixes(&single, usize::from(!after_comma), 3);
    words.truncate(keep);
    suffix
}

/// A word between blanks, folded; a hyphen parts it.
#[derive(Clone, Debug)]
struct Word {
    /// At least one part, none of them empty.
    parts: Vec<String>,
    /// Written in capitals alone.
    capitals: bool,
    /// Written in Chinese, Japanese or Korean characters.
    east_asian: bool,
}

impl Word {
    fn read(raw: &str) -> Option<Self> {
        let east_asian = raw.chars().filter(|c| c.is_alphabetic()).all(is_east_asian);
        let folded: String = fold(raw).chars().filter(|c| !c.is_ascii_digit()).collect();
        let parts: Vec<String> = if east_asian {
            vec![folded.replace(' ', "")]
        } else {
            folded.split_whitespace().map(str::to_owned).collect()
        };
        let capitals = raw.chars().any(char::is_uppercase) && !raw.chars().any(char::is_lowercase);
        parts.iter().any(|part| !part.is_empty()).then_some(Self { parts, capitals, east_asian })
    }

    fn first(&self) -> &str {
        self.parts.first().map_or("", String::as_str)
    }

    /// The word, unless a hyphen parts it.
    fn single(&self) -> &str {
        if self.parts.len() == 1 { self.first() } else { "" }
    }

    fn is(&self, role: Role) -> bool {
        is(role, self.single())
    }

    fn letters(&self) -> usize {
        self.parts.iter().map(String::len).sum()
    }

    /// Two letters in capitals are a family name only where the table says so: `LI Wei`, but `JD Smith`.
    fn is_family_in_capitals(&self) -> bool {
        self.capitals && (self.letters() > 2 || frequency::is_common_family(self.first())) && self.letters() > 1
    }

    fn is_surely_family(&self) -> bool {
        let word = self.first();
        word.len() > 1 && frequency::is_common_family(word) && !knows_given(word) && !self.is(Role::Particle)
    }
}

/// The words of a piece of a full name: initials written together are parted, one word in Chinese or Korean characters
/// is parted into family and given name, and what follows `née` is dropped.
fn name_words(piece: &str) -> Vec<Word> {
    let mut words = words(piece);
    if let [word] = words.as_slice()
        && word.east_asian
        && let Some((family, given)) = part_east_asian(piece)
    {
        return Word::read(&family).into_iter().chain(Word::read(&given)).collect();
    }
    if let Some(at) =
        words.iter().position(|word| word.is(Role::Formerly)).filter(|at| *at > 0 && *at + 1 < words.len())
    {
        words.truncate(at);
    }
    let mixed = words.iter().any(|word| !word.capitals && word.letters() > 1);
    words.into_iter().flat_map(|word| if mixed { part_initials(word) } else { vec![word] }).collect()
}

/// `JD` among words that are not all capitals.
fn part_initials(word: Word) -> Vec<Word> {
    let text = word.single();
    let known = knows_given(text)
        || frequency::is_common_family(text)
        || [Role::Title, Role::WeakTitle, Role::Suffix, Role::PostNominal].iter().any(|role| is(*role, text));
    if !word.capitals || text.len() != 2 || known {
        return vec![word];
    }
    text.chars().map(|c| Word { parts: vec![c.to_string()], ..word }).collect()
}

/// The first character is the family name; the first two of four or more.
fn part_east_asian(piece: &str) -> Option<(String, String)> {
    let characters: Vec<char> = piece.nfkc().filter(|c| c.is_alphabetic()).collect();
    let kana = characters.iter().any(|c| matches!(c, '\u{3040}'..='\u{30ff}'));
    let family = if characters.len() < 4 { 1 } else { 2 };
    let (family, given) = characters.split_at_checked(family)?;
    (!kana && !given.is_empty()).then(|| (family.iter().collect(), given.iter().collect()))
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// The words of a text, without mailboxes, links, digits, emoji and what stands in brackets.
fn words(text: &str) -> Vec<Word> {
    let plain: String = without_brackets(text)
        .replace(['´', '`', '‘', '’', 'ʼ'], "'")
        .chars()
        .filter(|c| !is_invisible(*c))
        .nfkc()
        .collect();
    let mut spelt = String::with_capacity(plain.len());
    for token in plain.split_whitespace().filter(|token| !token.contains('@') && !token.contains("://")) {
        spelt.push_str(&letters(token));
        if !is_elided(token) {
            spelt.push(' ');
        }
    }
    spelt.split_whitespace().filter_map(Word::read).collect()
}

/// `O'` and `Dell'`, which belong to the next word; quotes on both sides don't.
fn is_elided(token: &str) -> bool {
    token.ends_with('\'') && token.starts_with(char::is_alphabetic) && token.len() < 6
}

/// One token, all but letters, apostrophes and inner hyphens blanked; abbreviated degrees and ordinals in one word.
fn letters(token: &str) -> String {
    let squeezed = token.replace('.', "").trim_end_matches(',').to_lowercase();
    match squeezed.as_str() {
        "2nd" => return "ii".to_owned(),
        "3rd" => return "iii".to_owned(),
        "4th" => return "iv".to_owned(),
        degree if is(Role::PostNominal, degree) => return squeezed,
        _ => {}
    }
    let keep = |c: char| c.is_alphabetic() || is_combining_mark(c) || matches!(c, '\'' | '-' | '‐' | '‑');
    let blanked: String = token.chars().map(|c| if keep(c) { c } else { ' ' }).collect();
    match blanked.split_once('-') {
        Some((title, rest)) if is(Role::WeakTitle, &fold(title)) => format!("{title} {rest}"),
        _ => blanked,
    }
}

/// Drops what stands in brackets, unless nothing else has letters.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let mut outside = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' | '[' | '{' | '<' | '（' => depth += 1,
            ')' | ']' | '}' | '>' | '）' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
        if depth > 0 && !outside.ends_with(' ') {
            outside.push(' ');
        }
    }
    if outside.chars().any(char::is_alphabetic) { outside } else { text.to_owned() }
}

/// One word with digits or an underscore: an account, not a name.
fn is_handle(text: &str) -> bool {
    let text = text.trim();
    !text.contains(char::is_whitespace) && text.contains(|c: char| c.is_ascii_digit() || c == '_')
}

/// `Jane & John Doe`: not one person.
fn names_several(text: &str) -> bool {
    let folded = fold(&text.replace(['&', '+'], " and "));
    let words: Vec<&str> = folded.split(' ').collect();
    words.len() > 2 && words[1..words.len() - 1].iter().any(|word| is(Role::And, word))
}

fn ends_in_legal_form(text: &str) -> bool {
    let Some((name, form)) = text.trim().rsplit_once(char::is_whitespace) else { return false };
    let bare = form.replace(['.', '/'], "");
    let capitals = bare.chars().all(char::is_uppercase) && name.chars().any(char::is_lowercase);
    (capitals || form.contains('/') || bare.len() + 2 <= form.len()) && is(Role::LegalForm, &fold(&bare))
}

/// `example.com`, but not a mailbox.
fn is_domain(token: &str) -> bool {
    let ending = token.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    !token.contains('@') && ending.is_some_and(|e| matches!(e.as_str(), "com" | "org" | "net" | "io" | "shop"))
}

fn knows_given(word: &str) -> bool {
    frequency::is_common_given(word) || !nicknames::groups(word).is_empty()
}

fn flat(words: &[Word]) -> Vec<String> {
    words.iter().flat_map(|word| word.parts.iter().cloned()).collect()
}

fn refs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// What a word that is no name does in one.
#[derive(Clone, Copy)]
enum Role {
    Title,
    WeakTitle,
    AfterTitle,
    Suffix,
    PostNominal,
    Particle,
    VietnameseFamily,
    VietnameseMiddle,
    Formerly,
    And,
    Organisation,
    OrganisationLast,
    OrganisationFirst,
    LegalForm,
}

impl Role {
    fn bit(self) -> u16 {
        1 << self as u16
    }

    fn read(heading: &str) -> Option<Self> {
        Some(match heading {
            "title" => Self::Title,
            "weak_title" => Self::WeakTitle,
            "after_title" => Self::AfterTitle,
            "suffix" => Self::Suffix,
            "post_nominal" => Self::PostNominal,
            "particle" => Self::Particle,
            "vietnamese_family" => Self::VietnameseFamily,
            "vietnamese_middle" => Self::VietnameseMiddle,
            "formerly" => Self::Formerly,
            "and" => Self::And,
            "organisation" => Self::Organisation,
            "organisation_last" => Self::OrganisationLast,
            "organisation_first" => Self::OrganisationFirst,
            "legal_form" => Self::LegalForm,
            _ => return None,
        })
    }
}

/// The roles of each word, a bit each.
static ROLES: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    let mut roles = HashMap::new();
    let mut role = None;
    for line in include_str!("name_words.txt").lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("= ") {
            Some(heading) => role = Role::read(heading),
            None => {
                for word in line.split_whitespace() {
                    *roles.entry(word).or_default() |= role.map_or(0, Role::bit);
                }
            }
        }
    }
    roles
});

fn is(role: Role, word: &str) -> bool {
    ROLES.get(word).is_some_and(|roles| roles & role.bit() != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn contact(name: &str, given: &str, family: &str) -> Contact {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Contact { name: some(name), given_name: some(given), family_name: some(family), ..Contact::default() }
    }

    /// `given words/family words/suffix`, with `!` after it where the order is known.
    fn shown(contact: &Contact) -> String {
        match normalize(contact) {
            Err(code) => format!("{code:?}"),
            Ok(None) => "-".to_owned(),
            Ok(Some(name)) => format!(
                "{}/{}{}{}",
                name.given.join(" "),
                name.family.join(" "),
                name.suffix.map(|s| format!("/{s}")).unwrap_or_default(),
                if name.order_known { "!" } else { "" }
            ),
        }
    }

    #[test]
    fn one_text_is_taken_apart() {
        for (name, expected) in [
            ("Jane Doe", "jane/doe"),
            ("Jane Q. Doe", "jane q/doe"),
            ("Doe, Jane", "jane/doe!"),
            ("Doe, Jane Q.", "jane q/doe!"),
            ("Jane Doe, Jr.", "jane/doe/jr"),
            ("Doe, Jane, Jr.", "jane/doe/jr!"),
            ("Jane Doe, MD", "jane/doe"),
            ("Jane Doe, Ph.D.", "jane/doe"),
            ("John Smith 3rd", "john/smith/iii"),
            ("John Smith II", "john/smith/ii"),
            ("DOE Jane", "jane/doe!"),
            ("Jane DOE", "jane/doe!"),
            ("Juan GARCÍA MÁRQUEZ", "juan/garcia marquez!"),
            ("JANE DOE", "jane/doe"),
            ("c. bolzmann", "c/bolzmann"),
            ("J. Doe", "j/doe"),
            ("J.Doe", "j/doe"),
            ("J.R.R. Tolkien", "j r r/tolkien"),
            ("JQ Doe", "j q/doe"),
            ("Bolzmann C.", "c/bolzmann"),
            ("Jane D.", "jane/d"),
            ("LI Wei", "wei/li!"),
            ("Ludwig van der Berg", "ludwig/van der berg"),
            ("Maria de la Cruz", "maria/de la cruz"),
            ("Van Morrison", "van/morrison"),
            ("José Ortega y Gasset", "jose/ortega y gasset"),
            ("Jane Y. Doe", "jane y/doe"),
            ("Jan van 't Hoff", "jan/van t hoff"),
            ("Gabriel García Márquez", "gabriel/garcia marquez"),
            ("Mohammed bin Salman Al Saud", "mohammed bin salman/al saud"),
            ("de la Cruz", "/de la cruz"),
            ("Valentine", "valentine/"),
            ("Jean-Pierre Dupont", "jean pierre/dupont"),
            ("Anna Müller-Lüdenscheidt", "anna/muller ludenscheidt"),
            ("Mr. John Smith", "john/smith"),
            ("Herr Müller", "/muller"),
            ("Frau Dr. med. Eva Huber", "eva/huber"),
            ("Dipl.-Ing. Max Mustard", "max/mustard"),
            ("Sr. Juan Pérez", "juan/perez"),
            ("Juan Pérez Sr.", "juan/perez/sr"),
            ("M. Jean Dupont", "jean/dupont"),
            ("Mary O’Brien", "mary/obrien"),
            ("Mary O' Brien", "mary/obrien"),
            ("'Bill' Smith", "bill/smith"),
            ("Ja\u{ad}ne Doe", "jane/doe"),
            ("Ronald Mc Donald", "ronald mc/donald"),
            ("Jane Doe 😀", "jane/doe"),
            ("Jane2 Doe 1990", "jane/doe"),
            ("Jane Doe (Acme)", "jane/doe"),
            ("Jane Doe | Acme GmbH & more", "jane/doe"),
            ("Jane Doe, Acme GmbH", "jane/doe"),
            ("Jane Doe née Smith", "jane/doe"),
            ("Jane Doe <jane@example.com>", "jane/doe"),
            ("Мария Иванова", "mariia/ivanova"),
            ("Müller Hans", "hans/muller"),
            ("Nguyễn Văn An", "van an/nguyen"),
            ("Jane via LinkedIn", "jane/"),
            ("Wang Xiaoming", "xiaoming/wang"),
            ("王小明", "xiaoming/wang"),
            ("김민수", "minsu/gim"),
            ("김 민수", "minsu/gim"),
        ] {
            assert_eq!(shown(&contact(name, "", "")), expected, "{name}");
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        for name in [
            "jane.doe@example.com",
            "+44 7700 900123",
            "@janedoe",
            "janedoe99",
            "jane_doe",
            "https://example.com/jane",
            "Acme GmbH",
            "Acme Ltd.",
            "Acme, Inc.",
            "Smith, Jones Ltd",
            "Team Berlin",
            "Support",
            "Acme Support",
            "Example S.A.",
            "Acme AG",
            "example.com",
            "Jane & John Doe",
            "Anna und Max Müller",
            "😀",
            "",
        ] {
            assert_eq!(shown(&contact(name, "", "")), "-", "{name}");
        }
    }

    #[test]
    fn people_are_not_organisations() {
        for name in ["Jane Doe", "Maria Sales", "Frank Bank", "JANE SA", "Anna Bankova", "Sa Nguyen", ""] {
            assert!(!is_organisation(name), "{name}");
        }
    }

    #[test]
    fn placeholders_are_refused() {
        assert_eq!(shown(&contact("unknown", "", "")), "Placeholder");
        assert_eq!(shown(&contact("", "unknown", "unknown")), "Placeholder");
        assert_eq!(shown(&contact("", "Jane", "unknown")), "jane/");
        assert_eq!(shown(&contact("Jane Doe", "unknown", "")), "jane/doe");
    }

    #[test]
    fn separate_fields_win_and_the_full_name_completes_them() {
        for (name, given, family, expected) in [
            ("Bill X", "Jane", "Doe", "jane/doe!"),
            ("", "Jane Q.", "Doe", "jane q/doe!"),
            ("", "Gabriel", "García Márquez", "gabriel/garcia marquez!"),
            ("", "Jean-Pierre", "de la Cruz", "jean pierre/de la cruz!"),
            ("", "John", "Smith Jr", "john/smith/jr!"),
            ("", "John", "Smith, III", "john/smith/iii!"),
            ("", "John Smith", "Jr.", "john/smith/jr"),
            ("", "Neymar", "Silva Junior", "neymar/silva/jr!"),
            ("", "Dr. Jane", "Doe", "jane/doe!"),
            ("", "Jane Doe", "Doe", "jane/doe!"),
            ("", "Jane Doe", "", "jane/doe"),
            ("", "Anna Maria", "", "anna maria/"),
            ("", "", "Doe", "/doe!"),
            ("", "Ronald", "Mc Donald", "ronald/mcdonald!"),
            ("Jane Doe", "Jane", "", "jane/doe!"),
            ("Doe Jane", "Jane", "", "jane/doe!"),
            ("Jane Marie Doe", "Jane", "", "jane marie/doe!"),
            ("William Smith", "Bill", "", "bill/smith!"),
            ("William", "Bill", "", "bill/"),
            ("Smith", "Jane", "", "jane/smith!"),
            ("Jane Q. Doe", "", "Doe", "jane q/doe!"),
            ("Doe Jane", "", "Doe", "jane/doe!"),
            ("Jane", "", "Doe", "jane/doe!"),
            ("Jane Smith", "", "Doe", "jane/doe!"),
            ("jane@example.com", "Jane", "", "jane/"),
        ] {
            assert_eq!(shown(&contact(name, given, family)), expected, "{name}|{given}|{family}");
        }
    }

    /// Words that the rules know, and some that they don't.
    fn text() -> impl Strategy<Value = String> {
        let known = "jane doe Doe, DOE J. Q van der de y t jr Sr. ii, junior Mr. Dr m med don and née mc O' müller hans \
                     nguyen van an smith phd unknown test na team gmbh AG garcia jean-pierre 王小明 😀 1st , | ( ) - '";
        let known: Vec<&'static str> = known.split_whitespace().collect();
        let word = prop_oneof![4 => prop::sample::select(known).prop_map(str::to_owned), 1 => ".{0,6}"];
        prop::collection::vec(word, 0..6).prop_map(|words| words.join(" "))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn words_are_plain_letters(name in text(), given in text(), family in text()) {
            if let Ok(Some(name)) = normalize(&contact(&name, &given, &family)) {
                prop_assert!(!name.given.is_empty() || !name.family.is_empty());
                for word in name.given.iter().chain(&name.family) {
                    prop_assert!(!word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
                }
            }
        }

        // Several given names without a family name can't be told from a full name: `Jean-Pierre` alone.
        #[test]
        fn normalising_is_idempotent(name in text(), given in text(), family in text()) {
            for contact in [contact(&name, &given, &family), contact(&name, "", ""), contact(&name, &given, "")] {
                if let Ok(Some(first)) = normalize(&contact)
                    && (!first.family.is_empty() || first.given.len() == 1)
                {
                    let again = Contact {
                        given_name: Some(first.given.join(" ")),
                        family_name: Some(first.family.join(" ")),
                        ..Contact::default()
                    };
                    let second = normalize(&again);
                    prop_assert!(
                        matches!(&second, Ok(Some(s)) if s.given == first.given && s.family == first.family),
                        "{first:?} {second:?}"
                    );
                }
            }
        }
    }
}
