//! The requested public key: algorithm, size, curve, as any format can say them, and the numbers where there are any.
//! Sizes are exact bit lengths, computed from the bytes. Health of the numbers is not judged here.
//! A key that is only described (a template) has no `public`.

use crate::crypto::{Curve, VerifyKey};
use crate::source::Span;

use super::{Field, Oid};

/// Families of key algorithms, as policies name them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAlgorithm {
    /// rsaEncryption.
    Rsa,
    /// id-RSASSA-PSS.
    RsaPss,
    /// id-RSAES-OAEP.
    RsaOaep,
    /// id-ecPublicKey.
    Ec,
    /// id-ecDH, id-ecMQV.
    EcDh,
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// X25519.
    X25519,
    /// X448.
    X448,
    /// DSA.
    Dsa,
    /// Diffie-Hellman.
    Dh,
    /// ML-DSA (FIPS 204).
    MlDsa,
    /// SLH-DSA (FIPS 205).
    SlhDsa,
    /// ML-KEM (FIPS 203).
    MlKem,
    /// ML-DSA together with a classical key (draft-ietf-lamps-pq-composite-sigs).
    MlDsaComposite,
    /// ML-KEM together with a classical key (draft-ietf-lamps-pq-composite-kem).
    MlKemComposite,
    /// HSS and LMS (RFC 9802).
    HssLms,
    /// XMSS and XMSS^MT (RFC 9802).
    Xmss,
    /// GOST R 34.10.
    Gost,
    /// Anything else.
    Other,
}

impl KeyAlgorithm {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::RsaPss => "RSASSA-PSS",
            Self::RsaOaep => "RSAES-OAEP",
            Self::Ec => "EC",
            Self::EcDh => "ECDH",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::X25519 => "X25519",
            Self::X448 => "X448",
            Self::Dsa => "DSA",
            Self::Dh => "DH",
            Self::MlDsa => "ML-DSA",
            Self::SlhDsa => "SLH-DSA",
            Self::MlKem => "ML-KEM",
            Self::MlDsaComposite => "composite ML-DSA",
            Self::MlKemComposite => "composite ML-KEM",
            Self::HssLms => "HSS/LMS",
            Self::Xmss => "XMSS",
            Self::Gost => "GOST",
            Self::Other => "unknown",
        }
    }

    /// Whether a key of this kind can sign at all, and so prove its possession as RFC 2986 wants it.
    pub fn can_sign(self) -> bool {
        !matches!(
            self,
            Self::RsaOaep | Self::EcDh | Self::X25519 | Self::X448 | Self::Dh | Self::MlKem | Self::MlKemComposite
        )
    }

    /// Whether Shor's algorithm computes the private key. Composites are as strong as their stronger part.
    pub fn is_quantum_vulnerable(self) -> bool {
        !matches!(
            self,
            Self::MlDsa
                | Self::SlhDsa
                | Self::MlKem
                | Self::MlDsaComposite
                | Self::MlKemComposite
                | Self::HssLms
                | Self::Xmss
                | Self::Other
        )
    }
}

/// A requested key.
#[derive(Debug, Clone)]
pub struct Key {
    /// The algorithm.
    pub algorithm: Field<KeyAlgorithm>,
    /// The size in bits: of the modulus, the field, the DSA prime. `Absent` where the algorithm has one size only.
    pub bits: Field<u32>,
    /// The named curve.
    pub curve: Field<Curve>,
    /// The key itself.
    pub public: Option<PublicKey>,
}

impl Key {
    /// `RSA 2048`, `EC P-256`, `Ed25519`.
    pub fn summary(&self) -> String {
        let Some(algorithm) = self.algorithm.effective() else { return "unknown key".to_owned() };
        match (self.curve.effective(), self.bits.effective(), &self.public) {
            (Some(curve), _, _) => format!("{} {}", algorithm.name(), curve.name()),
            (None, Some(bits), _) => format!("{} {bits}", algorithm.name()),
            (None, None, Some(public))
                if public.oid.name().is_none()
                    || matches!(
                        algorithm,
                        KeyAlgorithm::MlDsa
                            | KeyAlgorithm::SlhDsa
                            | KeyAlgorithm::MlKem
                            | KeyAlgorithm::MlDsaComposite
                            | KeyAlgorithm::MlKemComposite
                    ) =>
            {
                public.oid.label()
            }
            _ => algorithm.name().to_owned(),
        }
    }
}

