//! Calendar days, as policies and `--as-of` write them: `2027-03-31`, in UTC.
//! There is no clock here; today comes in from the caller.

use std::borrow::Cow;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(time::Date);

impl Date {
    /// The day of a moment, in UTC.
    pub fn of(moment: SystemTime) -> Self {
        let seconds = moment.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let moment =
            i64::try_from(seconds).ok().and_then(|seconds| time::OffsetDateTime::from_unix_timestamp(seconds).ok());
        Self(moment.map_or(time::Date::MAX, time::OffsetDateTime::date))
    }
}

impl Date {
    /// The day of a number of seconds since 1970, if there is one.
    pub fn of_unix(seconds: i64) -> Option<Self> {
        time::OffsetDateTime::from_unix_timestamp(seconds).ok().map(|moment| Self(moment.date()))
    }

    /// Days from another day to this one.
    pub fn days_since(self, other: Self) -> i64 {
        i64::from(self.0.to_julian_day()) - i64::from(other.0.to_julian_day())
    }

    /// Before every other.
    pub const MIN: Self = Self(time::Date::MIN);

    /// The day before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.previous_day().unwrap_or(self.0))
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.next_day().unwrap_or(self.0))
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// Days since the beginning of its year, and how many that year has.
    pub fn day_of_year(self) -> (u16, u16) {
        (self.0.ordinal() - 1, time::util::days_in_year(self.0.year()))
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("{text:?} is no date; write it as 2027-03-31");
        let [year, month, day] = text.split('-').collect::<Vec<_>>().try_into().map_err(|_| error())?;
        if (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return Err(error());
        }
        let number =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u16>().ok()).flatten();
        let month = number(month)
            .and_then(|month| u8::try_from(month).ok())
            .and_then(|month| time::Month::try_from(month).ok());
        let day = number(day).and_then(|day| u8::try_from(day).ok());
        let date = number(year)
            .zip(month)
            .zip(day)
            .and_then(|((year, month), day)| time::Date::from_calendar_date(i32::from(year), month, day).ok());
        date.map(Self).ok_or_else(error)
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Date {
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "A day in UTC, as 2027-03-31." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!("2028-02-29".parse::<Date>().expect("a leap day").to_string(), "2028-02-29");
        for bad in ["2027-02-29", "2027-2-03", "27-02-03", "2027-13-01", "", "2027-01-01T00:00", "+027-01-01"] {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
        assert_eq!(Date::of(UNIX_EPOCH).to_string(), "1970-01-01");
    }
}
