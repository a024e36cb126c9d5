//! Identifiers of organisations: LEI (ISO 17442), organizationIdentifier (ETSI EN 319 412-1, CA/Browser Forum).

/// What is wrong with a legal entity identifier: 18 letters and digits and two check digits (ISO 7064, MOD 97-10).
pub(crate) fn lei_problem(lei: &str) -> Option<&'static str> {
    if lei.len() != 20 {
        return Some("has not 20 characters");
    }
    if !lei.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        return Some("has characters other than capital letters and digits");
    }
    if !lei.get(18..).is_some_and(|end| end.bytes().all(|byte| byte.is_ascii_digit())) {
        return Some("does not end in two check digits");
    }
    // A is 10, Z is 35; the whole number leaves 1 when it is divided by 97.
    let remainder = lei.chars().filter_map(|character| character.to_digit(36)).fold(0, |remainder: u32, value| {
        let shift = if value < 10 { 10 } else { 100 };
        (remainder * shift + value) % 97
    });
    (remainder != 1).then_some("has wrong check digits")
}

/// What is wrong with an organizationIdentifier, and which of the known schemes it has.
///
/// Its form (CA/Browser Forum S/MIME BR appendix A, EV Guidelines 7.1.4.2.8; ETSI EN 319 412-1 section 5.1.4) is three letters of the
/// scheme, a country (`NTRUS+CA` names a state, too), a hyphen, the reference.
pub(crate) fn organization_identifier_problem(value: &str) -> Option<String> {
    // Governments and international organisations have no reference (S/MIME BR appendix A.1).
    if let Some(place) = value.strip_prefix("GOV").or_else(|| value.strip_prefix("INT")) {
        let international = value.starts_with("INT");
        let known = match place.split_once('+') {
            _ if international => place == "XG",
            Some((code, state)) => super::country::is_assigned(code) && !state.is_empty() && !state.contains('-'),
            None => super::country::is_assigned(place) || place == "EU",
        };
        return (!known).then(|| {
            let wanted =
                if international { "INTXG" } else { "GOV and a country of ISO 3166-1, as in GOVUS or GOVUS+CA" };
            format!("is not {wanted}; this scheme has no reference")
        });
    }
    let Some((head, reference)) = value.split_once('-') else {
        return Some("has no hyphen before its reference".to_owned());
    };
    let Some((scheme, place)) = head.split_at_checked(3) else {
        return Some("does not start with a scheme of three letters".to_owned());
    };
    if reference.trim().is_empty() {
        return Some("has no reference behind the hyphen".to_owned());
    }
    let country = |code: &str| super::country::is_assigned(code);
    let european = place == "EU";
    match scheme {
        "LEI" if place != "XG" => Some("is a LEI whose country is not XG".to_owned()),
        "LEI" => lei_problem(reference).map(|problem| format!("is a LEI that {problem}")),
        "NTR" => match place.split_once('+') {
            Some((code, state)) if country(code) && !state.is_empty() => None,
            None if country(place) || european => None,
            _ => Some(format!("has no country that ISO 3166-1 knows behind NTR ({place:?})")),
        },
        // Greece files value added tax as EL, Northern Ireland as XI (Council Directive 2006/112/EC, article 215).
        "VAT" if country(place) || european || ["EL", "XI"].contains(&place) => None,
        "PSD" | "EID" if country(place) || european => psd_problem(scheme, reference),
        "VAT" | "PSD" | "EID" => Some(format!("has no country that ISO 3166-1 knows behind {scheme} ({place:?})")),
        // EN 319 412-1: two letters and a colon are a scheme of that country's own.
        _ if scheme.ends_with(':') && scheme.get(..2).is_some_and(country) => None,
        _ => Some(format!("has the unknown scheme {scheme:?}; known are NTR, VAT, PSD, LEI, GOV, INT and EID")),
    }
}

/// ETSI TS 119 495 section 5.2.1: PSDES-BDE-3DFD21 names the authority, too.
fn psd_problem(scheme: &str, reference: &str) -> Option<String> {
    if scheme != "PSD" {
        return None;
    }
    match reference.split_once('-') {
        Some((authority, number))
            if (2..=8).contains(&authority.len())
                && authority.bytes().all(|byte| byte.is_ascii_uppercase())
                && !number.is_empty() =>
        {
            None
        }
        _ => Some(
            "is of the scheme PSD and does not name the authority (two to eight capital letters) and its number"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leis() {
        assert_eq!(lei_problem("529900T8BM49AURSDO55"), None);
        assert_eq!(lei_problem("529900T8BM49AURSDO56"), Some("has wrong check digits"));
        assert!(lei_problem("529900T8BM49AURSDO5").is_some() && lei_problem("529900t8BM49AURSDO55").is_some());
    }

    #[test]
    fn organization_identifiers() {
        for good in [
            "NTRDE-HRB 12345",
            "NTRUS+CA-1234",
            "VATEL-094019245",
            "PSDES-BDE-3DFD21",
            "LEIXG-529900T8BM49AURSDO55",
            "GOVUS",
            "GOVUS+CA",
            "INTXG",
            "VATBE-0876866142",
        ] {
            assert_eq!(organization_identifier_problem(good), None, "{good}");
        }
        for bad in [
            "NTRDE",
            "NTRXQ-1",
            "DUNS-1",
            "LEIDE-529900T8BM49AURSDO55",
            "PSDES-3DFD21",
            "NTRDE-",
            "LEIXG-529900T8BM49AURSDO56",
            "NTRUS+-1",
            "GOVUS-1",
            "INTDE",
            "INTXG-1",
            "GOVXQ",
        ] {
            assert!(organization_identifier_problem(bad).is_some(), "{bad}");
        }
    }
}
