//! What names, towns and subjects are made of.

/// Given names, the more common ones first.
#[rustfmt::skip]
pub const GIVEN: &[&str] = &[
    "James", "Mary", "John", "Anna", "Michael", "Maria", "David", "Laura", "Thomas", "Sarah", "Daniel", "Julia",
    "Peter", "Emma", "Robert", "Sofia", "Paul", "Marta", "Mark", "Elena", "Andrew", "Lucy", "Carlos", "Claire",
    "Stefan", "Ines", "Lucas", "Helen", "Antonio", "Alice", "Martin", "Eva", "Simon", "Camille", "Pedro", "Clara",
    "Adam", "Nina", "Oliver", "Rosa", "Jonas", "Irene", "Felix", "Teresa", "Hugo", "Olivia", "Victor", "Beatriz",
    "Samuel", "Charlotte", "Louis", "Katarzyna", "George", "Monika", "Henry", "Zeynep", "Jack", "Elif", "Mateusz",
    "Ayse", "Mehmet", "Irina", "Mustafa", "Natalia", "Piotr", "Olga", "Dmitri", "Svetlana", "Nikos", "Eleni", "Yannis",
    "Katerina", "Bruno", "Fernanda", "Rafael", "Juliana", "Thiago", "Gabriela", "Tobias", "Sabine", "Markus", "Petra",
    "Florian", "Ursula", "Sebastian", "Anja", "Pierre", "Amelie", "Julien", "Manon", "Antoine", "Chloe", "Javier",
    "Lucia", "Miguel", "Carmen", "Alejandro", "Pilar", "Diego", "Raquel", "Edward", "Margaret", "Charles", "Diana",
    "Patrick", "Susan", "Kevin", "Karen", "Brian", "Linda", "Steven", "Nancy", "Gary", "Donna", "Eric", "Carol",
    "Larry", "Sharon", "Scott", "Michelle", "Frank", "Amanda", "Gregory", "Melissa", "Raymond", "Deborah", "Dennis",
    "Stephanie", "Walter", "Rebecca", "Douglas", "Cynthia", "Arthur", "Kathleen", "Ryan", "Amy", "Roger", "Angela",
    "Joe", "Shirley", "Albert", "Brenda", "Jonathan", "Pamela", "Terry", "Nicole", "Gerald", "Samantha", "Keith",
    "Christine", "Lawrence", "Virginia", "Sean", "Rachel", "Christian", "Heather", "Austin", "Gloria", "Jesse", "Joan",
    "Dylan", "Evelyn", "Bryan", "Judith", "Jordan", "Megan", "Billy", "Andrea", "Bruce", "Cheryl", "Gabriel", "Hannah",
    "Logan", "Jacqueline", "Alan", "Martha", "Juan", "Ruth", "Wayne", "Theresa", "Roy", "Sara", "Ralph", "Janice",
    "Randy", "Marie", "Eugene", "Kathryn", "Vincent", "Frances", "Russell", "Jean", "Bobby", "Abigail", "Mason",
    "Denise", "Philip", "Jane", "Harold", "Grace", "Kyle", "Amber", "Ethan", "Marilyn",
];

/// How family names begin, the more common ones first.
pub const FAMILY_BEGINS: &[&str] = &[
    "Har", "Wil", "Mar", "Ander", "Hol", "Ber", "Kow", "Fer", "Gar", "Mor", "Lind", "Stein", "Car", "Rich", "Dav",
    "Pet", "Sil", "Nov", "Bar", "Wal", "Dem", "Kar", "Leb", "Mon", "Ter", "Vas", "Wood", "Ash", "Brad", "Col", "Dun",
    "Ed", "Far", "Grei", "Hart", "Iv", "Jan", "Kest", "Lang", "Mul",
];

/// What stands in the middle of family names.
pub const FAMILY_MIDDLES: &[&str] = &["", "ri", "en", "o", "ber", "ing", "a", "el", "tan", "ro", "is", "ul"];

/// How family names end, the more common ones first.
pub const FAMILY_ENDS: &[&str] = &[
    "son", "man", "er", "ez", "ski", "ton", "ley", "berg", "field", "ard", "ini", "ov", "oglu", "is", "ford", "wood",
    "mann", "stein", "eira", "et", "worth", "dez", "nik", "shaw", "hoff", "bach", "land", "ell", "aux", "ock",
];

/// How towns begin.
pub const TOWN_BEGINS: &[&str] = &[
    "Ald", "Birch", "Clay", "Dorn", "East", "Fern", "Glen", "High", "Iron", "Kings", "Lake", "Mill", "North", "Oak",
    "Port", "Queens", "River", "Stone", "Thorn", "West",
];

/// How towns end.
pub const TOWN_ENDS: &[&str] = &["brook", "burg", "bury", "dale", "field", "ford", "ham", "mouth", "ton", "ville"];

/// What streets are called.
pub const STREETS: &[&str] = &[
    "Station", "Church", "Park", "Market", "Garden", "School", "Bridge", "Castle", "Forest", "Harbour", "Orchard",
    "Meadow", "Chapel", "Spring", "Victoria", "Mill", "Linden", "Rose", "Tower", "Canal",
];

/// Where mailboxes are, with a weight.
pub const MAIL_DOMAINS: &[(&str, u64)] = &[
    ("gmail.com", 38),
    ("yahoo.com", 13),
    ("outlook.com", 12),
    ("hotmail.com", 10),
    ("icloud.com", 8),
    ("web.de", 5),
    ("wp.pl", 4),
    ("orange.fr", 4),
    ("gmx.de", 4),
    ("uol.com.br", 3),
    ("proton.me", 3),
];

/// What people write about.
pub const SUBJECTS: &[&str] =
    &["delivery", "refund", "invoice", "password", "upgrade", "cancellation", "opening hours", "broken item"];

/// Where people work.
#[rustfmt::skip]
pub const COMPANIES: &[&str] = &[
    "Northwind Traders", "Bluebird Logistics", "Granite Software", "Harbour Foods", "Linden Energy", "Maple Insurance",
    "Orchard Media", "Summit Tools", "Tideway Shipping", "Velvet Textiles",
];
