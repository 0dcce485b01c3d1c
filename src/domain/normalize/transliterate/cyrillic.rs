//! Cyrillic words as their bearers mostly spell them in Latin letters. The letters of a word tell its language as far as
//! it matters: Ukrainian and Belarusian `г` is an h, Serbian `ш` is the š that folds to s.

/// What a word's letters tell of its language.
#[derive(Clone, Copy, PartialEq)]
enum Language {
    /// Russian and Bulgarian, and every word whose letters tell nothing.
    Plain,
    /// Ukrainian and Belarusian.
    Ruthenian,
    /// Serbian and Macedonian, whose Latin alphabet goes letter by letter.
    Serbian,
}

/// The word in Latin letters, in lower case.
pub(super) fn to_latin(word: &str) -> String {
    let lower: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let language = language(&lower);
    let mut latin = String::with_capacity(lower.len() + 4);
    for (at, letter) in lower.iter().enumerate() {
        let (before, after) = (at.checked_sub(1).map(|at| lower[at]), lower.get(at + 1).copied());
        let is_last = after.is_none();
        let letters = match (*letter, before) {
            // The endings of `Дмитрий`, `Достоевский` and `Мария`.
            ('й', Some('и' | 'ы')) if is_last => "",
            ('и', _) if lower[at..] == ['и', 'й'] => "y",
            ('й', Some(_)) if !is_last => "i",
            ('я', Some('и')) if is_last => "a",
            ('я', Some('ь')) => "a",
            ('ю', Some('ь')) => "u",
            ('ь', _) if matches!(after, Some('е' | 'ё' | 'я' | 'ю')) => "i",
            // Russian has the hard sign before these vowels alone, Bulgarian has it as a vowel.
            ('ъ', _) if !is_last && !matches!(after, Some('е' | 'ё' | 'ю' | 'я')) => "a",
            (letter, before) => of_language(letter, before.is_none(), language).unwrap_or_else(|| plain(letter)),
        };
        if letters == UNKNOWN { latin.push(*letter) } else { latin.push_str(letters) }
    }
    latin
}

fn language(lower: &[char]) -> Language {
    if lower.iter().any(|c| matches!(c, 'і' | 'ї' | 'є' | 'ґ' | 'ў')) {
        Language::Ruthenian
    } else if lower.iter().any(|c| matches!(c, 'ј' | 'љ' | 'њ' | 'ђ' | 'ћ' | 'џ' | 'ѓ' | 'ќ' | 'ѕ')) {
        Language::Serbian
    } else {
        Language::Plain
    }
}

/// What a letter is in one language alone.
fn of_language(letter: char, at_start: bool, language: Language) -> Option<&'static str> {
    match language {
        Language::Plain => None,
        Language::Ruthenian => ruthenian(letter, at_start),
        Language::Serbian => serbian(letter),
    }
}

/// As Ukrainian passports have it (Cabinet of Ministers, resolution 55 of 2010).
fn ruthenian(letter: char, at_start: bool) -> Option<&'static str> {
    Some(match letter {
        'г' => "h",
        'ґ' => "g",
        'и' => "y",
        'і' => "i",
        'ї' | 'й' if !at_start => "i",
        'ї' => "yi",
        'є' => {
            if at_start {
                "ye"
            } else {
                "ie"
            }
        }
        'ю' if !at_start => "iu",
        'я' if !at_start => "ia",
        'ў' => "u",
        _ => return None,
    })
}

/// The Serbian Latin letters without their marks, but `đ` as `dj`.
fn serbian(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ђ' => "dj",
        'ѓ' => "gj",
        'ж' => "z",
        'ѕ' | 'џ' => "dz",
        'ј' => "j",
        'ќ' => "kj",
        'љ' => "lj",
        'њ' => "nj",
        'ћ' | 'ц' | 'ч' => "c",
        'х' => "h",
        'ш' => "s",
        _ => return None,
    })
}

/// Stands for a letter that is none of ours.
const UNKNOWN: &str = "?";

fn plain(letter: char) -> &'static str {
    match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "g",
        'д' => "d",
        // The two dots of `ё` are hardly ever written.
        'е' | 'ё' | 'э' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' => "i",
        'й' | 'ы' => "y",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' => "",
        'ю' => "yu",
        'я' => "ya",
        _ => UNKNOWN,
    }
}
