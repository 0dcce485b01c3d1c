//! Arabic, Persian and Urdu words: usual names with the vowels that their script leaves out.

/// Names and their parts, the left side as [`plain`] leaves it: the field's most usual ones and one usual spelling of
/// each. Other spellings are related to it by the table of familiar forms.
#[rustfmt::skip] // A table in rows.
const NAMES: &[(&str, &str)] = &[
    ("محمد", "muhammad"), ("احمد", "ahmed"), ("محمود", "mahmoud"), ("حامد", "hamed"), ("حمد", "hamad"),
    ("حميد", "hamid"), ("علي", "ali"), ("حسن", "hassan"), ("حسين", "hussein"), ("حسني", "hosni"), ("عمر", "omar"),
    ("عمرو", "amr"), ("عثمان", "othman"), ("خالد", "khaled"), ("خليل", "khalil"), ("يوسف", "youssef"),
    ("ابراهيم", "ibrahim"), ("اسماعيل", "ismail"), ("اسحاق", "ishaq"), ("يعقوب", "yaqub"), ("موسي", "musa"),
    ("عيسي", "issa"), ("سليمان", "sulaiman"), ("داود", "dawood"), ("زكريا", "zakaria"), ("يحيي", "yahya"),
    ("هارون", "haroun"), ("يونس", "younes"), ("ايوب", "ayoub"), ("ادم", "adam"), ("نوح", "nuh"), ("مصطفي", "mustafa"),
    ("طارق", "tariq"), ("طه", "taha"), ("ياسر", "yasser"), ("ياسين", "yassin"), ("سعيد", "said"), ("سعد", "saad"),
    ("سعود", "saud"), ("سامي", "sami"), ("سمير", "samir"), ("سالم", "salem"), ("سلمان", "salman"), ("سلام", "salam"),
    ("سلطان", "sultan"), ("صالح", "saleh"), ("صلاح", "salah"), ("كريم", "karim"), ("كمال", "kamal"),
    ("جمال", "jamal"), ("جميل", "jamil"), ("جلال", "jalal"), ("جعفر", "jafar"), ("نبيل", "nabil"), ("ناصر", "nasser"),
    ("نصر", "nasr"), ("نادر", "nader"), ("ماجد", "majed"), ("مجيد", "majid"), ("مالك", "malik"), ("منصور", "mansour"),
    ("منير", "munir"), ("مراد", "murad"), ("مروان", "marwan"), ("ماهر", "maher"), ("هاني", "hani"),
    ("هشام", "hisham"), ("هادي", "hadi"), ("وليد", "walid"), ("وايل", "wael"), ("زياد", "ziad"), ("زيد", "zaid"),
    ("رامي", "rami"), ("رشيد", "rashid"), ("راشد", "rashed"), ("رضا", "reza"), ("رحيم", "rahim"), ("رحمن", "rahman"),
    ("فيصل", "faisal"), ("فهد", "fahad"), ("فارس", "fares"), ("فريد", "farid"), ("فواد", "fouad"), ("فادي", "fadi"),
    ("انس", "anas"), ("انور", "anwar"), ("اكرم", "akram"), ("امين", "amin"), ("امير", "amir"), ("ايمن", "ayman"),
    ("اشرف", "ashraf"), ("اسامه", "osama"), ("اياد", "iyad"), ("بدر", "badr"), ("بلال", "bilal"), ("باسم", "bassem"),
    ("بشير", "bashir"), ("بكر", "bakr"), ("تامر", "tamer"), ("حاتم", "hatem"), ("حمزه", "hamza"), ("حيدر", "haider"),
    ("شريف", "sharif"), ("عادل", "adel"), ("عامر", "amer"), ("عباس", "abbas"), ("عزيز", "aziz"), ("عصام", "essam"),
    ("علا", "alaa"), ("عماد", "imad"), ("قاسم", "qasim"), ("لوي", "loay"), ("مهدي", "mahdi"), ("نور", "nour"),
    ("هيثم", "haitham"), ("غسان", "ghassan"), ("جابر", "jaber"), ("معاذ", "muadh"), ("الياس", "elias"),
    ("جورج", "george"), ("فاطمه", "fatima"), ("مريم", "maryam"), ("عايشه", "aisha"), ("خديجه", "khadija"),
    ("زينب", "zainab"), ("زهرا", "zahra"), ("زهره", "zahra"), ("امينه", "amina"), ("امنه", "amna"), ("ليلي", "layla"),
    ("سلمي", "salma"), ("ساره", "sarah"), ("سارا", "sara"), ("هدي", "huda"), ("هند", "hind"), ("هبه", "heba"),
    ("هاله", "hala"), ("نادي", "nadi"), ("ناديه", "nadia"), ("نورا", "noura"), ("نوره", "noura"), ("مني", "mona"),
    ("مها", "maha"), ("ريم", "reem"), ("رنا", "rana"), ("رانيا", "rania"), ("رشا", "rasha"), ("دينا", "dina"),
    ("داليا", "dalia"), ("دعا", "doaa"), ("اسما", "asma"), ("ايمان", "iman"), ("امل", "amal"), ("اماني", "amani"),
    ("الهام", "ilham"), ("الا", "alaa"), ("سعاد", "suad"), ("سمر", "samar"), ("سميره", "samira"), ("سنا", "sanaa"),
    ("شيما", "shaimaa"), ("شيرين", "shirin"), ("صفا", "safa"), ("عبير", "abeer"), ("غاده", "ghada"),
    ("فاتن", "faten"), ("كريمه", "karima"), ("لينا", "lina"), ("مروه", "marwa"), ("نجلا", "naglaa"), ("وفا", "wafa"),
    ("ياسمين", "yasmin"), ("يسري", "yusra"), ("جميله", "jamila"), ("حنان", "hanan"), ("بسمه", "basma"),
    ("رقيه", "ruqayya"), ("هنا", "hanaa"), ("عليرضا", "alireza"), ("محمدرضا", "mohammadreza"), ("مهسا", "mahsa"),
    ("پريسا", "parisa"), ("نرگس", "narges"), ("نازنين", "nazanin"), ("شهرام", "shahram"), ("بهرام", "bahram"),
    ("سيامك", "siamak"), ("فرهاد", "farhad"), ("كوروش", "kourosh"), ("داريوش", "dariush"), ("ارش", "arash"),
    ("اميرحسين", "amirhossein"), ("غلام", "ghulam"), ("پروين", "parvin"), ("مينا", "mina"), ("شيوا", "shiva"),
    ("نيلوفر", "niloufar"), ("الله", "allah"), ("خان", "khan"), ("شاه", "shah"), ("بخش", "bakhsh"),
    ("محمدي", "mohammadi"), ("احمدي", "ahmadi"), ("حسيني", "hosseini"), ("رضايي", "rezaei"), ("كريمي", "karimi"),
    ("موسوي", "mousavi"), ("جعفري", "jafari"), ("صادقي", "sadeghi"), ("قاسمي", "ghasemi"), ("هاشمي", "hashemi"),
    ("مصري", "masri"), ("خطيب", "khatib"), ("حداد", "haddad"), ("نجار", "najjar"), ("خوري", "khoury"),
    ("شمري", "shammari"), ("قحطاني", "qahtani"), ("غامدي", "ghamdi"), ("زهراني", "zahrani"), ("عتيبي", "otaibi"),
    ("حربي", "harbi"), ("دوسري", "dosari"), ("مطيري", "mutairi"), ("عنزي", "anazi"), ("شهري", "shehri"),
    ("هاشم", "hashem"), ("سيد", "sayed"), ("شيخ", "sheikh"), ("حاج", "haj"), ("ابو", "abu"), ("ام", "um"),
    ("بن", "bin"), ("ابن", "ibn"), ("بنت", "bint"), ("ال", "al"), ("قادر", "qadir"), ("ملك", "malik"),
    ("جليل", "jalil"), ("حكيم", "hakim"), ("لطيف", "latif"), ("غني", "ghani"), ("وهاب", "wahab"), ("فتاح", "fattah"),
    ("رزاق", "razzaq"), ("خالق", "khaliq"), ("باسط", "basit"), ("جبار", "jabbar"), ("ستار", "sattar"),
    ("واحد", "wahid"), ("رووف", "rauf"), ("غفار", "ghaffar"), ("حق", "haq"), ("دين", "din"), ("صمد", "samad"),
    ("عظيم", "azim"),
];

