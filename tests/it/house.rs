//! House rules that the compiler does not hold: what every file says of itself, and what the domain knows nothing of.

use std::path::{Path, PathBuf};

/// What makes an outcome depend on anything but its input, or the domain on the rest of the house.
const FOREIGN_TO_THE_DOMAIN: [&str; 16] = [
    "sea_orm",
    "actix",
    "tokio",
    "sqlx",
    "async ",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "Zoned::now",
    "rand::",
    "getrandom",
    "now_v7",
    "new_v4",
    "std::fs",
    "std::net",
    "std::env",
];

fn files(below: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(below)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no files below {below}");
    found
}

#[test]
fn every_file_says_what_lives_there() {
    for file in ["src", "migrations/src", "tests", "benches"].into_iter().flat_map(files) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{} does not begin with `//!`", file.display());
    }
}

#[test]
fn the_domain_knows_no_database_protocol_clock_or_chance() {
    for file in files("src/domain") {
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let foreign = FOREIGN_TO_THE_DOMAIN.iter().find(|name| line.contains(*name));
            assert!(foreign.is_none(), "{}:{}: {}", file.display(), number + 1, foreign.unwrap());
        }
    }
}

#[test]
fn the_domain_uses_nothing_of_ours_outside_itself() {
    for file in files("src/domain") {
        let text = std::fs::read_to_string(&file).unwrap();
        for used in text.split("crate::").skip(1) {
            assert!(used.starts_with("domain"), "{} uses crate::{:.20}", file.display(), used);
        }
    }
}
