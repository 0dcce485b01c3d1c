//! Postal addresses: folded words, street types in one spelling, the postal code without blanks.

use super::{junk, text};
use crate::domain::contact::Address;
use borsh::{BorshDeserialize, BorshSerialize};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::{borrow::Cow, sync::LazyLock};

/// A postal address in normal form; empty strings stand for missing parts.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct NormalAddress {
    /// Street words, folded and with types shortened to one spelling, without the house number: `wallaby pl`.
    pub street: String,
    /// The house number, with its letter: `7`, `12b`; a range with a hyphen: `12-14`.
    pub house: String,
    /// Town, folded.
    pub locality: String,
    /// State, folded; American, Australian and Canadian ones by their usual abbreviation.
    pub region: String,
    /// Upper case, without blanks and hyphens.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 in lower case where it is known, else folded text.
    pub country: String,
}

/// One spelling for words of street names, by the others. Saints and streets share `st`, in English as on signs.
const STREET_WORDS: &[(&str, &[&str])] = &[
    ("aly", &["alley"]),
    ("av", &["avenue", "ave", "aven", "avn", "avenida", "avda", "avd", "avinguda"]),
    ("blvd", &["boulevard", "boul", "bd", "bvd", "blv", "bulevar"]),
    ("cct", &["circuit", "circt", "ccte"]),
    ("ch", &["chemin", "che", "chm"]),
    ("cir", &["circle", "circ"]),
    ("cl", &["close", "clo"]),
    ("cll", &["calle"]),
    ("cra", &["carrera", "kra"]),
    ("cres", &["crescent", "cresc", "cr", "crs", "crst"]),
    ("cso", &["corso"]),
    ("ct", &["court", "crt", "cour"]),
    ("ctra", &["carretera"]),
    ("cv", &["cove"]),
    ("dr", &["drive", "drv", "driv"]),
    ("e", &["east"]),
    ("est", &["estate"]),
    ("estr", &["estrada"]),
    ("expy", &["expressway"]),
    ("fwy", &["freeway"]),
    ("g", &["gasse"]),
    ("gdns", &["gardens", "gdn", "garden"]),
    ("gr", &["grove", "grv", "gro"]),
    ("hts", &["heights"]),
    ("hwy", &["highway", "hiway", "hway"]),
    ("imp", &["impasse"]),
    ("ln", &["lane"]),
    ("mt", &["mount"]),
    ("n", &["north"]),
    ("ne", &["northeast"]),
    ("nw", &["northwest"]),
    ("pde", &["parade", "par"]),
    ("pk", &["park"]),
    ("pkwy", &["parkway", "pky", "pwy"]),
    ("pl", &["place", "plaza", "plz", "platz", "plac", "piazza", "pza", "pzza", "praca", "placa", "plein"]),
    ("pr", &["prospekt"]),
    ("rd", &["road"]),
    ("rte", &["route"]),
    ("r", &["rue", "rua"]),
    ("s", &["south"]),
    ("se", &["southeast"]),
    ("sq", &["square", "sqr"]),
    ("st", &["street", "str", "strasse", "straat", "strada", "saint", "sankt"]),
    ("sw", &["southwest"]),
    ("tce", &["terrace", "terr", "ter"]),
    ("trl", &["trail"]),
    ("tv", &["travessa", "trav"]),
    ("ul", &["ulica", "ulitsa"]),
    ("v", &["via"]),
    ("vle", &["viale"]),
    ("w", &["west"]),
    ("wy", &["way"]),
    ("1st", &["first"]),
    ("2nd", &["second"]),
    ("3rd", &["third"]),
    ("4th", &["fourth"]),
    ("5th", &["fifth"]),
    ("6th", &["sixth"]),
    ("7th", &["seventh"]),
    ("8th", &["eighth"]),
    ("9th", &["ninth"]),
    ("10th", &["tenth"]),
];

