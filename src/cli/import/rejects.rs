//! The file of rejected lines: where and why, never what was in them.

use super::items::Broken;
use crate::{
    cli::error::CliError,
    domain::validate::{ErrorCode, FieldError},
};
use serde::Serialize;
use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
};

/// One item that was not stored, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// The line that it begins in.
    pub line: u64,
    /// Everything wrong with it.
    pub errors: Vec<Mistake>,
}

/// One mistake, by place and code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    pointer: String,
    code: Code,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Code {
    Field(ErrorCode),
    Item(Broken),
}

impl Mistake {
    /// The item as a whole is broken.
    #[must_use]
    pub fn of_item(broken: Broken) -> Self {
        Self { pointer: String::new(), code: Code::Item(broken) }
    }
}

impl From<FieldError> for Mistake {
    fn from(error: FieldError) -> Self {
        Self { pointer: error.pointer, code: Code::Field(error.code) }
    }
}

/// Writes rejects as NDJSON into a file that is made with the first of them.
pub struct Rejects {
    /// Where it is.
    pub path: PathBuf,
    goes_on: bool,
    file: Option<File>,
}

impl Rejects {
    /// A file that is made when it is needed; one that is there is replaced, unless the run goes on.
    #[must_use]
    pub fn new(path: PathBuf, goes_on: bool) -> Self {
        Self { path, goes_on, file: None }
    }

    /// Writes rejects down.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&mut self, rejects: &[Reject]) -> Result<(), CliError> {
        self.append(rejects).map_err(CliError::file(&self.path))
    }

    fn append(&mut self, rejects: &[Reject]) -> io::Result<()> {
        if rejects.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for reject in rejects {
            serde_json::to_writer(&mut lines, reject)?;
            lines.push(b'\n');
        }
        self.open()?.write_all(&lines)
    }

    fn open(&mut self) -> io::Result<&mut File> {
        let file = match self.file.take() {
            Some(file) => file,
            None if self.goes_on => File::options().create(true).append(true).open(&self.path)?,
            None => File::create(&self.path)?,
        };
        Ok(self.file.insert(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(line: u64) -> Reject {
        let field = FieldError::new("/contact/emails/0", ErrorCode::TooLong).into();
        Reject { line, errors: vec![field, Mistake::of_item(Broken::UnclosedQuote)] }
    }

    #[test]
    fn rejects_are_lines_of_places_and_codes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects.ndjson");
        let read = || std::fs::read_to_string(&path).unwrap_or_default();
        let mut rejects = Rejects::new(path.clone(), false);
        rejects.write(&[]).unwrap();
        assert!(!path.exists());
        rejects.write(&[reject(3)]).unwrap();
        let line = r#"{"line":3,"errors":[{"pointer":"/contact/emails/0","code":"too_long"},{"pointer":"","code":"unclosed_quote"}]}"#;
        assert_eq!(read(), format!("{line}\n"));
        Rejects::new(path.clone(), true).write(&[reject(4)]).unwrap();
        assert_eq!(read().lines().count(), 2);
        Rejects::new(path.clone(), false).write(&[reject(5)]).unwrap();
        assert_eq!(read().lines().count(), 1);
    }
}
