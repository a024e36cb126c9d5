//! Keys and signatures that are two in one: lengths by the names of their algorithms (draft-ietf-lamps-pq-composite-sigs-19
//! section 4.3, draft-ietf-lamps-pq-composite-kem-21): the post-quantum part stands first, and the classical one behind it.

use std::ops::RangeInclusive;

/// Octets of the post-quantum part of a key, and of a signature.
fn first(name: &str) -> Option<(usize, usize)> {
    Some(match name.strip_prefix("id-")?.split('-').next()? {
        "MLDSA44" => (1312, 2420),
        "MLDSA65" => (1952, 3309),
        "MLDSA87" => (2592, 4627),
        "MLKEM768" => (1184, 0),
        "MLKEM1024" => (1568, 0),
        _ => return None,
    })
}

/// Octets of the classical part: of a key, and of a signature. RSA keys are DER with some usual exponent, ECDSA signatures DER.
fn second(name: &str) -> Option<(RangeInclusive<usize>, RangeInclusive<usize>)> {
    let exactly = |length: usize| length..=length;
    let point = |octets: usize| 1 + 2 * octets..=1 + 2 * octets;
    let pair = |octets: usize| 8..=2 * octets + 9;
    let has = |part: &str| name.contains(part);
    Some(match () {
        // SEQUENCE { INTEGER of 257 octets, INTEGER of 1 to 33 }
        () if has("RSA2048") => (268..=302, exactly(256)),
        () if has("RSA3072") => (396..=430, exactly(384)),
        () if has("RSA4096") => (524..=558, exactly(512)),
        () if has("Ed25519") => (exactly(32), exactly(64)),
        () if has("Ed448") => (exactly(57), exactly(114)),
        () if has("X25519") => (exactly(32), exactly(0)),
        () if has("X448") => (exactly(56), exactly(0)),
        () if has("P256") => (point(32), pair(32)),
        () if has("P384") => (point(48), pair(48)),
        () if has("P521") => (point(66), pair(66)),
        () => return None,
    })
}

/// Octets of a key of the algorithm with this name.
pub(super) fn lengths(name: &str) -> Option<RangeInclusive<usize>> {
    let ((first, _), (second, _)) = (first(name)?, second(name)?);
    Some(first + second.start()..=first + second.end())
}

/// Octets of a signature.
pub(super) fn signature_lengths(name: &str) -> Option<RangeInclusive<usize>> {
    let ((_, first), (_, second)) = (first(name)?, second(name)?);
    (first > 0).then(|| first + second.start()..=first + second.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes that the draft gives for some of them.
    #[test]
    fn lengths_of_the_draft() {
        assert_eq!(lengths("id-MLDSA44-Ed25519-SHA512"), Some(1344..=1344));
        assert_eq!(signature_lengths("id-MLDSA44-Ed25519-SHA512"), Some(2484..=2484));
        assert_eq!(lengths("id-MLDSA44-ECDSA-P256-SHA256"), Some(1377..=1377));
        assert_eq!(lengths("id-MLDSA65-ECDSA-brainpoolP256r1-SHA512"), Some(2017..=2017));
        assert_eq!(lengths("id-MLDSA87-ECDSA-P384-SHA512"), Some(2689..=2689));
        assert_eq!(lengths("id-MLDSA87-ECDSA-P521-SHA512"), Some(2725..=2725));
        assert!(lengths("id-MLDSA44-RSA2048-PSS-SHA256").expect("known").contains(&(1312 + 270)));
        assert_eq!(lengths("id-MLKEM768-X25519-SHA3-256"), Some(1216..=1216));
        assert_eq!(signature_lengths("id-MLKEM768-X25519-SHA3-256"), None);
        assert_eq!(lengths("id-ml-dsa-44"), None);
    }
}