/// Endings of Germanic street names written as one word, and what the word apart is called here.
const STREET_ENDINGS: &[(&str, &str)] =
    &[("strasse", "st"), ("straat", "st"), ("str", "st"), ("platz", "pl"), ("plein", "pl"), ("gasse", "g")];

/// Words before the number of a flat, floor or letter box, which are no part of the house.
#[rustfmt::skip] // A table in rows.
const UNITS: &[&str] = &[
    "apartamento", "apartment", "appartement", "appt", "apt", "apto", "bte", "departamento", "depto", "door", "dpto",
    "etage",
    "fl", "flat", "floor", "int", "interno", "level", "lvl", "piso", "puerta", "rm", "room", "scala", "ste", "suite",
    "tur",
    "unit", "whg", "wohnung",
];

/// States by name and usual abbreviation: United States, Australia, Canada.
#[rustfmt::skip] // A table in rows.
const STATES: &[(&str, &str)] = &[
    ("alabama", "al"), ("alaska", "ak"), ("arizona", "az"), ("arkansas", "ar"), ("california", "ca"),
    ("colorado", "co"),
    ("connecticut", "ct"), ("delaware", "de"), ("district of columbia", "dc"), ("florida", "fl"), ("georgia", "ga"),
    ("hawaii", "hi"), ("idaho", "id"), ("illinois", "il"), ("indiana", "in"), ("iowa", "ia"), ("kansas", "ks"),
    ("kentucky", "ky"), ("louisiana", "la"), ("maine", "me"), ("maryland", "md"), ("massachusetts", "ma"),
    ("michigan", "mi"),
    ("minnesota", "mn"), ("mississippi", "ms"), ("missouri", "mo"), ("montana", "mt"), ("nebraska", "ne"),
    ("nevada", "nv"),
    ("new hampshire", "nh"), ("new jersey", "nj"), ("new mexico", "nm"), ("new york", "ny"), ("north carolina", "nc"),
    ("north dakota", "nd"), ("ohio", "oh"), ("oklahoma", "ok"), ("oregon", "or"), ("pennsylvania", "pa"),
    ("rhode island", "ri"), ("south carolina", "sc"), ("south dakota", "sd"), ("tennessee", "tn"), ("texas", "tx"),
    ("utah", "ut"), ("vermont", "vt"), ("virginia", "va"), ("washington", "wa"), ("west virginia", "wv"),
    ("wisconsin", "wi"), ("wyoming", "wy"), ("puerto rico", "pr"),
    ("australian capital territory", "act"), ("new south wales", "nsw"), ("northern territory", "nt"),
    ("queensland", "qld"),
    ("south australia", "sa"), ("tasmania", "tas"), ("victoria", "vic"), ("western australia", "wa"),
    ("alberta", "ab"), ("british columbia", "bc"), ("manitoba", "mb"), ("new brunswick", "nb"),
    ("newfoundland and labrador", "nl"), ("nova scotia", "ns"), ("ontario", "on"), ("prince edward island", "pe"),
    ("quebec", "qc"), ("saskatchewan", "sk"), ("yukon", "yt"),
];

