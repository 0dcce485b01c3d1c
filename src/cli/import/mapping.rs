//! What the columns of a CSV mean: a TOML file that turns a row into an event.
//!
//! ```toml
//! [csv]                                # all optional
//! delimiter = ";"                      # "," unless said; "\t" for tabs
//! headers = ["id", "email"]            # the columns' names, where the file's first line does not hold them
//!
//! [constants]                          # the same in every event
//! source = "crm"
//! channel = "crm"
//! type = "customer"
//! "contact.external_ids[0].namespace" = "crm"
//! "contact.phones[0].region" = "DE"
//!
//! [columns]                            # a column's name = the field, or fields, that it fills
//! "Customer No" = ["source_event_id", "contact.external_ids[0].value"]
//! "Name" = "contact.name"
//! "E-Mail" = "contact.emails[0].value"
//! "Phone" = "contact.phones[0].value"
//! "Postcode" = "contact.addresses[0].postal_code"
//! "Plan" = "traits.plan"
//! "Orders" = { to = "traits.orders", as = "number" }                    # text, number, boolean or time
//! "Newsletter" = { to = "consent.email", values = { yes = "granted", no = "withdrawn" } }
//! "Changed" = "occurred_at"
//!
//! [time]                               # all optional; of occurred_at
//! format = "%d.%m.%Y %H:%M"            # as in strptime; ISO 8601 unless said
//! zone = "Europe/Berlin"               # of times that do not say; UTC unless said
//! default = "2026-01-01T00:00:00Z"     # where the cell is empty or no column is occurred_at
//! ```
//!
//! Empty cells are left out, and a list's items move up. A constant inside a list's item or inside `satisfaction` is set
//! only where a column gave that item something: no phone, no region. A cell that does not read as its number, boolean or
//! time is left as it is, and the event is then refused for it like any other. Columns that are not named are ignored.

mod path;
mod time;

use super::{items::Broken, rejects::Mistake, rows::Row};
use crate::{
    domain::{
        contact::Event,
        validate::{ErrorCode, FieldError},
    },
    http::json::parse,
};
use path::{Path, place, tidy};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, str::from_utf8};
use time::{Clock, Times};

/// Why a mapping was refused.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// Not TOML, or not of this form.
    #[error("line {line}: {message}")]
    Toml {
        /// Where, from 1.
        line: usize,
        /// What the TOML reader says.
        message: String,
    },
    /// A delimiter must be one ASCII character.
    #[error("the delimiter must be one ASCII character, neither a quote nor a line break")]
    Delimiter,
    /// No field can stand there.
    #[error("`{0}` is no field, such as contact.emails[0].value")]
    Path(String),
    /// Two columns or constants fill one field, or one fills a part of the other.
    #[error("`{0}` is filled twice")]
    Overlap(String),
    /// What comes out is no event.
    #[error("it makes no valid event: {code} at {pointer}")]
    NoEvent {
        /// Where in the event.
        pointer: String,
        /// What is wrong there.
        code: String,
    },
    /// The time zone is unknown here.
    #[error("the time zone `{0}` is unknown")]
    Zone(String),
    /// The file has no such column.
    #[error("the file has no column `{0}`")]
    NoColumn(String),
    /// The file has several columns of that name.
    #[error("the file has several columns `{0}`")]
    DoubleColumn(String),
    /// The file ends before its header, or the header does not read.
    #[error("the file has no header")]
    NoHeader,
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    csv: Dialect,
    #[serde(default)]
    constants: BTreeMap<String, Value>,
    columns: BTreeMap<String, Column>,
    #[serde(default)]
    time: Times,
}

/// How the CSV is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Dialect {
    delimiter: Option<String>,
    headers: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Column {
    Field(String),
    Fields(Vec<String>),
    Rule(Rule),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    to: String,
    #[serde(default, rename = "as")]
    kind: Option<Kind>,
    #[serde(default)]
    values: BTreeMap<String, Value>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text,
    Number,
    Boolean,
    Time,
}

/// A column's way into an event.
struct Way {
    column: String,
    to: Path,
    kind: Kind,
    values: BTreeMap<String, Value>,
}

/// A mapping that makes valid events of good cells.
pub struct Mapping {
    /// Between cells.
    pub delimiter: u8,
    headers: Option<Vec<String>>,
    constants: Vec<(Path, Value)>,
    ways: Vec<Way>,
    clock: Clock,
}

