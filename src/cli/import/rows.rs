//! The rows of a CSV, as RFC 4180 and the `csv` crate read them (a property test holds the two equal), but for a limit: the
//! crate would read a row of any length into memory, and one stray quote makes the rest of a file one row.

use super::items::{Broken, Content, Item, MAX_LENGTH};
use std::io::{self, BufRead};

/// The cells of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Row {
    /// The cells in order.
    #[must_use]
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.ends.len()).map(|at| {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.text[start..self.ends[at]]
        })
    }

    /// The cell in a column, from 0.
    #[must_use]
    pub fn cell(&self, column: usize) -> &[u8] {
        self.cells().nth(column).unwrap_or_default()
    }

    /// How much memory it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text.len() + size_of_val(self.ends.as_slice())
    }
}

/// Where the reading stands within a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the row's first byte.
    Between,
    /// At the beginning of a cell: only here a quote opens.
    Start,
    /// In a cell, outside of quotes.
    Bare,
    /// Inside of quotes.
    Quoted,
    /// After a quote inside of quotes: the end of them, or the first half of a doubled one.
    MaybeClosed,
}

/// Reads rows, but no blank lines.
pub struct Rows<R> {
    input: R,
    delimiter: u8,
    /// The line that the reading is in.
    line: u64,
    after_return: bool,
}

impl<R: BufRead> Rows<R> {
    /// The rows of an input.
    pub fn new(input: R, delimiter: u8) -> Self {
        Self { input, delimiter, line: 1, after_return: false }
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// Where the input does not read.
    pub fn read(&mut self) -> io::Result<Option<Item>> {
        let mut reading = Reading { row: Row::default(), state: State::Between, length: 0, line: self.line };
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(reading.at_end());
            }
            let mut used = 0;
            let mut ended = false;
            for byte in buffer {
                used += 1;
                ended = reading.take(*byte, self.delimiter);
                // A line ends with \n, \r or \r\n.
                self.line += u64::from(*byte == b'\r' || (*byte == b'\n' && !self.after_return));
                self.after_return = *byte == b'\r';
                if ended {
                    break;
                }
                if reading.state == State::Between {
                    reading.line = self.line;
                }
            }
            self.input.consume(used);
            if ended {
                return Ok(Some(reading.item()));
            }
        }
    }
}

/// A row on its way.
struct Reading {
    row: Row,
    state: State,
    length: usize,
    line: u64,
}

impl Reading {
    /// Takes in a byte; true where it ends the row.
    fn take(&mut self, byte: u8, delimiter: u8) -> bool {
        let ends_line = byte == b'\r' || byte == b'\n';
        match (self.state, byte) {
            (State::Between, _) if ends_line => return false,
            (State::Between | State::Start, b'"') => self.state = State::Quoted,
            (State::Quoted, b'"') => self.state = State::MaybeClosed,
            (State::MaybeClosed, b'"') | (State::Quoted, _) => self.push(byte, State::Quoted),
            _ if byte == delimiter => self.end_cell(State::Start),
            _ if ends_line => {
                self.end_cell(State::Between);
                return true;
            }
            _ => self.push(byte, State::Bare),
        }
        self.length += 1;
        false
    }

    fn push(&mut self, byte: u8, state: State) {
        self.state = state;
        if !self.is_too_long() {
            self.row.text.push(byte);
        }
    }

    fn end_cell(&mut self, state: State) {
        self.state = state;
        if !self.is_too_long() {
            self.row.ends.push(self.row.text.len());
        }
    }

    fn is_too_long(&self) -> bool {
        self.length > MAX_LENGTH
    }

    fn at_end(mut self) -> Option<Item> {
        match self.state {
            State::Between => None,
            State::Quoted if !self.is_too_long() => Some(self.broken(Broken::UnclosedQuote)),
            _ => {
                self.end_cell(State::Between);
                Some(self.item())
            }
        }
    }

    fn item(self) -> Item {
        if self.is_too_long() {
            return self.broken(Broken::TooLong);
        }
        Item { line: self.line, content: Content::Row(self.row) }
    }

    fn broken(&self, broken: Broken) -> Item {
        Item { line: self.line, content: Content::Broken(broken) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Found = Vec<(u64, Result<Vec<String>, Broken>)>;

    fn read(text: &str) -> Found {
        // A short buffer, so that rows lie across its ends.
        let mut rows = Rows::new(io::BufReader::with_capacity(3, text.as_bytes()), b',');
        let mut found = Vec::new();
        while let Some(item) = rows.read().unwrap() {
            let content = match item.content {
                Content::Row(row) => Ok(row.cells().map(|cell| String::from_utf8(cell.to_vec()).unwrap()).collect()),
                Content::Broken(broken) => Err(broken),
                Content::Json(_) => panic!("JSON"),
            };
            found.push((item.line, content));
        }
        found
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Result<Vec<String>, Broken>) {
        (line, Ok(cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    #[test]
    fn rows_know_the_line_they_begin_in() {
        let text = "a,b\r\n\r\n\"1\n2\",\"say \"\"hi\"\"\"\nlast,\n";
        assert_eq!(read(text), [row(1, &["a", "b"]), row(3, &["1\n2", "say \"hi\""]), row(5, &["last", ""])]);
        assert_eq!(read("a\rb\r\rc"), [row(1, &["a"]), row(2, &["b"]), row(4, &["c"])]);
    }

    #[test]
    fn a_quote_inside_a_bare_cell_is_only_a_quote() {
        assert_eq!(read("5\" disk,x\ny,\"a\"b\n"), [row(1, &["5\" disk", "x"]), row(2, &["y", "ab"])]);
    }

    #[test]
    fn an_unclosed_quote_is_no_row() {
        assert_eq!(read("a\n\"b,c\nd"), [row(1, &["a"]), (2, Err(Broken::UnclosedQuote))]);
    }

    #[test]
    fn a_row_over_the_limit_is_passed_over() {
        let long = "x,".repeat(MAX_LENGTH);
        assert_eq!(read(&format!("a\n{long}\nb")), [row(1, &["a"]), (2, Err(Broken::TooLong)), row(3, &["b"])]);
    }

    fn by_crate(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    proptest! {
        #[test]
        fn rows_are_what_the_csv_crate_reads(text in "[a\",\r\n]{0,24}") {
            let found = read(&text);
            prop_assume!(found.iter().all(|(_, row)| row.is_ok()));
            let rows: Vec<_> = found.into_iter().map(|(_, row)| row.unwrap()).collect();
            prop_assert_eq!(rows, by_crate(&text));
        }
    }
}
