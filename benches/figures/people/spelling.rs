//! How people and machines write what they know: other cases, initials, slips.

use super::super::dice::Dice;

/// A mailbox as somebody writes it: one in twelve in other cases, a few with a tag or a slip.
pub fn mailbox(address: &str, dice: &mut Dice) -> String {
    match dice.below(100) {
        0..4 => address.to_uppercase(),
        4..8 => capitalised(address),
        8..10 => address.replacen('@', "+news@", 1),
        10..12 => slip(address, dice),
        _ => address.to_owned(),
    }
}

/// A name as one text.
pub fn name(given: &str, family: &str, dice: &mut Dice) -> String {
    match dice.below(100) {
        0..10 => format!("{}. {family}", &given[..1]),
        10..18 => given.to_owned(),
        18..23 => format!("{family}, {given}"),
        23..28 => format!("{given} {family}").to_lowercase(),
        28..31 => format!("{given} {family}").to_uppercase(),
        31..37 => slip(&format!("{given} {family}"), dice),
        37..42 => format!("{given} {}. {family}", dice.pick(&["A", "B", "J", "M", "S"])),
        _ => format!("{given} {family}"),
    }
}

/// A word, once in a while with a slip.
pub fn word(word: &str, dice: &mut Dice) -> String {
    match dice.below(100) {
        0..4 => slip(word, dice),
        4..9 => word.to_lowercase(),
        9..11 => word.to_uppercase(),
        _ => word.to_owned(),
    }
}

/// Leaves a letter out, doubles it, or swaps it with the next one. The first letter and what follows an `@` stay.
fn slip(text: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let end = letters.iter().position(|letter| *letter == '@').unwrap_or(letters.len());
    let place = 1 + usize::try_from(dice.below(u64::try_from(end.saturating_sub(2)).unwrap_or(1))).unwrap_or(0);
    if place + 1 < end {
        match dice.below(3) {
            0 => drop(letters.remove(place)),
            1 => letters.insert(place, letters[place]),
            _ => letters.swap(place, place + 1),
        }
    }
    letters.into_iter().collect()
}

fn capitalised(text: &str) -> String {
    let mut begins = true;
    let mut capital = |letter: char| {
        let written = if begins { letter.to_ascii_uppercase() } else { letter };
        begins = !letter.is_ascii_alphanumeric();
        written
    };
    text.chars().map(&mut capital).collect()
}