/// A mapping that knows where a file's columns are.
pub struct BoundMapping {
    mapping: Mapping,
    /// The column of each way.
    columns: Vec<usize>,
    width: usize,
}

impl Mapping {
    /// Reads a mapping and tries it out.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, MappingError> {
        let written: Written = toml::from_str(text).map_err(|error| misread(text, &error))?;
        let constants = written.constants.into_iter().map(|(to, value)| Ok((to.parse()?, value)));
        let ways = written.columns.into_iter().map(|(name, column)| ways(&name, column));
        let mapping = Self {
            delimiter: delimiter(written.csv.delimiter.as_deref())?,
            headers: written.csv.headers,
            constants: constants.collect::<Result<_, MappingError>>()?,
            ways: ways.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect(),
            clock: Clock::new(written.time)?,
        };
        mapping.try_out()?;
        Ok(mapping)
    }

    /// Whether the file's first row holds the columns' names.
    #[must_use]
    pub fn wants_header(&self) -> bool {
        self.headers.is_none()
    }

    /// Finds the columns by the names in the file's header, or in the mapping where it holds them.
    ///
    /// # Errors
    /// Where a column is missing or doubled.
    pub fn bind(mut self, header: &Row) -> Result<BoundMapping, MappingError> {
        let read = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
        let names = self.headers.take().unwrap_or_else(|| header.cells().map(read).collect());
        let columns = self.ways.iter().map(|way| find(&names, &way.column)).collect::<Result<_, _>>()?;
        Ok(BoundMapping { mapping: self, columns, width: names.len() })
    }

    /// A mapping that refuses every row should say so at once: an event with good values in all fields must be valid.
    fn try_out(&self) -> Result<(), MappingError> {
        let mut event = Value::Object(Map::new());
        for way in &self.ways {
            set(&mut event, &way.to, way.sample())?;
        }
        for (to, value) in &self.constants {
            set(&mut event, to, value.clone())?;
        }
        self.time(&mut event);
        tidy(&mut event);
        parse::<Event>(event.to_string().as_bytes()).map(|_| ()).map_err(|errors| no_event(&errors))
    }

    fn event(&self, cells: impl Iterator<Item = Result<String, Mistake>>) -> Result<Value, Mistake> {
        let mut event = Value::Object(Map::new());
        for (way, cell) in self.ways.iter().zip(cells) {
            let cell = cell?;
            if !cell.trim().is_empty() {
                place(&mut event, &way.to, way.value(cell, &self.clock));
            }
        }
        for (to, value) in &self.constants {
            if to.may_stand_alone() || to.parent_is_in(&event) {
                place(&mut event, to, value.clone());
            }
        }
        self.time(&mut event);
        tidy(&mut event);
        Ok(event)
    }

    fn time(&self, event: &mut Value) {
        if let (Some(default), Value::Object(event)) = (self.clock.default(), event) {
            event.entry("occurred_at").or_insert(default);
        }
    }
}

impl BoundMapping {
    /// The event that a row tells of, as JSON. It may be invalid yet.
    ///
    /// # Errors
    /// Where the row has too few or too many cells, or one is no UTF-8.
    pub fn event(&self, row: &Row) -> Result<Value, Mistake> {
        if row.cells().len() != self.width {
            return Err(Mistake::of_item(Broken::WrongNumberOfColumns));
        }
        self.mapping.event(self.columns.iter().map(|column| text(row.cell(*column))))
    }
}

impl Way {
    fn value(&self, cell: String, clock: &Clock) -> Value {
        let text = cell.trim();
        if let Some(value) = self.values.get(text) {
            return value.clone();
        }
        let read = match self.kind {
            Kind::Text => None,
            Kind::Number => serde_json::from_str(text).ok().map(Value::Number),
            Kind::Boolean => boolean(text),
            Kind::Time => clock.read(text),
        };
        read.unwrap_or(Value::String(cell))
    }

    /// A value that is good in this field.
    fn sample(&self) -> Value {
        let chosen = self.values.values().next().cloned();
        chosen.unwrap_or_else(|| match (self.kind, self.to.root(), self.to.leaf()) {
            (Kind::Number, ..) => 1.into(),
            (Kind::Boolean, ..) => true.into(),
            (Kind::Time, ..) => "2000-01-01T00:00:00Z".into(),
            (_, "direction", _) => "inbound".into(),
            (_, "consent", _) => "granted".into(),
            (_, "contact", "assurance") => "claimed".into(),
            _ => "GB".into(),
        })
    }
}

