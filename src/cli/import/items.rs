//! The items of an input: lines of NDJSON or rows of a CSV, each with the number of the line that it begins in.

use super::{
    input::Reader,
    rows::{Row, Rows},
};
use serde::Serialize;
use std::io::{self, BufRead, Read};

/// The longest line or row that is read; the rest of a longer one is passed over unread. Far above any valid event that
/// is not stuffed with text.
pub const MAX_LENGTH: usize = 1 << 20;

/// One item of the input.
pub struct Item {
    /// Where it begins, from 1.
    pub line: u64,
    /// What is there.
    pub content: Content,
}

/// What an item holds.
pub enum Content {
    /// A line that should be JSON.
    Json(Vec<u8>),
    /// A row of cells.
    Row(Row),
    /// What could not even be taken apart.
    Broken(Broken),
}

/// Why an item could not be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Broken {
    /// Over 1 MiB.
    TooLong,
    /// A quote opens in the last row and does not close.
    UnclosedQuote,
    /// More or fewer cells than the header.
    WrongNumberOfColumns,
}

impl Content {
    /// How much memory it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Json(text) => text.len(),
            Self::Row(row) => row.size(),
            Self::Broken(_) => 0,
        }
    }
}

/// Reads one item after the other.
pub enum Items {
    /// NDJSON.
    Lines(Lines<Reader>),
    /// CSV after its header.
    Rows(Rows<Reader>),
}

impl Items {
    /// The next item; none at the end.
    ///
    /// # Errors
    /// Where the input does not read.
    pub fn read(&mut self) -> io::Result<Option<Item>> {
        match self {
            Self::Lines(lines) => lines.read(),
            Self::Rows(rows) => rows.read(),
        }
    }
}

/// Reads lines, but no blank ones.
pub struct Lines<R> {
    input: R,
    line: u64,
}

impl<R: BufRead> Lines<R> {
    /// The lines of an input.
    pub fn new(input: R) -> Self {
        Self { input, line: 0 }
    }

    /// The next line that is not blank; none at the end.
    ///
    /// # Errors
    /// Where the input does not read.
    pub fn read(&mut self) -> io::Result<Option<Item>> {
        loop {
            let mut text = Vec::new();
            if self.input.by_ref().take(MAX_LENGTH as u64 + 1).read_until(b'\n', &mut text)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            if text.len() > MAX_LENGTH && text.last() != Some(&b'\n') {
                self.input.skip_until(b'\n')?;
                return Ok(Some(Item { line: self.line, content: Content::Broken(Broken::TooLong) }));
            }
            if !text.trim_ascii().is_empty() {
                return Ok(Some(Item { line: self.line, content: Content::Json(text) }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, Result<String, Broken>)> {
        let mut lines = Lines::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some(item) = lines.read().unwrap() {
            let content = match item.content {
                Content::Json(text) => Ok(String::from_utf8(text).unwrap().trim().to_owned()),
                Content::Broken(broken) => Err(broken),
                Content::Row(_) => panic!("a row"),
            };
            found.push((item.line, content));
        }
        found
    }

    #[test]
    fn lines_are_numbered_and_blank_ones_left_out() {
        assert_eq!(read("a\r\n\n \nb"), [(1, Ok("a".into())), (4, Ok("b".into()))]);
        assert_eq!(read(""), []);
    }

    #[test]
    fn a_line_over_the_limit_is_passed_over() {
        let limit = "x".repeat(MAX_LENGTH);
        let text = format!("{limit}\n{limit}x\na\n{limit}{limit}x");
        let found = read(&text);
        assert_eq!(found[0], (1, Ok(limit)));
        assert_eq!(found[1..], [(2, Err(Broken::TooLong)), (3, Ok("a".into())), (4, Err(Broken::TooLong))]);
    }
}
