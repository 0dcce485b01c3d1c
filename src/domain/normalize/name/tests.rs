//! Names as contacts hold them, and what becomes of them.

use super::*;
use crate::domain::contact::Contact;
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
        ("Ada L.", "ada/l"),
        ("Oluwadamilola B.", "oluwadamilola/b"),
        ("L. Ada", "l/ada"),
        ("John Sm.", "john/sm"),
        ("Eleni Παπ.", "eleni/pap"),
        ("Юлия Ч.", "yulia/c"),
        ("Иванова Мария Сергеевна", "maria sergeevna/ivanova"),
        ("Мария Сергеевна Иванова", "maria sergeevna/ivanova"),
        ("Достоевский Фёдор Михайлович", "fedor mikhailovich/dostoevsky"),
        ("Anna Maria Abramovich", "anna maria/abramovich"),
        ("Lê Văn Tám", "van tam/le"),
        ("Dijk, Jane van", "jane/van dijk!"),
        ("Berg, Anna van der", "anna/van der berg!"),
        ("Nguyen, Thi Van", "thi van/nguyen!"),
        ("Familie Müller", "/muller"),
        ("Ing. Jan Novák, CSc.", "jan/novak"),
        ("Иванов А.С.", "a s/ivanov"),
        ("Иванов Алексей", "aleksey/ivanov"),
        ("Arnold, Stephanie", "stephanie/arnold!"),
        ("Mª Carmen Ruiz", "maria carmen/ruiz"),
        ("عبد الرحمن الشمري", "abdulrahman/al shammari"),
        ("John Smith Jnr", "john/smith/jr"),
        ("John Smith Snr.", "john/smith/sr"),
        ("João Silva Filho", "joao/silva/jr"),
        ("João Silva Júnior", "joao/silva/jr"),
        ("João Silva Neto", "joao/silva/neto"),
        ("João Silva Sobrinho", "joao/silva/sobrinho"),
        ("Silva Neto, João", "joao/silva/neto!"),
        ("Pedro Gómez (hijo)", "pedro/gomez"),
        ("Pedro Gómez hijo", "pedro/gomez/jr"),
        ("Ricardo Neto", "ricardo/neto"),
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
        ("Мария Иванова", "maria/ivanova"),
        ("Ελένη Παπαδοπούλου", "eleni/papadopoulou"),
        ("محمد عبد الله", "muhammad/abdullah"),
        ("עמית כהן", "amit/cohen"),
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
        "Bäckerei Müller",
        "Autohaus König",
        "Studio Rossi S.r.l.",
        "Transportes García S.A. de C.V.",
        "Kowalski Sp. z o.o.",
        "Novák s.r.o.",
        "Jansen B.V.",
        "Andersson AB",
        "Hansen A/S",
        "Yılmaz A.Ş.",
        "Silva Comércio Ltda",
        "Johnson & Sons",
        "ООО Ромашка",
        "株式会社田中",
        "华为技术有限公司",
        "شركة النور",
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
    for name in [
        "Jane Doe",
        "Maria Sales",
        "Frank Bank",
        "JANE SA",
        "Anna Bankova",
        "Sa Nguyen",
        "Charlotte Church",
        "Georg Händel",
        "Иванов А.С.",
        "",
    ] {
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
        ("", "Jane", "Jane Doe", "jane/doe!"),
        ("", "Jane Doe", "Jane Doe", "jane/doe"),
        ("", "Martin", "Martin Garcia", "martin/martin garcia!"),
        ("", "Arnold, Stephanie", "", "stephanie/arnold!"),
        ("", "", "Arnold, Stephanie", "stephanie/arnold!"),
        ("", "Arnold, Stephanie", "Arnold", "stephanie/arnold!"),
        ("", "Stephanie", "Arnold, Stephanie", "stephanie/arnold!"),
        ("", "Arnold, Stephanie", "Arnold, Stephanie", "stephanie/arnold!"),
        ("", "Jane, Marie", "Doe", "jane marie/doe!"),
        ("", "João", "Silva Neto", "joao/silva/neto!"),
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
                 nguyen van an smith phd unknown test na team gmbh AG garcia jean-pierre filho neto jnr arnold عبد \
             الله Ελένη Παπ. Юлия 王小明 😀 1st , | ( ) - '";
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