/// A SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
#[derive(Debug, Clone)]
pub struct PublicKey {
    /// The algorithm's OID.
    pub oid: Oid,
    /// The AlgorithmIdentifier.
    pub algorithm_span: Span,
    /// The parameters' whole element.
    pub parameters: Option<Vec<u8>>,
    /// The key octets of the BIT STRING.
    pub bytes: Vec<u8>,
    /// Where they are.
    pub bytes_span: Span,
    /// SHA-256 of the SubjectPublicKeyInfo as found.
    pub spki_sha256: [u8; 32],
    /// RSA: modulus and exponent as ranges of `bytes` (content octets of the INTEGERs).
    pub rsa: Option<RsaNumbers>,
}

/// Where the numbers of an RSAPublicKey are (RFC 8017 appendix A.1.1).
#[derive(Debug, Clone, Copy)]
pub struct RsaNumbers {
    /// Content octets of the modulus in [`PublicKey::bytes`].
    pub modulus: (u32, u32),
    /// The modulus in the request.
    pub modulus_span: Span,
    /// Content octets of the exponent.
    pub exponent: (u32, u32),
    /// The exponent in the request.
    pub exponent_span: Span,
}

impl PublicKey {
    /// Content octets of the RSA modulus and exponent.
    pub fn rsa_numbers(&self) -> Option<(&[u8], &[u8])> {
        let rsa = self.rsa?;
        let part = |(start, end): (u32, u32)| self.bytes.get(start as usize..end as usize);
        Some((part(rsa.modulus)?, part(rsa.exponent)?))
    }

    /// The key as signature verification wants it.
    pub fn verify_key<'a>(&'a self, key: &Key) -> VerifyKey<'a> {
        let algorithm = key.algorithm.effective().copied().unwrap_or(KeyAlgorithm::Other);
        match (algorithm, self.rsa_numbers(), key.curve.effective()) {
            (KeyAlgorithm::Rsa, Some((modulus, exponent)), _) => VerifyKey::Rsa { modulus, exponent },
            (KeyAlgorithm::RsaPss, Some((modulus, exponent)), _) => {
                VerifyKey::RsaPss { modulus, exponent, parameters: self.parameters.as_deref() }
            }
            (KeyAlgorithm::Ec, _, Some(curve)) => VerifyKey::Ec { curve: *curve, point: &self.bytes },
            (KeyAlgorithm::Ed25519, _, _) => VerifyKey::Ed25519(&self.bytes),
            (KeyAlgorithm::Ed448, _, _) => VerifyKey::Ed448(&self.bytes),
            (KeyAlgorithm::Dsa, _, _) => VerifyKey::Dsa { parameters: self.parameters.as_deref(), key: &self.bytes },
            (KeyAlgorithm::MlDsa | KeyAlgorithm::SlhDsa, _, _) => {
                VerifyKey::PostQuantum { name: self.oid.name().unwrap_or_default(), key: &self.bytes }
            }
            (KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss, None, _) => VerifyKey::Other("undecodable RSA"),
            (KeyAlgorithm::Ec, _, None) => VerifyKey::Other("EC key on an unknown or explicit curve"),
            _ => VerifyKey::Other(self.oid.name().unwrap_or("unknown")),
        }
    }
}

/// Bits of an unsigned big-endian number, leading zero octets not counted.
pub fn bit_length(octets: &[u8]) -> u32 {
    let significant =
        octets.iter().position(|octet| *octet != 0).and_then(|first| octets.get(first..)).unwrap_or_default();
    significant.first().map_or(0, |first| {
        u32::try_from(significant.len()).unwrap_or(u32::MAX / 8).saturating_mul(8) - first.leading_zeros()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_lengths_are_exact() {
        assert_eq!(bit_length(&[]), 0);
        assert_eq!(bit_length(&[0, 0]), 0);
        assert_eq!(bit_length(&[0, 1, 0xFF]), 9);
        assert_eq!(bit_length(&[0x80, 0]), 16);
    }
}