fn ways(name: &str, column: Column) -> Result<Vec<Way>, MappingError> {
    let plain = |to| Rule { to, kind: None, values: BTreeMap::new() };
    let rules = match column {
        Column::Field(to) => vec![plain(to)],
        Column::Fields(fields) => fields.into_iter().map(plain).collect(),
        Column::Rule(rule) => vec![rule],
    };
    let way = |rule: Rule| {
        let to: Path = rule.to.parse()?;
        let kind = rule.kind.unwrap_or_else(|| natural_kind(&to));
        Ok(Way { column: name.to_owned(), kind, to, values: rule.values })
    };
    rules.into_iter().map(way).collect()
}

/// What a field holds where the mapping does not say.
fn natural_kind(to: &Path) -> Kind {
    match to.root() {
        "satisfaction" => Kind::Number,
        "occurred_at" => Kind::Time,
        _ => Kind::Text,
    }
}

fn set(event: &mut Value, to: &Path, value: Value) -> Result<(), MappingError> {
    if place(event, to, value) { Ok(()) } else { Err(MappingError::Overlap(to.to_string())) }
}

fn find(names: &[String], name: &str) -> Result<usize, MappingError> {
    let mut found = names.iter().enumerate().filter(|(_, other)| *other == name).map(|(at, _)| at);
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (Some(_), Some(_)) => Err(MappingError::DoubleColumn(name.to_owned())),
        (None, _) => Err(MappingError::NoColumn(name.to_owned())),
    }
}

fn text(cell: &[u8]) -> Result<String, Mistake> {
    from_utf8(cell).map(str::to_owned).map_err(|_| FieldError::new("", ErrorCode::MalformedEncoding).into())
}

fn boolean(text: &str) -> Option<Value> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true.into()),
        "false" | "no" | "0" => Some(false.into()),
        _ => None,
    }
}

fn delimiter(text: Option<&str>) -> Result<u8, MappingError> {
    match text.unwrap_or(",").as_bytes() {
        [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(*byte),
        _ => Err(MappingError::Delimiter),
    }
}

fn misread(text: &str, error: &toml::de::Error) -> MappingError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    MappingError::Toml { line: before.matches('\n').count() + 1, message: error.message().to_owned() }
}

