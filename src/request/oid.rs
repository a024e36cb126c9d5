//! Object identifiers as the octets they are encoded in, and the names of those that occur in requests.
//! The names are data in `oids.txt`; code that needs one of them uses a constant of [`oids`].
//! Arcs may be of any size: nothing is cut to a machine word.

use std::collections::HashMap;
use std::sync::LazyLock;

use num_bigint::BigUint;

/// Octets of an OID that are kept without allocation; longer ones are rare.
const INLINE: usize = 22;

/// An object identifier by its content octets (X.690 section 8.19), well-formed or not.
#[derive(Clone)]
pub struct Oid(Octets);

#[derive(Clone)]
enum Octets {
    Inline { len: u8, octets: [u8; INLINE] },
    Heap(Box<[u8]>),
}

impl Oid {
    /// From content octets.
    pub fn from_content(content: &[u8]) -> Self {
        let mut octets = [0; INLINE];
        match octets.get_mut(..content.len()) {
            Some(head) => {
                head.copy_from_slice(content);
                Self(Octets::Inline { len: content.len() as u8, octets })
            }
            None => Self(Octets::Heap(content.into())),
        }
    }

    /// A constant of this program; a wrong one does not compile.
    pub(crate) const fn constant(dotted: &str) -> Self {
        let text = dotted.as_bytes();
        let mut octets = [0u8; INLINE];
        let mut len = 0;
        let mut arcs = 0;
        let mut first = 0;
        let mut value: u64 = 0;
        let mut at = 0;
        while at <= text.len() {
            if at == text.len() || text[at] == b'.' {
                if arcs == 0 {
                    first = value;
                } else {
                    let mut arc = if arcs == 1 { first * 40 + value } else { value };
                    let mut digits = [0u8; 10];
                    let mut count = 0;
                    loop {
                        digits[count] = (arc & 0x7F) as u8;
                        count += 1;
                        arc >>= 7;
                        if arc == 0 {
                            break;
                        }
                    }
                    while count > 0 {
                        count -= 1;
                        octets[len] = if count > 0 { digits[count] | 0x80 } else { digits[count] };
                        len += 1;
                    }
                }
                arcs += 1;
                value = 0;
            } else {
                assert!(text[at].is_ascii_digit());
                value = value * 10 + (text[at] - b'0') as u64;
            }
            at += 1;
        }
        Self(Octets::Inline { len: len as u8, octets })
    }

    /// From dotted decimal, as in `1.2.840.113549.1.9.7`.
    pub fn from_dotted(dotted: &str) -> Option<Self> {
        let arcs = dotted
            .split('.')
            .map(|arc| arc.parse::<BigUint>().ok().filter(|_| arc.bytes().all(|byte| byte.is_ascii_digit())))
            .collect::<Option<Vec<_>>>()?;
        let [first, second, rest @ ..] = arcs.as_slice() else { return None };
        let forty = BigUint::from(40u8);
        if *first > BigUint::from(2u8) || (*first < BigUint::from(2u8) && *second >= forty) {
            return None;
        }
        let mut octets = Vec::new();
        push_arc(&mut octets, &(first * forty + second));
        for arc in rest {
            push_arc(&mut octets, arc);
        }
        Some(Self::from_content(&octets))
    }

    /// The content octets.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Octets::Inline { len, octets } => octets.get(..usize::from(*len)).unwrap_or_default(),
            Octets::Heap(octets) => octets,
        }
    }

    /// The short name that RFC 4514 and OpenSSL know it by (`CN`, `serverAuth`, `challengePassword`).
    pub fn name(&self) -> Option<&'static str> {
        NAMES.by_oid.get(self).copied()
    }

    /// The name, else dotted decimal.
    pub fn label(&self) -> String {
        self.name().map_or_else(|| self.to_string(), str::to_owned)
    }

    /// By name, without regard to case, or by dotted decimal.
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES.by_name.get(name.to_ascii_lowercase().as_str()).cloned().or_else(|| Self::from_dotted(name))
    }

    /// All names that [`Oid::from_name`] knows, in the order of the table.
    pub fn known_names() -> impl Iterator<Item = &'static str> {
        table().map(|(_, name)| name)
    }
}

fn push_arc(octets: &mut Vec<u8>, arc: &BigUint) {
    let digits = arc.to_radix_be(128);
    let last = digits.len().saturating_sub(1);
    octets.extend(digits.into_iter().enumerate().map(|(i, digit)| if i < last { digit | 0x80 } else { digit }));
}

