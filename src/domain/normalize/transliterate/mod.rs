//! Names in other scripts, in the Latin letters that their bearers mostly use: what a library's letter-by-letter
//! transliteration gets wrong (Greek digraphs, Cyrillic endings) or can't know (the vowels of Arabic and Hebrew).
//! Every word is turned by itself, so that a name's parts come out alike in one text and in separate fields.

mod arabic;
mod cyrillic;
mod greek;
mod hebrew;

use unicode_normalization::char::is_combining_mark;

/// Turns each word, parted by blanks, that is written in a script known here; all else stays as it is. The text went
/// through NFKC.
pub(super) fn to_latin(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        match script(word) {
            Some(Script::Greek) => latin.push_str(&greek::to_latin(word)),
            Some(Script::Cyrillic) => latin.push_str(&cyrillic::to_latin(&without_marks(word))),
            Some(Script::Hebrew) => latin.push_str(&hebrew::to_latin(&without_marks(word))),
            Some(Script::Arabic) => {
                let word = arabic::plain(word);
                // `عبد الله`, servant of God: one name of two words.
                let next = words.peek().map(|next| arabic::plain(next));
                match next.and_then(|next| arabic::servant_of(&word, &next)) {
                    Some(name) => {
                        latin.push_str(&name);
                        words.next();
                    }
                    None => latin.push_str(&arabic::to_latin(&word)),
                }
            }
            None => latin.push_str(word),
        }
        latin.push(' ');
    }
    latin
}

/// A script that words are turned from.
enum Script {
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
}

/// The script of a word's first letter of a known one.
fn script(word: &str) -> Option<Script> {
    word.chars().find_map(|c| match c {
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Script::Greek),
        '\u{400}'..='\u{52f}' => Some(Script::Cyrillic),
        '\u{590}'..='\u{5ff}' => Some(Script::Hebrew),
        '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => Some(Script::Arabic),
        _ => None,
    })
}

/// Without stress marks and vowel points.
fn without_marks(word: &str) -> String {
    word.chars().filter(|c| !is_combining_mark(*c)).collect()
}

#[cfg(test)]
mod tests {
    use crate::domain::normalize::text::fold;

    #[test]
    fn greek() {
        for (given, expected) in [
            ("Ελένη", "eleni"),
            ("ΕΛΕΝΗ ΠΑΠΑΔΟΠΟΥΛΟΥ", "eleni papadopoulou"),
            ("Γιώργος", "giorgos"),
            ("Χρήστος", "christos"),
            ("Παπαδόπουλος", "papadopoulos"),
            ("Ευαγγελία", "evangelia"),
            ("Ευθύμιος", "efthymios"),
            ("Παύλος", "pavlos"),
            ("Νικολαΐδης", "nikolaidis"),
            ("Μάϊος", "maios"),
            ("Προΰσα", "proysa"),
            ("Κυριάκος", "kyriakos"),
            ("Οικονόμου", "oikonomou"),
            ("Μπάμπης", "bampis"),
            ("Χαράλαμπος", "charalampos"),
            ("Ντίνος Κωνσταντίνου", "dinos konstantinou"),
            ("Άγγελος Γκίκας", "angelos gkikas"),
            ("Ξένια Ψαρρού", "xenia psarrou"),
            ("Ἑλένη", "eleni"),
        ] {
            assert_eq!(fold(given), expected, "{given}");
        }
    }

    #[test]
    fn cyrillic() {
        for (given, expected) in [
            ("Юлия Чайковская", "yulia chaikovskaya"),
            ("ДМИТРИЙ ДОСТОЕВСКИЙ", "dmitry dostoevsky"),
            ("Сергей Щукин", "sergey shchukin"),
            ("Андрей Белый", "andrey bely"),
            ("Наталья Воробьёва", "natalia vorobieva"),
            ("Алёна Хабарова", "alena khabarova"),
            ("Алена", "alena"),
            ("Мари\u{301}я Жукова", "maria zhukova"),
            ("Михайлов Объедков", "mikhailov obedkov"),
            ("Олексій Яценюк", "oleksii yatsenyuk"),
            ("Сергій Їжак", "serhii yizhak"),
            ("Мар'яна Гончаренко", "maryana goncharenko"),
            ("Зеленський", "zelensky"),
            ("Димитър Ангелов", "dimitar angelov"),
            ("Новак Ђоковић", "novak djokovic"),
            ("Љубица Ковачевић", "ljubica kovacevic"),
            ("Ґалаґан", "galagan"),
            ("Ўладзімір", "uladzimir"),
        ] {
            assert_eq!(fold(given), expected, "{given}");
        }
    }

    #[test]
    fn arabic_and_persian() {
        for (given, expected) in [
            ("محمد", "muhammad"),
            ("مُحَمَّد", "muhammad"),
            ("محـــمد", "muhammad"),
            ("أحمد", "ahmed"),
            ("احمد", "ahmed"),
            ("علي", "ali"),
            ("على", "ali"),
            ("علی رضایی", "ali rezaei"),
            ("فاطمة الزهراني", "fatima al zahrani"),
            ("فاطمه", "fatima"),
            ("عبد الله", "abdullah"),
            ("عبدالله", "abdullah"),
            ("عبد الرحمن", "abdulrahman"),
            ("عبدالرحمن", "abdulrahman"),
            ("أبو بكر", "abu bakr"),
            ("إلياس", "elias"),
            ("علاء الدين", "alaa al din"),
            ("ﻣﺤﻤﺪ", "muhammad"),
        ] {
            assert_eq!(fold(given), expected, "{given}");
        }
        assert_eq!(fold("الشبيبي"), fold("اَلشبیبی"));
    }

    #[test]
    fn hebrew() {
        for (given, expected) in [
            ("דוד כהן", "david cohen"),
            ("דָּוִד", "david"),
            ("משה לוי", "moshe levi"),
            ("נעמי בן-דוד", "naomi ben david"),
        ] {
            assert_eq!(fold(given), expected, "{given}");
        }
    }

    #[test]
    fn other_scripts_are_the_librarys() {
        for (given, expected) in
            [("王小明", "wang xiao ming"), ("Łukasz Müller", "lukasz muller"), ("Armen Արմեն", "armen armen")]
        {
            assert_eq!(fold(given), expected, "{given}");
        }
    }
}
