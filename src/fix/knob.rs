//! From the value a rule would have to the edit that writes it, by the knobs the reader left in the template.

use super::{Applicability, Edit, Fix};
use crate::request::{Request, Wanted};

/// The repair that gives a logical place the value wanted; none where the template has no knob for it, or cannot say it.
pub fn repair(request: &Request, wanted: &Wanted) -> Option<Fix> {
    let template = request.template.as_ref()?;
    let (place, what) = match wanted {
        Wanted::Bits(_) => ("key.bits", "as the size of the key"),
        Wanted::Curve(_) => ("key.curve", "as the curve of the key"),
        Wanted::Hash(_) => ("signature.hash", "as the hash of the signature"),
        Wanted::NewKey => ("renewal", "so that a renewal brings a new key"),
        Wanted::DnsName(_) => ("san", "as one of the subject alternative names"),
    };
    let knob = template.knob(place)?;
    let value = (knob.spell)(wanted)?;
    // The hash of a request is gone once the CA has seen it; everything else is in the certificate or in its key.
    let applicability = match wanted {
        Wanted::Hash(_) => Applicability::Safe,
        Wanted::Bits(_) | Wanted::Curve(_) | Wanted::NewKey | Wanted::DnsName(_) => Applicability::Unsafe,
    };
    let text = format!("{}{value}{}", knob.before, knob.after);
    Some(Fix { applicability, title: format!("Write {value} {what}"), edits: vec![Edit { at: knob.at, text }] })
}
