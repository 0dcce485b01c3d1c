//! How many slips of the finger lie between two texts, told without measuring wherever a glance is enough.

/// The distance of two texts in edits (letters put in, taken out, replaced, or swapped with the next; optimal string
/// alignment) where it is at most `most`.
///
/// What both begin and end with takes no edits, and neither letters nor lengths may differ by more than `most`: few pairs
/// are left to measure.
#[must_use]
pub fn within(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b) = without_common_ends(a, b);
    if a.is_empty() || b.is_empty() {
        return Some(a.chars().count() + b.chars().count()).filter(|distance| *distance <= most);
    }
    if a.is_ascii() && b.is_ascii() && missing(a, b).least_edits() > most {
        return None;
    }
    Some(strsim::osa_distance(a, b)).filter(|distance| *distance <= most)
}

/// Whether two texts are exactly one edit apart.
#[must_use]
pub fn is_one(a: &str, b: &str) -> bool {
    within(a, b, 1) == Some(1)
}

/// Whether the Jaro-Winkler likeness of two texts is at least `least`.
#[must_use]
pub fn are_alike(a: &str, b: &str, least: f64) -> bool {
    !(a.is_ascii() && b.is_ascii() && most_alike(a, b) < least) && strsim::jaro_winkler(a, b) >= least
}

/// No less than the likeness of two ASCII texts: what it would be if all letters in common stood in the same order.
fn most_alike(a: &str, b: &str) -> f64 {
    /// Far more than rounding can make of it.
    const MARGIN: f64 = 1e-9;
    let common = count(a.len() - missing(a, b).in_second);
    let share = |text: &str| if text.is_empty() { 1.0 } else { common / count(text.len()) };
    let jaro = (share(a) + share(b) + 1.0) / 3.0;
    let start = a.bytes().zip(b.bytes()).take(4).take_while(|(x, y)| x == y).count();
    jaro + 0.1 * count(start) * (1.0 - jaro) + MARGIN
}

#[expect(clippy::cast_precision_loss, reason = "texts are far shorter than 2^52 letters")]
const fn count(letters: usize) -> f64 {
    letters as f64
}

/// How many letters of each of two texts the other lacks, whatever their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Letters of the first text that are too many for the second.
    pub in_second: usize,
    /// Letters of the second text that are too many for the first.
    pub in_first: usize,
}

impl Missing {
    /// An edit makes up for one letter of each side at best.
    #[must_use]
    pub fn least_edits(self) -> usize {
        self.in_first.max(self.in_second)
    }
}

/// Counts the letters that either of two ASCII texts lacks; of other texts the lower seven bits of each byte.
#[must_use]
pub fn missing(a: &str, b: &str) -> Missing {
    let mut counts = [0_i32; 128];
    for byte in a.bytes() {
        counts[usize::from(byte & 127)] += 1;
    }
    let mut in_first = 0;
    for byte in b.bytes() {
        let left = &mut counts[usize::from(byte & 127)];
        in_first += usize::from(*left <= 0);
        *left -= 1;
    }
    Missing { in_second: a.len() + in_first - b.len(), in_first }
}

/// Both texts without the letters that they begin and end with alike.
fn without_common_ends<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    let mut start = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    while !a.is_char_boundary(start) {
        start -= 1;
    }
    let (a, b) = (&a[start..], &b[start..]);
    let mut end = a.bytes().rev().zip(b.bytes().rev()).take_while(|(x, y)| x == y).count();
    while !a.is_char_boundary(a.len() - end) {
        end -= 1;
    }
    (&a[..a.len() - end], &b[..b.len() - end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_not_measured_is_known(a in "[a-c]{0,8}|[éèça]{0,5}|.{0,6}", b in "[a-c]{0,8}|[éèça]{0,5}|.{0,6}", most in 0usize..4) {
            let distance = strsim::osa_distance(&a, &b);
            prop_assert_eq!(within(&a, &b, most), Some(distance).filter(|d| *d <= most));
            prop_assert_eq!(is_one(&a, &b), distance == 1);
            for least in [0.5, 0.9, 0.93, 1.0] {
                prop_assert_eq!(are_alike(&a, &b, least), strsim::jaro_winkler(&a, &b) >= least);
            }
        }

        #[test]
        fn missing_letters_are_counted(a in "[a-d]{0,9}", b in "[a-d]{0,9}") {
            let surplus = |x: &str, y: &str| -> usize {
                ('a'..='d').map(|c| x.matches(c).count().saturating_sub(y.matches(c).count())).sum()
            };
            prop_assert_eq!(missing(&a, &b), Missing { in_second: surplus(&a, &b), in_first: surplus(&b, &a) });
        }
    }
}