/// ISO 3166-1 alpha-2 by folded names in English and the country's own languages, alpha-3 codes and usual short forms.
#[rustfmt::skip] // A table in rows.
const COUNTRIES: &[(&str, &[&str])] = &[
    ("ae", &["united arab emirates", "uae", "are"]), ("ar", &["argentina", "arg"]),
    ("at", &["austria", "osterreich", "aut"]),
    ("au", &["australia", "aus"]), ("be", &["belgium", "belgie", "belgique", "belgien", "bel"]),
    ("bg", &["bulgaria", "bgr"]), ("bo", &["bolivia", "bol"]), ("br", &["brazil", "brasil", "bra"]),
    ("ca", &["canada", "can"]), ("ch", &["switzerland", "schweiz", "suisse", "svizzera", "che"]),
    ("cl", &["chile", "chl"]), ("cn", &["china", "peoples republic of china", "chn", "zhong guo"]),
    ("co", &["colombia", "col"]), ("cr", &["costa rica", "cri"]), ("cy", &["cyprus", "cyp"]),
    ("cz", &["czech republic", "czechia", "cesko", "ceska republika", "cze"]),
    ("de", &["germany", "deutschland", "allemagne", "alemania", "alemanha", "deu", "ger"]),
    ("dk", &["denmark", "danmark", "dnk"]), ("do", &["dominican republic", "republica dominicana", "dom"]),
    ("ec", &["ecuador", "ecu"]), ("ee", &["estonia", "eesti", "est"]), ("eg", &["egypt", "misr", "egy"]),
    ("es", &["spain", "espana", "spanien", "espagne", "esp"]), ("fi", &["finland", "suomi", "fin"]),
    ("fr", &["france", "frankreich", "francia", "fra"]),
    ("gb", &["uk", "united kingdom", "great britain", "britain", "england", "scotland", "wales", "northern ireland",
    "gbr",
        "united kingdom of great britain and northern ireland", "u k"]),
    ("gr", &["greece", "hellas", "ellada", "grc"]), ("gt", &["guatemala", "gtm"]), ("hk", &["hong kong", "hkg"]),
    ("hr", &["croatia", "hrvatska", "hrv"]), ("hu", &["hungary", "magyarorszag", "hun"]), ("id", &["indonesia", "idn"]),
    ("ie", &["ireland", "eire", "republic of ireland", "irl"]), ("il", &["israel", "isr"]),
    ("in", &["india", "bharat", "ind"]),
    ("is", &["iceland", "island", "isl"]), ("it", &["italy", "italia", "italien", "italie", "ita"]),
    ("jp", &["japan", "nippon", "nihon", "jpn", "ri ben"]), ("ke", &["kenya", "ken"]),
    ("kr", &["south korea", "korea", "republic of korea", "kor"]), ("lt", &["lithuania", "lietuva", "ltu"]),
    ("lu", &["luxembourg", "luxemburg", "lux"]), ("lv", &["latvia", "latvija", "lva"]),
    ("ma", &["morocco", "maroc", "mar"]),
    ("mt", &["malta", "mlt"]), ("mx", &["mexico", "mex"]), ("my", &["malaysia", "mys"]), ("ng", &["nigeria", "nga"]),
    ("nl", &["netherlands", "the netherlands", "nederland", "holland", "niederlande", "nld"]),
    ("no", &["norway", "norge", "noreg", "nor"]), ("nz", &["new zealand", "aotearoa", "nzl"]),
    ("pa", &["panama", "pan"]),
    ("pe", &["peru", "per"]), ("ph", &["philippines", "pilipinas", "phl"]), ("pk", &["pakistan", "pak"]),
    ("pl", &["poland", "polska", "polen", "pol"]), ("pt", &["portugal", "prt"]), ("py", &["paraguay", "pry"]),
    ("ro", &["romania", "rou"]), ("rs", &["serbia", "srbija", "srb"]),
    ("ru", &["russia", "russian federation", "rossiia", "rus"]), ("sa", &["saudi arabia", "sau"]),
    ("se", &["sweden", "sverige", "schweden", "swe"]), ("sg", &["singapore", "sgp"]),
    ("si", &["slovenia", "slovenija", "svn"]), ("sk", &["slovakia", "slovensko", "svk"]), ("th", &["thailand", "tha"]),
    ("tn", &["tunisia", "tunisie", "tun"]), ("tr", &["turkey", "turkiye", "tur"]), ("tw", &["taiwan", "twn"]),
    ("ua", &["ukraine", "ukraina", "ukr"]),
    ("us", &["usa", "united states", "united states of america", "u s a", "u s", "america", "estados unidos"]),
    ("uy", &["uruguay", "ury"]), ("ve", &["venezuela", "ven"]), ("vn", &["vietnam", "viet nam", "vnm"]),
    ("za", &["south africa", "suid afrika", "zaf"]),
];

