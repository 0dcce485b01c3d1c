//! Hebrew words: usual names with the vowels that their script leaves out.

/// The field's most usual names and one usual spelling of each. Other spellings are related to it by the table of
/// familiar forms.
#[rustfmt::skip] // A table in rows.
const NAMES: &[(&str, &str)] = &[
    ("דוד", "david"), ("משה", "moshe"), ("יוסף", "yosef"), ("יעקב", "yaakov"), ("יצחק", "yitzhak"),
    ("אברהם", "avraham"), ("אהרן", "aharon"), ("אהרון", "aharon"), ("שמואל", "shmuel"), ("שלמה", "shlomo"),
    ("דניאל", "daniel"), ("מיכאל", "michael"), ("רפאל", "rafael"), ("גבריאל", "gavriel"), ("יונתן", "yonatan"),
    ("נתן", "natan"), ("איתן", "eitan"), ("אורי", "uri"), ("יואב", "yoav"), ("יאיר", "yair"), ("עמית", "amit"),
    ("עומר", "omer"), ("עידו", "ido"), ("גיא", "guy"), ("רון", "ron"), ("רועי", "roi"), ("אלון", "alon"),
    ("אריאל", "ariel"), ("אייל", "eyal"), ("אבי", "avi"), ("חיים", "chaim"), ("מאיר", "meir"), ("מנחם", "menachem"),
    ("מרדכי", "mordechai"), ("יהודה", "yehuda"), ("יהושע", "yehoshua"), ("שמעון", "shimon"), ("ראובן", "reuven"),
    ("לוי", "levi"), ("בנימין", "binyamin"), ("אליהו", "eliyahu"), ("אלי", "eli"), ("ישראל", "israel"),
    ("צבי", "zvi"), ("זאב", "zeev"), ("דב", "dov"), ("ברוך", "baruch"), ("עוזי", "uzi"), ("גדעון", "gideon"),
    ("גיל", "gil"), ("טל", "tal"), ("תומר", "tomer"), ("ניר", "nir"), ("נדב", "nadav"), ("עודד", "oded"),
    ("רם", "ram"), ("אסף", "asaf"), ("אמיר", "amir"), ("איל", "eyal"), ("ליאור", "lior"), ("שרה", "sarah"),
    ("רחל", "rachel"), ("רבקה", "rivka"), ("לאה", "leah"), ("מרים", "miriam"), ("חנה", "hannah"), ("אסתר", "esther"),
    ("דינה", "dina"), ("רות", "ruth"), ("נעמי", "naomi"), ("תמר", "tamar"), ("מיכל", "michal"), ("יעל", "yael"),
    ("שירה", "shira"), ("נועה", "noa"), ("נעה", "noa"), ("מאיה", "maya"), ("מיה", "maya"), ("רוני", "roni"),
    ("ענת", "anat"), ("אורית", "orit"), ("אורלי", "orly"), ("גלית", "galit"), ("דנה", "dana"), ("הילה", "hila"),
    ("טליה", "talia"), ("יפה", "yafa"), ("לימור", "limor"), ("מירי", "miri"), ("סיגל", "sigal"), ("עדי", "adi"),
    ("ציפורה", "tzipora"), ("רונית", "ronit"), ("שושנה", "shoshana"), ("שרון", "sharon"), ("אביגיל", "avigail"),
    ("איילה", "ayala"), ("חוה", "chava"), ("יהודית", "yehudit"), ("אנה", "anna"), ("כהן", "cohen"), ("לוין", "levin"),
    ("מזרחי", "mizrahi"), ("פרץ", "peretz"), ("ביטון", "biton"), ("דהן", "dahan"), ("אזולאי", "azoulay"),
    ("פרידמן", "friedman"), ("אוחיון", "ohayon"), ("חדד", "hadad"), ("גבאי", "gabay"), ("עמר", "amar"),
    ("מלכה", "malka"), ("כץ", "katz"), ("יוספי", "yosefi"), ("שפירא", "shapira"), ("רוזנברג", "rosenberg"),
    ("גולדברג", "goldberg"), ("שוורץ", "schwartz"), ("קליין", "klein"), ("וייס", "weiss"), ("גרינברג", "greenberg"),
    ("גולדשטיין", "goldstein"), ("רוזן", "rosen"), ("לביא", "lavi"), ("ברק", "barak"), ("שחר", "shahar"),
    ("אדלר", "adler"), ("סגל", "segal"), ("הלוי", "halevi"), ("בן", "ben"), ("בת", "bat"), ("בר", "bar"),
    ("אבו", "abu"), ("גולן", "golan"), ("הררי", "harari"), ("נחום", "nahum"), ("סלע", "sela"), ("שגב", "segev"),
    ("צור", "tzur"),
];

/// A word without vowel points in Latin letters; an unknown one stays.
pub(super) fn to_latin(word: &str) -> String {
    let known = NAMES.iter().find(|(name, _)| *name == word);
    known.map_or(word, |(_, latin)| latin).to_owned()
}

#[cfg(test)]
mod tests {
    use super::NAMES;

    #[test]
    fn the_table_names_each_word_once() {
        for (at, (name, latin)) in NAMES.iter().enumerate() {
            assert!(latin.bytes().all(|b| b.is_ascii_lowercase()), "{latin}");
            assert!(NAMES[..at].iter().all(|(other, _)| other != name), "{name}");
        }
    }
}
