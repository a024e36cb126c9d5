//! How long a certificate is asked to be valid. PKCS#10 has no such field; templates do.
//! The unit is the second, since tools mix days, hours and months.

/// A requested lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// In seconds.
    pub seconds: u64,
}

impl std::fmt::Display for Validity {
    /// In the largest unit that divides it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const UNITS: [(u64, &str); 4] = [(86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds")];
        let fitting = UNITS.iter().find(|(unit, _)| self.seconds.is_multiple_of(*unit));
        let (unit, name) = fitting.unwrap_or(&(1, "seconds"));
        write!(f, "{} {name}", self.seconds / unit)
    }
}