/// One spelling by another.
type Spellings = LazyLock<FxHashMap<&'static str, &'static str>>;

static STREET_WORD: Spellings = LazyLock::new(|| by_others(STREET_WORDS));
static STATE: Spellings = LazyLock::new(|| STATES.iter().copied().collect());
static COUNTRY: Spellings = LazyLock::new(|| by_others(COUNTRIES));
static UNIT: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| UNITS.iter().copied().collect());

fn by_others(table: &[(&'static str, &[&'static str])]) -> FxHashMap<&'static str, &'static str> {
    table.iter().flat_map(|(spelling, others)| others.iter().map(move |other| (*other, *spelling))).collect()
}

/// Normalises a postal address; `None` where nothing of it is usable. Placeholder parts (`unknown`, postal code
/// `00000`) count as missing. Flats and floors are left out: neighbours in one house are told apart by other things
/// than these, which half the sources don't give.
#[must_use]
pub fn normalize(address: &Address) -> Option<NormalAddress> {
    let (street, house) = address.street_address.as_deref().map(street_and_house).unwrap_or_default();
    let normal = NormalAddress {
        street,
        house,
        locality: address.locality.as_deref().map(folded).map(with_short_saints).unwrap_or_default(),
        region: address.region.as_deref().map(folded).map(state).unwrap_or_default(),
        postal_code: address.postal_code.as_deref().map(postal_code).unwrap_or_default(),
        country: address.country.as_deref().map(|given| country(&text::fold(given))).unwrap_or_default(),
    };
    (normal != NormalAddress::default()).then_some(normal)
}

fn folded(given: &str) -> String {
    Some(text::fold(given)).filter(|folded| !junk::is_placeholder_text(folded)).unwrap_or_default()
}

fn with_short_saints(folded: String) -> String {
    let is_saint = |word: &str| matches!(word, "saint" | "sankt");
    if !folded.split(' ').any(is_saint) {
        return folded;
    }
    folded.split(' ').map(|word| if is_saint(word) { "st" } else { word }).collect::<Vec<_>>().join(" ")
}

fn state(folded: String) -> String {
    STATE.get(folded.as_str()).map_or(folded, |short| (*short).to_owned())
}

/// The alpha-2 code: as given, or by name. `xx` and `zz` stand for no country.
fn country(folded: &str) -> String {
    if let Some(code) = COUNTRY.get(folded) {
        return (*code).to_owned();
    }
    let is_placeholder = matches!(folded, "xx" | "zz") || (folded.len() != 2 && junk::is_placeholder_text(folded));
    if is_placeholder { String::new() } else { folded.to_owned() }
}

/// Letters and digits in upper case; without the country before a hyphen (`D-80331`) and the American four after one.
fn postal_code(given: &str) -> String {
    let plain = text::compatible(given);
    let plain = if plain.is_ascii() { plain } else { plain.to_uppercase().into() };
    let plain = plain.trim();
    let plain = match plain.split_once('-').map(|(a, b)| (a.trim(), b.trim())) {
        Some((country, digits)) if is_word(country, 2) && (4..=5).contains(&digits.len()) && is_number(digits) => {
            digits
        }
        Some((zip, four)) if zip.len() == 5 && four.len() == 4 && is_number(zip) && is_number(four) => zip,
        _ => plain,
    };
    let mut code = text::fold(plain);
    let mut is_junk = junk::is_placeholder_text(&code);
    if code.contains(' ') {
        code.retain(|c| c != ' ');
        is_junk |= junk::is_placeholder_text(&code);
    }
    let is_filled_in = [b'0', b'9'].iter().any(|digit| code.bytes().all(|b| b == *digit));
    if is_junk || is_filled_in {
        return String::new();
    }
    code.make_ascii_uppercase();
    code
}