fn no_event(errors: &[FieldError]) -> MappingError {
    let error = errors.first();
    let pointer = error.map(|error| error.pointer.clone()).filter(|pointer| !pointer.is_empty());
    let code = error.and_then(|error| serde_json::to_value(error.code).ok());
    MappingError::NoEvent {
        pointer: pointer.unwrap_or_else(|| "its top".into()),
        code: code.as_ref().and_then(Value::as_str).unwrap_or("mistake").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::import::{items::Content, rows::Rows};
    use serde_json::json;

    /// The example of this file's documentation.
    fn example() -> String {
        let lines = include_str!("mapping.rs").lines().skip_while(|line| *line != "//! ```toml").skip(1);
        let lines: Vec<_> = lines.take_while(|line| *line != "//! ```").collect();
        lines.join("\n").replace("//!", "")
    }

    /// The documented example for a file that has a header.
    fn with_header() -> String {
        example().lines().filter(|line| !line.contains("headers =")).collect::<Vec<_>>().join("\n")
    }

    fn rows(csv: &str) -> Vec<Row> {
        let mut rows = Rows::new(csv.as_bytes(), b';');
        std::iter::from_fn(|| rows.read().unwrap())
            .map(|item| match item.content {
                Content::Row(row) => row,
                _ => panic!("no row"),
            })
            .collect()
    }

    const HEADER: &str = "Customer No;Name;E-Mail;Phone;Postcode;Plan;Orders;Newsletter;Changed;Unused\n";

    fn event(row: &str) -> Value {
        let rows = rows(&format!("{HEADER}{row}\n"));
        Mapping::read(&with_header()).unwrap().bind(&rows[0]).unwrap().event(&rows[1]).unwrap()
    }

    #[test]
    fn the_documented_example_maps_a_row() {
        let expected = json!({"source": "crm", "source_event_id": "7", "channel": "crm", "type": "customer",
            "occurred_at": "2026-07-01T08:30:00Z", "traits": {"plan": "gold", "orders": 12},
            "consent": {"email": "withdrawn"},
            "contact": {"name": "Jane Doe", "external_ids": [{"namespace": "crm", "value": "7"}],
                "emails": [{"value": "j@x.org"}], "phones": [{"value": "030 1234", "region": "DE"}],
                "addresses": [{"postal_code": "01099"}]}});
        assert_eq!(event("7;Jane Doe;j@x.org;030 1234;01099;gold;12;no;01.07.2026 10:30;x"), expected);
    }

    #[test]
    fn empty_cells_leave_nothing_behind() {
        let expected = json!({"source": "crm", "source_event_id": "7", "channel": "crm", "type": "customer",
            "occurred_at": "2026-01-01T00:00:00Z",
            "contact": {"external_ids": [{"namespace": "crm", "value": "7"}]}});
        assert_eq!(event("7;; ;;;;;;;"), expected);
    }

    #[test]
    fn what_does_not_read_is_left_for_validation() {
        let event = event("7;;;;;;many;maybe;yesterday;");
        assert_eq!(event["traits"]["orders"], "many");
        assert_eq!(event["consent"]["email"], "maybe");
        assert_eq!(event["occurred_at"], "yesterday");
    }

    #[test]
    fn rows_of_another_width_and_foreign_bytes_are_refused() {
        let rows = rows("a\n1;2\n");
        let mapping = || minimal(r#"a = "source_event_id""#).unwrap().bind(&rows[0]).unwrap();
        assert_eq!(mapping().event(&rows[1]), Err(Mistake::of_item(Broken::WrongNumberOfColumns)));
        let mut latin = Rows::new(b"\xe4\n".as_slice(), b',');
        let Content::Row(latin) = latin.read().unwrap().unwrap().content else { panic!("no row") };
        let mistake: Mistake = FieldError::new("", ErrorCode::MalformedEncoding).into();
        assert_eq!(mapping().event(&latin), Err(mistake));
    }

    #[test]
    fn names_may_stand_in_the_mapping() {
        let text = format!("[csv]\nheaders = [\"id\"]\n{}", text(r#"id = "source_event_id""#));
        let mapping = Mapping::read(&text).unwrap();
        assert!(!mapping.wants_header());
        let row = &rows("9\n")[0];
        assert_eq!(mapping.bind(&Row::default()).unwrap().event(row).unwrap()["source_event_id"], "9");
    }

    fn text(columns: &str) -> String {
        format!(
            "[constants]\nsource = \"s\"\nchannel = \"crm\"\n[time]\ndefault = \"2026-01-01T00:00:00Z\"\n[columns]\n{columns}\n"
        )
    }

    fn minimal(columns: &str) -> Result<Mapping, MappingError> {
        Mapping::read(&text(columns))
    }

    #[test]
    fn mistakes_in_a_mapping_are_told_at_once() {
        let id = r#"id = "source_event_id""#;
        let cases = [
            ("id = ", "line 7: "),
            ("id = 1", "line 7: "),
            (r#"name = "contact.name""#, "it makes no valid event: missing_field at /source_event_id"),
            (&format!("{id}\na = \"contact.emial[0]\""), "it makes no valid event: unknown_field at /contact/emial"),
            (&format!("{id}\na = \"contact.emails.value\""), "it makes no valid event: wrong_type at /contact/emails"),
            (&format!("{id}\na = \"contact.emails[0\""), "`contact.emails[0` is no field"),
            (&format!("{id}\na = \"source\""), "`source` is filled twice"),
            (
                &format!("{id}\na = \"contact.emails[0]\"\nb = \"contact.emails[0].value\""),
                "`contact.emails[0].value` is filled",
            ),
            (
                &format!("{id}\na = {{ to = \"consent.email\", values = {{ y = \"on\" }} }}"),
                "it makes no valid event: invalid_value at /consent/email",
            ),
            (
                &format!("{id}\na = \"satisfaction.score\""),
                "it makes no valid event: missing_field at /satisfaction/scale",
            ),
        ];
        for (columns, expected) in cases {
            let error = minimal(columns).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with(expected), "{columns}: {error}");
        }
        assert!(minimal(id).is_ok());
    }

    #[test]
    fn columns_must_be_there_once() {
        let bind = |header: &str| minimal(r#"id = "source_event_id""#).unwrap().bind(&rows(header)[0]).err();
        assert!(bind("id;name\n").is_none());
        assert!(matches!(bind("name\n"), Some(MappingError::NoColumn(_))));
        assert!(matches!(bind("id;id\n"), Some(MappingError::DoubleColumn(_))));
    }
}