/// The article, written together with what follows.
const ARTICLE: &str = "ال";

/// Servant of, before one of God's names.
const SERVANT: &str = "عبد";

/// Without vowel points and lengthening, each letter in the one form that spellings and languages share.
pub(super) fn plain(word: &str) -> String {
    let shared = |c| match c {
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' | 'ی' | 'ې' | 'ے' | 'ئ' => 'ي',
        'ة' | 'ہ' | 'ھ' | 'ۀ' => 'ه',
        'ک' => 'ك',
        'ں' => 'ن',
        'ؤ' => 'و',
        other => other,
    };
    super::without_marks(word).chars().filter(|c| !matches!(c, 'ـ' | 'ء')).map(shared).collect()
}

/// A plain word in Latin letters; an unknown one stays, but for the article before it.
pub(super) fn to_latin(word: &str) -> String {
    if let Some(name) = known(word) {
        return name.to_owned();
    }
    if let Some(name) = word.strip_prefix(SERVANT).and_then(|god| servant_of(SERVANT, god)) {
        return name;
    }
    match word.strip_prefix(ARTICLE).filter(|rest| rest.chars().count() > 2) {
        Some(rest) => format!("al {}", known(rest).unwrap_or(rest)),
        None => word.to_owned(),
    }
}

/// The name that two plain words make, the first of which is `عبد`: `عبد الرحمن` → `abdulrahman`.
pub(super) fn servant_of(servant: &str, god: &str) -> Option<String> {
    if servant != SERVANT {
        return None;
    }
    if god == "الله" {
        return Some("abdullah".to_owned());
    }
    let god = god.strip_prefix(ARTICLE).filter(|rest| rest.chars().count() > 1)?;
    Some(format!("abdul{}", known(god).unwrap_or(god)))
}

fn known(word: &str) -> Option<&'static str> {
    NAMES.iter().find(|(name, _)| *name == word).map(|(_, latin)| *latin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_plain_and_names_each_word_once() {
        for (at, (name, latin)) in NAMES.iter().enumerate() {
            assert_eq!(plain(name), *name);
            assert!(latin.bytes().all(|b| b.is_ascii_lowercase()), "{latin}");
            assert!(NAMES[..at].iter().all(|(other, _)| other != name), "{name}");
        }
    }
}