fn is_word(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Street words and house number of a street address: `12b Wallaby Place`, `Hauptstr. 12 b`, `12, rue de la Paix`.
fn street_and_house(given: &str) -> (String, String) {
    let folded = text::fold(given);
    if junk::is_placeholder_text(&folded) {
        return (String::new(), String::new());
    }
    let spelt =
        if is_marked(given) { spelt(&marked(given, folded.starts_with(|c: char| c.is_ascii_digit()))) } else { folded };
    let words = without_units(spelt.split(' ').filter(|word| !word.is_empty()).collect());
    let (house, rest) = house_number(&words, given.contains('/'));
    let mut street = String::with_capacity(spelt.len());
    for word in rest.iter().filter(|w| **w != "-").enumerate().map(street_word) {
        street.push_str(if street.is_empty() { "" } else { " " });
        street.push_str(&word);
    }
    (street, house)
}

/// Whether there may be marks in it that are words of their own.
fn is_marked(given: &str) -> bool {
    given.bytes().any(|b| !b.is_ascii() || matches!(b, b'-' | b'/' | b'#'))
}

/// A hyphen or slash as a word of its own; `#` as a unit's where a house number leads: in `12 Main St #4`, but not in
/// `Calle 5 # 12`.
fn marked(given: &str, house_leads: bool) -> String {
    let mut marked = String::with_capacity(given.len() + 8);
    for c in text::compatible(given).chars() {
        match c {
            '-' | '/' | '–' => marked.push_str(" - "),
            '#' if house_leads => marked.push_str(" unit "),
            other => marked.push(other),
        }
    }
    marked
}

/// Folded words with blanks between them, and `-` for hyphens and slashes.
fn spelt(marked: &str) -> String {
    let mut spelt = String::with_capacity(marked.len());
    for piece in marked.split(' ') {
        spelt.push_str(&if piece == "-" { piece.into() } else { Cow::from(text::fold(piece)) });
        spelt.push(' ');
    }
    spelt
}

/// Drops words for a unit with the number or letter after them, unless nothing else would be left.
fn without_units(words: Vec<&str>) -> Vec<&str> {
    if !words.iter().any(|word| UNIT.contains(word)) {
        return words;
    }
    let mut kept = Vec::with_capacity(words.len());
    let mut rest = words.iter().peekable();
    while let Some(word) = rest.next() {
        if UNIT.contains(word) && rest.next_if(|next| is_unit_number(next)).is_some() {
            continue;
        }
        kept.push(*word);
    }
    if kept.is_empty() { words } else { kept }
}

fn is_unit_number(word: &str) -> bool {
    word.len() <= 5 && (word.len() == 1 || word.bytes().any(|b| b.is_ascii_digit())) && word != "-"
}

/// The house number at the start, else at the end, and the words that remain.
fn house_number<'a, 'w>(words: &'a [&'w str], slashed: bool) -> (String, &'a [&'w str]) {
    let (leading, after) = leading_number(words, slashed);
    if !leading.is_empty() && !after.is_empty() {
        return (leading, after);
    }
    let (trailing, before) = trailing_number(words, slashed);
    if trailing.is_empty() || before.is_empty() { (String::new(), words) } else { (trailing, before) }
}

/// `12`, `12b`, `12 b`, `12 bis`, `12-14`; of `3/12` at the start, as in Australia, 3 is the flat.
fn leading_number<'a, 'w>(words: &'a [&'w str], slashed: bool) -> (String, &'a [&'w str]) {
    match words {
        [flat, dash, house, rest @ ..] if *dash == "-" && is_house(flat) && is_house(house) => {
            (if slashed { (*house).to_owned() } else { format!("{flat}-{house}") }, rest)
        }
        [house, letter, rest @ ..] if is_number(house) && is_house_letter(letter) && !rest.is_empty() => {
            (format!("{house}{letter}"), rest)
        }
        [house, rest @ ..] if is_house(house) => ((*house).to_owned(), rest),
        _ => (String::new(), words),
    }
}