impl std::fmt::Display for Oid {
    /// Dotted decimal; octets that form no OID as `#` and hexadecimal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.as_bytes().last().is_none_or(|last| last & 0x80 != 0) {
            return write!(f, "#{}", super::hex(self.as_bytes()));
        }
        let mut first = true;
        for arc in self.as_bytes().split_inclusive(|octet| octet & 0x80 == 0) {
            let padding = arc.iter().take_while(|octet| **octet == 0x80).count();
            let arc = arc.get(padding..).unwrap_or_default();
            if arc.len() > 9 {
                let digits: Vec<u8> = arc.iter().map(|octet| octet & 0x7F).collect();
                let value = BigUint::from_radix_be(&digits, 128).unwrap_or_default();
                // So large a first arc is one below 2.
                if first {
                    write!(f, "2.{}", value - 80u8)?
                } else {
                    write!(f, ".{value}")?
                }
                first = false;
                continue;
            }
            // Nearly all of them: nine octets are 63 bits.
            let value = arc.iter().fold(0u64, |value, octet| value << 7 | u64::from(octet & 0x7F));
            if first {
                first = false;
                let top = (value / 40).min(2);
                write!(f, "{top}.{}", value - 40 * top)?;
            } else {
                write!(f, ".{value}")?;
            }
        }
        Ok(())
    }
}

