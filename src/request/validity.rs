//! How long a certificate is asked to be valid. PKCS#10 has no such field; templates do.
//! The unit is the second, since tools mix days, hours and months.

/// A requested lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// In seconds.
    pub seconds: u64,
}
