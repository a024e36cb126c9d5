//! The span-keeping, defect-tolerant readers of DER (TLV), base64 and PEM armour.
//! Nothing here knows PKCS#10; nothing here fails: what is wrong becomes a [`Defect`] at its place and reading goes on.
//! Offsets are those of the bytes handed in; `source::Map` turns them into file bytes.

pub mod base64;
mod defect;
pub mod der;
pub mod pem;

pub use defect::{Defect, DefectKind};
