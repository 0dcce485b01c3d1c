//! The times of a CSV: in the mapping's format, in its zone where they do not say.

use super::MappingError;
use jiff::{Timestamp, civil, fmt::strtime::BrokenDownTime, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;

/// How times are written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Times {
    format: Option<String>,
    zone: Option<String>,
    default: Option<Timestamp>,
}

/// Reads times.
pub struct Clock {
    format: Option<String>,
    zone: TimeZone,
    default: Option<Timestamp>,
}

impl Clock {
    /// A clock for times so written.
    ///
    /// # Errors
    /// Where the zone is unknown.
    pub fn new(times: Times) -> Result<Self, MappingError> {
        let zone = match times.zone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(&name).map_err(|_| MappingError::Zone(name))?,
        };
        Ok(Self { format: times.format, zone, default: times.default })
    }

    /// The time where a row has none.
    pub fn default(&self) -> Option<Value> {
        self.default.map(|at| at.to_string().into())
    }

    /// A cell's time in RFC 3339; none where it is no time in the expected form.
    pub fn read(&self, text: &str) -> Option<Value> {
        let at = match &self.format {
            Some(format) => self.by_format(format, text),
            None => text.parse().ok().or_else(|| self.in_zone(text.parse().ok()?)),
        };
        at.map(|at| at.to_string().into())
    }

    fn by_format(&self, format: &str, text: &str) -> Option<Timestamp> {
        let parts = BrokenDownTime::parse(format, text).ok()?;
        let civil = || parts.to_datetime().or_else(|_| parts.to_date().map(|date| date.at(0, 0, 0, 0))).ok();
        parts.to_timestamp().ok().or_else(|| self.in_zone(civil()?))
    }

    fn in_zone(&self, time: civil::DateTime) -> Option<Timestamp> {
        time.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: Option<&str>, zone: Option<&str>, text: &str) -> Option<String> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let clock = Clock::new(Times { format: owned(format), zone: owned(zone), default: None }).unwrap();
        clock.read(text).map(|at| at.as_str().unwrap().to_owned())
    }

    #[test]
    fn times_read_in_their_format_and_zone() {
        let cases = [
            (None, None, "2026-07-01T10:30:00+02:00", "2026-07-01T08:30:00Z"),
            (None, None, "2026-07-01 10:30:00", "2026-07-01T10:30:00Z"),
            (None, Some("Europe/Berlin"), "2026-07-01", "2026-06-30T22:00:00Z"),
            (Some("%d.%m.%Y"), Some("Europe/Berlin"), "01.12.2026", "2026-11-30T23:00:00Z"),
            (Some("%m/%d/%Y %I:%M %p"), None, "07/01/2026 01:05 PM", "2026-07-01T13:05:00Z"),
            (Some("%Y-%m-%d %H:%M %z"), Some("Europe/Berlin"), "2026-07-01 10:30 +0000", "2026-07-01T10:30:00Z"),
            (Some("%s"), None, "86400", "1970-01-02T00:00:00Z"),
        ];
        for (format, zone, text, expected) in cases {
            assert_eq!(read(format, zone, text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(read(Some("%d.%m.%Y"), None, "2026-07-01"), None);
        assert_eq!(read(None, None, "soon"), None);
    }

    #[test]
    fn an_unknown_zone_is_refused() {
        let times = Times { zone: Some("Mars/Olympus".into()), ..Times::default() };
        assert!(matches!(Clock::new(times), Err(MappingError::Zone(_))));
    }
}
