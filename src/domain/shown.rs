//! Text from elsewhere, as it is shown to somebody: on a page or a terminal, where it must not turn or hide what stands around it.

/// At most so many characters of a text; what does not show, or changes the direction of writing on its own, is replaced.
#[must_use]
pub fn visible(text: &str, most: usize) -> String {
    let mut letters = text.chars().map(|letter| if is_unseen(letter) { char::REPLACEMENT_CHARACTER } else { letter });
    let mut shown: String = letters.by_ref().take(most).collect();
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters, those of Unicode's bidirectional algorithm (UAX #9), separators of lines, and letters without a width.
/// Joiners stay: Persian, many scripts of India and families of emoji are written with them.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{2028}' | '\u{2029}'
            | '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A cell of a table that no spreadsheet takes for a formula, not even one that takes other characters than commas to part
/// cells: what would begin one gets a `'` before it.
///
/// Which characters begin a formula, full-width ones included, says OWASP's page on CSV injection.
#[must_use]
pub fn defused(cell: &str) -> String {
    let mut defused = String::with_capacity(cell.len() + 1);
    let mut begins = true;
    for letter in cell.chars() {
        if begins && matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n') {
            defused.push('\'');
        }
        defused.push(letter);
        begins = matches!(letter, ';' | '\t' | '\r' | '\n');
    }
    defused
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_turns_or_hides_is_replaced_and_what_is_long_is_cut() {
        assert_eq!(visible("a\u{202e}b\0\u{1b}[2J", 99), "a\u{fffd}b\u{fffd}\u{fffd}[2J");
        for unseen in ["\u{61c}", "\u{200b}", "\u{200f}", "\u{2028}", "\u{2067}", "\u{feff}", "\u{e0041}", "\u{9b}"] {
            assert_eq!(visible(unseen, 99), "\u{fffd}", "{unseen:?}");
        }
        for kept in ["Ångström", "می\u{200c}خواهم", "👩\u{200d}👧", "שלום", "e\u{301}"] {
            assert_eq!(visible(kept, 99), kept);
        }
        assert_eq!(visible(&"x".repeat(10_000), 160), "x".repeat(160) + "…");
        assert_eq!(visible("xx", 2), "xx");
    }

    #[test]
    fn formulas_are_text_wherever_a_cell_may_begin() {
        for (cell, expected) in [
            ("", ""),
            ("Jane-Anne = 1", "Jane-Anne = 1"),
            ("=1+1", "'=1+1"),
            ("+44 20", "'+44 20"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("＝1", "'＝1"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("x;=1", "x;'=1"),
            ("a@x.org; =b@x.org", "a@x.org; =b@x.org"),
            ("x\n=1", "x\n'=1"),
        ] {
            assert_eq!(defused(cell), expected, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_begins_a_formula_and_none_loses_a_letter(cell in "[=+@'; \t\r\n\"a-]{0,12}") {
            let defused = defused(&cell);
            for part in defused.split([';', '\t', '\r', '\n']) {
                prop_assert!(!part.starts_with(['=', '+', '-', '@']), "{defused:?}");
            }
            let mut rest = defused.chars();
            prop_assert!(cell.chars().all(|letter| rest.any(|other| other == letter)), "{defused:?}");
        }
    }
}