/// As at the start; of `12/3` at the end, as in Austria, 3 is the flat.
fn trailing_number<'a, 'w>(words: &'a [&'w str], slashed: bool) -> (String, &'a [&'w str]) {
    match words {
        [rest @ .., house, dash, flat] if *dash == "-" && is_house(flat) && is_house(house) => {
            (if slashed { (*house).to_owned() } else { format!("{house}-{flat}") }, rest)
        }
        [rest @ .., house, letter] if is_number(house) && (is_word(letter, 1) || is_house_letter(letter)) => {
            (format!("{house}{letter}"), rest)
        }
        [rest @ .., house] if is_house(house) => ((*house).to_owned(), rest),
        _ => (String::new(), words),
    }
}

/// A number with at most one letter, or `bis` and `ter` as the French count on.
fn is_house(word: &str) -> bool {
    let letters = word.trim_start_matches(|c: char| c.is_ascii_digit());
    letters.len() < word.len()
        && word.len() <= 8
        && (letters.is_empty() || is_word(letters, 1) || is_counted_on(letters))
}

/// A letter apart from its number before a street's name; `12 E Main St` is in the east, though.
fn is_house_letter(word: &str) -> bool {
    (is_word(word, 1) && !matches!(word, "n" | "e" | "s" | "w")) || is_counted_on(word)
}

fn is_counted_on(word: &str) -> bool {
    matches!(word, "bis" | "ter" | "quater")
}

