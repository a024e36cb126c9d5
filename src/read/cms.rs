//! PKCS#10 requests inside CMS (RFC 5652): Windows renewals sign a PKCS#10 as data, CMC (RFC 5272) puts it into PKIData.
//! Only the requests are looked for; the message around them is not judged.
//! Walking the structure instead of searching bytes keeps certificates in the message from being taken for requests.

use std::ops::Range;

use super::value::{self, Der};
use crate::encoding::der::{Dom, Id, Primitives, tag};
use crate::request::oids;

/// The byte ranges of the requests in a ContentInfo.
pub(super) fn requests(bytes: &[u8]) -> Vec<Range<usize>> {
    find(bytes).unwrap_or_default()
}

fn find(bytes: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut ignored = Vec::new();
    let mut dom = Dom::new(bytes);
    let roots = dom.walk(0..bytes.len(), Primitives::IntegersUnchecked, &mut ignored);
    let content_info = dom.roots(roots).next()?;
    let [kind, explicit] = children(&dom, content_info)?;
    if dom.content(kind) != oids::CMS_SIGNED_DATA.as_bytes() {
        return None;
    }
    let [signed_data] = children(&dom, explicit)?;
    // SignedData: version, digestAlgorithms, encapContentInfo
    let encapsulated = dom.children(signed_data).nth(2)?;
    let [content_type, content] = children(&dom, encapsulated)?;
    let content_type = dom.content(content_type).to_vec();
    // eContent is an OCTET STRING in CMS; PKCS#7 has the structure itself there.
    let [content] = children(&dom, content)?;
    let inner = dom.get(content).content_span().range();
    if content_type == oids::CMC_PKI_DATA.as_bytes() {
        let roots = if dom.tag(content) == tag::OCTET_STRING {
            dom.walk(inner, Primitives::IntegersUnchecked, &mut ignored)
        } else {
            return None;
        };
        let pki_data = dom.roots(roots).next()?;
        // PKIData: controlSequence, reqSequence, ...; TaggedRequest: tcr [0] { bodyPartID, CertificationRequest }
        let sequence = dom.children(pki_data).nth(1)?;
        return Some(
            dom.children(sequence)
                .filter(|id| dom.tag(*id) == tag::context(0))
                .filter_map(|tagged| dom.children(tagged).nth(1))
                .map(|id| dom.span(id).range())
                .collect(),
        );
    }
    let element = if dom.tag(content) == tag::OCTET_STRING { inner } else { dom.span(content).range() };
    (value::sniff_der(bytes.get(element.clone())?) == Der::Request).then(|| vec![element])
}

fn children<const N: usize>(dom: &Dom<'_>, id: Id) -> Option<[Id; N]> {
    let mut children = dom.children(id);
    let mut found = [id; N];
    for slot in &mut found {
        *slot = children.next()?;
    }
    Some(found)
}