impl PartialEq for Oid {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Oid {}

impl PartialOrd for Oid {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Oid {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl std::hash::Hash for Oid {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl std::fmt::Debug for Oid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

struct Names {
    by_oid: HashMap<Oid, &'static str>,
    by_name: HashMap<String, Oid>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names { by_oid: HashMap::new(), by_name: HashMap::new() };
    for (dotted, name) in table() {
        if let Some(oid) = Oid::from_dotted(dotted) {
            names.by_name.entry(name.to_ascii_lowercase()).or_insert_with(|| oid.clone());
            names.by_oid.entry(oid).or_insert(name);
        }
    }
    names
});

/// `dotted name` lines; where a line has several names, the first is shown and all are understood.
fn table() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("oids.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words))
        })
        .flat_map(|(dotted, names)| names.map(move |name| (dotted, name)))
}

macro_rules! oids {
    ($($name:ident = $dotted:literal),+ $(,)?) => {
        /// The OIDs that code refers to. What they are called is in `oids.txt`.
        #[allow(missing_docs, reason = "the names are the standards'")]
        #[allow(clippy::declare_interior_mutable_const, reason = "false positive on Box")]
        pub mod oids {
            use super::Oid;
            $(pub static $name: Oid = Oid::constant($dotted);)+
        }
    };
}

oids! {
    COMMON_NAME = "2.5.4.3",
    SERIAL_NUMBER = "2.5.4.5",
    COUNTRY = "2.5.4.6",
    LOCALITY = "2.5.4.7",
    STATE = "2.5.4.8",
    STREET = "2.5.4.9",
    ORGANIZATION = "2.5.4.10",
    ORGANIZATIONAL_UNIT = "2.5.4.11",
    DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25",
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1",
    DN_QUALIFIER = "2.5.4.46",
    JURISDICTION_COUNTRY = "1.3.6.1.4.1.311.60.2.1.3",
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14",
    KEY_USAGE = "2.5.29.15",
    SUBJECT_ALT_NAME = "2.5.29.17",
    BASIC_CONSTRAINTS = "2.5.29.19",
    NAME_CONSTRAINTS = "2.5.29.30",
    CERTIFICATE_POLICIES = "2.5.29.32",
    EXTENDED_KEY_USAGE = "2.5.29.37",
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0",
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1",
    TLS_FEATURE = "1.3.6.1.5.5.7.1.24",
    EXTENSION_REQUEST = "1.2.840.113549.1.9.14",
    MICROSOFT_EXTENSIONS = "1.3.6.1.4.1.311.2.1.14",
    MICROSOFT_TEMPLATE_NAME = "1.3.6.1.4.1.311.20.2",
    MICROSOFT_TEMPLATE = "1.3.6.1.4.1.311.21.7",
    MICROSOFT_APPLICATION_POLICIES = "1.3.6.1.4.1.311.21.10",
    MICROSOFT_SID = "1.3.6.1.4.1.311.25.2",
    MICROSOFT_SID_VALUE = "1.3.6.1.4.1.311.25.2.1",
    CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7",
    UNSTRUCTURED_NAME = "1.2.840.113549.1.9.2",
    UNSTRUCTURED_ADDRESS = "1.2.840.113549.1.9.8",
    OTP_CHALLENGE = "1.2.840.113549.1.9.16.2.56",
    REVOCATION_CHALLENGE = "1.2.840.113549.1.9.16.2.57",
    EST_IDENTITY_LINKING = "1.2.840.113549.1.9.16.2.58",
    ATTESTATION = "1.2.840.113549.1.9.16.2.59",
    RELATED_CERT_REQUEST = "1.2.840.113549.1.9.16.2.60",
    POSSESSION_STATEMENT = "1.3.6.1.4.1.22112.2.1",
    ALTERNATIVE_PUBLIC_KEY = "2.5.29.72",
    ALTERNATIVE_SIGNATURE_ALGORITHM = "2.5.29.73",
    ALTERNATIVE_SIGNATURE_VALUE = "2.5.29.74",
    MICROSOFT_ENROLLMENT_NAME_VALUE = "1.3.6.1.4.1.311.13.2.1",
    MICROSOFT_OS_VERSION = "1.3.6.1.4.1.311.13.2.3",
    MICROSOFT_CSP_PROVIDER = "1.3.6.1.4.1.311.13.2.2",
    MICROSOFT_CLIENT_INFO = "1.3.6.1.4.1.311.21.20",
    MICROSOFT_ARCHIVED_KEY = "1.3.6.1.4.1.311.21.13",
    MICROSOFT_ENCRYPTED_KEY_HASH = "1.3.6.1.4.1.311.21.21",
    MICROSOFT_CHALLENGE_ANSWER = "1.3.6.1.4.1.311.21.35",
    MICROSOFT_SERVER_SECRET = "1.3.6.1.4.1.311.21.40",
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1",
    RSAES_OAEP = "1.2.840.113549.1.1.7",
    RSASSA_PSS = "1.2.840.113549.1.1.10",
    EC_PUBLIC_KEY = "1.2.840.10045.2.1",
    EC_DH = "1.3.132.1.12",
    EC_MQV = "1.3.132.1.13",
    DSA = "1.2.840.10040.4.1",
    DSA_OIW = "1.3.14.3.2.12",
    DH_X942 = "1.2.840.10046.2.1",
    DH_PKCS3 = "1.2.840.113549.1.3.1",
    X25519 = "1.3.101.110",
    X448 = "1.3.101.111",
    ED25519 = "1.3.101.112",
    ED448 = "1.3.101.113",
    CMS_DATA = "1.2.840.113549.1.7.1",
    CMS_SIGNED_DATA = "1.2.840.113549.1.7.2",
    CMC_PKI_DATA = "1.3.6.1.5.5.7.12.2",
    UPN = "1.3.6.1.4.1.311.20.2.3",
    SURNAME = "2.5.4.4",
    GIVEN_NAME = "2.5.4.42",
    PSEUDONYM = "2.5.4.65",
    ORGANIZATION_IDENTIFIER = "2.5.4.97",
    POLICY_MAPPINGS = "2.5.29.33",
    POLICY_CONSTRAINTS = "2.5.29.36",
    ANY_POLICY = "2.5.29.32.0",
    LEGAL_ENTITY_IDENTIFIER = "1.3.6.1.4.1.52266.1",
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2",
    CODE_SIGNING = "1.3.6.1.5.5.7.3.3",
    EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4",
    TIME_STAMPING = "1.3.6.1.5.5.7.3.8",
    OCSP_SIGNING = "1.3.6.1.5.5.7.3.9",
    PERMANENT_IDENTIFIER = "1.3.6.1.5.5.7.8.3",
    HARDWARE_MODULE_NAME = "1.3.6.1.5.5.7.8.4",
    XMPP_ADDR = "1.3.6.1.5.5.7.8.5",
    SRV_NAME = "1.3.6.1.5.5.7.8.7",
    NAI_REALM = "1.3.6.1.5.5.7.8.8",
    SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9",
    KRB5_PRINCIPAL_NAME = "1.3.6.1.5.2.2",
    MICROSOFT_RENEWAL_CERTIFICATE = "1.3.6.1.4.1.311.13.1",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_and_back() {
        for dotted in [
            "1.2.840.113549.1.9.7",
            "2.5.4.3",
            "0.9.2342.19200300.100.1.25",
            "2.999.1",
            "2.25.329800735698586629295641978511506172918",
            "2.9223372036854775727",
            "2.9223372036854775728",
            "2.329800735698586629295641978511506172918.18446744073709551616",
        ] {
            assert_eq!(Oid::from_dotted(dotted).map(|oid| oid.to_string()).as_deref(), Some(dotted));
        }
        assert_eq!(oids::CHALLENGE_PASSWORD, Oid::from_dotted("1.2.840.113549.1.9.7").expect("an OID"));
        assert_eq!(Oid::from_content(&[0x2A, 0x80]).to_string(), "#2a80");
        // Padded arcs are no DER, and have a value all the same.
        let padded = [&[0x80; 12][..], &[0x2A], &[0x80; 12], &[0x03]].concat();
        assert_eq!(Oid::from_content(&padded).to_string(), "1.2.3");
        for bad in ["1", "3.1", "1.40", "1..2", "", "1.-2"] {
            assert_eq!(Oid::from_dotted(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_are_unique_and_well_formed() {
        let mut seen = std::collections::HashSet::new();
        for (dotted, name) in table() {
            assert!(Oid::from_dotted(dotted).is_some(), "{dotted}");
            assert!(seen.insert(name.to_ascii_lowercase()), "{name} twice");
        }
        assert_eq!(Oid::from_name("o").and_then(|oid| oid.name()), Some("O"));
        assert_eq!(Oid::from_name("organizationalunit").and_then(|oid| oid.name()), Some("OU"));
    }
}