/// One word of a street's name in its one spelling. A single letter is a type only as the first word (`C/ Mayor`).
fn street_word<'a>((index, word): (usize, &&'a str)) -> Cow<'a, str> {
    if index == 0 && *word == "c" {
        return "cll".into();
    }
    if let Some(spelling) = STREET_WORD.get(word) {
        return (*spelling).into();
    }
    let ending = STREET_ENDINGS.iter().find_map(|(ending, apart)| Some((word.strip_suffix(ending)?, apart)));
    match ending {
        Some((name, apart)) if name.len() >= 3 => format!("{name} {apart}").into(),
        _ => (*word).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of_street(street: &str) -> Option<NormalAddress> {
        normalize(&Address { street_address: Some(street.into()), ..Address::default() })
    }

    #[test]
    fn streets() {
        for (given, street, house) in [
            ("7 Wallaby Place", "wallaby pl", "7"),
            ("12b Wallaby Pl.", "wallaby pl", "12b"),
            ("12 b Wallaby Pl", "wallaby pl", "12b"),
            ("3/12 Wallaby Place", "wallaby pl", "12"),
            ("Flat 3, 12 Wallaby Place", "wallaby pl", "12"),
            ("12 Main Street Apt 4", "main st", "12"),
            ("12 Main St #4", "main st", "12"),
            ("12 Main St, Suite 400", "main st", "12"),
            ("12 E Main St", "e main st", "12"),
            ("12 East Main St", "e main st", "12"),
            ("350 Fifth Avenue", "5th av", "350"),
            ("350 5th Ave", "5th av", "350"),
            ("12-14 High Road", "high rd", "12-14"),
            ("Hauptstraße 12 b", "haupt st", "12b"),
            ("Hauptstr. 12b", "haupt st", "12b"),
            ("Haupt-Strasse 12", "haupt st", "12"),
            ("Marktplatz 1", "markt pl", "1"),
            ("Mariahilfer Straße 12/3", "mariahilfer st", "12"),
            ("Lindenweg 3", "lindenweg", "3"),
            ("12 bis, rue de la Paix", "r de la paix", "12bis"),
            ("Calle Mayor 5, piso 3", "cll mayor", "5"),
            ("C/ Mayor 5", "cll mayor", "5"),
            ("Via Roma, 10", "v roma", "10"),
            ("Rua Augusta, 1500 apto 21", "r augusta", "1500"),
            ("Saint John's Road", "st johns rd", ""),
            ("The Old Mill", "the old mill", ""),
            ("12", "12", ""),
        ] {
            let normal = of_street(given).unwrap();
            assert_eq!((normal.street.as_str(), normal.house.as_str()), (street, house), "{given}");
        }
    }

    #[test]
    fn postal_codes() {
        for (given, expected) in [
            ("sw1a 1aa", "SW1A1AA"),
            ("D-80331", "80331"),
            ("94105-1234", "94105"),
            ("01310-100", "01310100"),
            ("１００－０００１", "1000001"),
            ("00000", ""),
            ("n/a", ""),
        ] {
            assert_eq!(postal_code(given), expected, "{given}");
        }
    }

    #[test]
    fn countries_and_states() {
        for (given, expected) in
            [("UK", "gb"), ("Deutschland", "de"), ("U.S.A.", "us"), ("AT", "at"), ("NA", "na"), ("N/A", "")]
        {
            assert_eq!(country(&text::fold(given)), expected, "{given}");
        }
        assert_eq!(country("narnia"), "narnia");
        assert_eq!((state("new south wales".into()), state("nsw".into())), ("nsw".into(), "nsw".into()));
    }

    #[test]
    fn nothing_usable_is_no_address() {
        let unknown = Some("unknown".to_owned());
        let address = Address { street_address: unknown.clone(), locality: unknown, ..Address::default() };
        assert_eq!((normalize(&address), normalize(&Address::default())), (None, None));
        assert_eq!(of_street("!"), None);
    }

    #[test]
    fn the_tables_give_no_word_two_spellings() {
        for (spelling, others) in STREET_WORDS {
            assert!(STREET_WORDS.iter().all(|(_, all)| !all.contains(spelling)), "{spelling}");
            for other in *others {
                assert_eq!(STREET_WORDS.iter().filter(|(_, all)| all.contains(other)).count(), 1, "{other}");
            }
        }
        for (code, names) in COUNTRIES {
            assert!(COUNTRIES.iter().all(|(_, all)| !all.contains(code)), "{code}");
            for name in *names {
                assert_eq!(COUNTRIES.iter().filter(|(_, all)| all.contains(name)).count(), 1, "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn normalising_is_idempotent(
            street in ".*|[0-9]{0,3}[a-c]?[ /-]?[0-9]{0,2} ?(Haupt|Main|rue|flat|c)?(strasse|str|st| Street| ter)? ?[0-9]{0,3} ?[a-z]{0,3}",
            code in ".*|[A-Z]{0,2}-?[0-9]{4,5}(-[0-9]{3,4})?",
            text in ".*"
        ) {
            let address = Address {
                street_address: Some(street),
                locality: Some(text.clone()),
                region: Some(text.clone()),
                postal_code: Some(code),
                country: Some(text),
            };
            if let Some(once) = normalize(&address) {
                let parts = once.clone();
                // The street alone: a house number put back might join a number that is part of its name.
                let again = normalize(&Address {
                    street_address: None,
                    locality: Some(parts.locality),
                    region: Some(parts.region),
                    postal_code: Some(parts.postal_code),
                    country: Some(parts.country),
                });
                let rest = NormalAddress { street: String::new(), house: String::new(), ..once };
                prop_assert_eq!(again.unwrap_or_default(), rest);
            }
        }

        #[test]
        fn ordinary_streets_are_idempotent(house in 1u16..999, letter in "[a-d]?", name in "[A-Z][a-z]{4,9}", kind in 0usize..60) {
            let kind = STREET_WORDS.get(kind).and_then(|(_, others)| others.first()).copied().unwrap_or("street");
            let once = of_street(&format!("{house}{letter} {name} {kind}")).unwrap_or_default();
            prop_assert_eq!(of_street(&format!("{} {}", once.house, once.street)), Some(once));
        }
    }
}
