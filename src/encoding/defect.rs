//! What can be wrong with an input, as facts: a kind, a place, and a word on what was found.
//! Kinds carry no judgement: a rule with the check `defect` decides which of them are findings, and how bad.
//! The kebab-case names are what rule files say under `kinds`.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fix::Fix;
use crate::source::Span;

macro_rules! defect_kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident),+ $(,)?) => {
        /// The kinds of defect and of noteworthy fact that readers record.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum DefectKind {
            $($(#[doc = $doc])+ $variant),+
        }

        impl DefectKind {
            /// Every kind, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

defect_kinds! {
    // --- the file and its armour
    /// Claims to be a request, and nothing in it can be decoded as one.
    Undecodable,
    /// A BEGIN line without an END line.
    MissingEnd,
    /// The END line has another label than the BEGIN line.
    LabelMismatch,
    /// A PKCS#10 request under another label.
    WrongLabel,
    /// The label NEW CERTIFICATE REQUEST.
    NewLabel,
    /// A BEGIN or END line that is not exactly RFC 7468's.
    MalformedBoundary,
    /// A character that is not base64 in a base64 body.
    InvalidCharacter,
    /// Padding that is missing, superfluous or misplaced, or trailing bits that are not zero.
    BadPadding,
    /// Lines of the body that are not 64 characters wide.
    LineWidth,
    /// A UTF-8 byte order mark before the block.
    ByteOrderMark,
    /// A PEM file in UTF-16.
    Utf16,
    /// An indented block in a file that holds nothing else.
    Indented,
    /// RFC 1421 header lines inside the block.
    Headers,
    /// Base64 without armour.
    BareBase64,
    /// Text outside of the blocks of a PEM file.
    ExplanatoryText,
    /// More than one request in a file.
    SeveralRequests,
    // --- DER
    /// The bytes are no CertificationRequest.
    NotDer,
    /// A length that reaches past the end of what contains it.
    Truncated,
    /// A length in more octets than needed.
    LengthNotMinimal,
    /// Indefinite length.
    IndefiniteLength,
    /// A string type in constructed form.
    ConstructedString,
    /// A tag in more octets than needed.
    TagNotMinimal,
    /// An INTEGER in more octets than needed.
    IntegerNotMinimal,
    /// A BOOLEAN that is neither 00 nor FF.
    BooleanNotDer,
    /// A DEFAULT value that is encoded.
    DefaultEncoded,
    /// A BIT STRING with padding bits set, or a named bit list with trailing zero bits.
    BitStringNotDer,
    /// SET OF elements out of order.
    SetOrder,
    /// An OBJECT IDENTIFIER that cannot be read.
    OidMalformed,
    /// A primitive value its type does not allow.
    ValueMalformed,
    /// Nested or split beyond the reader's limits.
    TooDeep,
    // --- PKCS#10
    /// The version is not 0.
    Version,
    /// The attributes field is absent.
    AttributesMissing,
    /// More than one extensionRequest attribute.
    ExtensionRequestRepeated,
    /// One extensionRequest with several values.
    ExtensionRequestSeveralValues,
    /// An extensionRequest value that is no Extensions.
    ExtensionRequestMalformed,
    /// An extensionRequest without extensions.
    ExtensionRequestEmpty,
    /// PKCS#9 and Microsoft extension requests that ask for different things.
    ExtensionRequestConflict,
    /// Extensions in Microsoft's attribute alone.
    MicrosoftExtensionRequest,
    /// An attribute with an empty SET of values.
    AttributeWithoutValue,
    /// An attribute type that occurs twice.
    AttributeRepeated,
    /// An element of the attributes that is no Attribute.
    AttributeMalformed,
    /// An element the structure has no place for.
    UnexpectedElement,
    /// Bytes after the structure.
    TrailingData,
    /// Unused bits in the signature BIT STRING.
    SignatureBits,
    /// A PKCS#10 request inside a CMS message.
    CmsWrapped,
    /// A CRMF message.
    IsCrmf,
    // --- signature
    /// A placeholder algorithm instead of a signature.
    Unsigned,
    /// Parameters of the signature algorithm that are missing or superfluous.
    SignatureParameters,
    /// RSASSA-PSS parameters other than hash, MGF1 with the same hash, salt as long as the hash.
    PssParameters,
    /// A signature value that does not have its algorithm's form.
    SignatureValueMalformed,
    // --- key
    /// A public key that cannot be decoded.
    KeyMalformed,
    /// A negative RSA modulus or exponent.
    RsaModulusNegative,
    /// An RSA modulus or exponent with superfluous leading octets.
    RsaModulusPadded,
    /// An even RSA modulus.
    RsaModulusEven,
    /// Explicit EC parameters.
    EcParametersExplicit,
    /// implicitCurve (NULL) EC parameters.
    EcParametersImplicit,
    /// No EC parameters.
    EcParametersMissing,
    /// A hybrid EC point.
    EcPointHybrid,
    /// A compressed EC point.
    EcPointCompressed,
    /// Key algorithm parameters other than the standard demands.
    KeyParameters,
    /// A key algorithm csrlint does not know.
    KeyAlgorithmUnknown,
    // --- names
    /// A PrintableString with characters it must not have.
    PrintableStringCharset,
    /// A name value that its string type does not allow.
    NameValueUndecodable,
    /// A name value without characters.
    NameValueEmpty,
    /// An RDN without attributes.
    RdnEmpty,
    /// An RDN with several attributes.
    RdnMultiValued,
    // --- subject alternative names
    /// A subjectAltName without names.
    SanEmpty,
    /// A subjectAltName that is no GeneralNames.
    SanMalformed,
    /// A GeneralName that cannot be decoded.
    GeneralNameMalformed,
    /// A GeneralName with bytes outside IA5.
    GeneralNameNotIa5,
    /// An iPAddress that is neither 4 nor 16 octets.
    IpLength,
    // --- extensions
    /// An extension that is requested twice.
    ExtensionDuplicate,
    /// An extension value that cannot be decoded.
    ExtensionMalformed,
    /// Bytes after an extension value.
    ExtensionTrailingData,
    /// An extension whose list is empty.
    ExtensionEmpty,
    /// A keyUsage without bits.
    KeyUsageEmpty,
    /// keyUsage bits that exclude each other.
    KeyUsageContradiction,
    /// A pathLenConstraint without cA.
    PathLengthWithoutCa,
    /// A negative pathLenConstraint.
    PathLengthNegative,
    /// nameConstraints without cA.
    NameConstraintsInLeaf,
    /// An unknown extension marked critical.
    ExtensionUnknownCritical,
    // --- attributes
    /// A challengePassword.
    ChallengePassword,
    /// A challengePassword of another form than RFC 2985's.
    ChallengePasswordMalformed,
    /// Another attribute that carries a secret.
    AttributeSecret,
    /// An archived private key.
    ArchivedKey,
    /// Host, user or process names.
    ClientInfo,
    /// A Microsoft enrolment name-value pair.
    EnrollmentNameValue,
    /// An unstructuredName or unstructuredAddress.
    UnstructuredName,
    /// An attestation attribute of another form than its specification's.
    AttestationMalformed,
    /// An attribute csrlint does not know.
    AttributeUnknown,
    // --- templates
    /// A key the tool does not know, and reads past.
    UnknownKey,
    /// A key that is nearly one the tool knows.
    MisspeltKey,
    /// A value that another one with the same key takes the place of.
    ShadowedValue,
    /// Subject alternative names that stand where requests do not take them from.
    SanNotInRequest,
    /// A section, template or resource that is referred to and is not there.
    ReferenceMissing,
    /// Fields of an API version that is gone, or the version itself.
    RemovedApi,
    /// A template the tool refuses or reads otherwise than its author.
    TemplateInvalid,
    /// A value the tool uses where none is written, and that is weak.
    WeakDefault,
    /// The tool asks for values at run time.
    Prompting,
    /// A password or shared secret in the clear.
    InlinePassword,
    /// A private key that ends up where many can read it: in the state, in a stack.
    KeyInState,
    /// A private key that may leave the place it was made in.
    KeyExportable,
    /// One private key for several certificates.
    KeyShared,
    /// An issuing policy that lets the requester decide.
    Passthrough,
    /// A renewal that comes too late, or a lifetime the tool does not take.
    RenewalWindow,
    /// The request and the fields around it say different things.
    EmbeddedMismatch,
    /// A request that is not encoded as its place demands.
    EmbeddedEncoding,
    // --- configuration
    /// A waiver past its date.
    WaiverExpired,
    /// A waiver that no finding needed.
    WaiverUnused,
    /// A waiver that lacks what the policy demands of waivers.
    WaiverTerms,
    /// An entry of the baseline that no finding needed.
    BaselineStale,
    /// Something that says how requests are judged, and was changed by what is being judged.
    GateChanged,
    /// A rule id that does not exist.
    UnknownRule,
    /// An inline ignore without a reason, or one that cannot be read.
    IgnoreWithoutReason,
    /// An inline ignore past its date.
    IgnoreExpired,
    /// An inline ignore that no finding needed.
    IgnoreUnused,
    /// An inline ignore where the policy does not allow it.
    IgnoreNotAllowed,
}

impl DefectKind {
    /// The name in rule files.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// Something that is not as its standard has it, or that is worth knowing, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// What.
    pub kind: DefectKind,
    /// Where.
    pub span: Span,
    /// The logical place (`version`, `attributes[1]`, `subject.CN`), the same whatever the bytes around it.
    pub place: Cow<'static, str>,
    /// One sentence on what was found, without the final full stop.
    pub detail: Cow<'static, str>,
    /// How to mend it, where that is mechanical.
    pub fix: Option<Box<Fix>>,
}

impl Defect {
    /// A defect at a place.
    pub fn new(
        kind: DefectKind,
        span: Span,
        place: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { kind, span, place: place.into(), detail: detail.into(), fix: None }
    }

    /// The same, with its repair.
    #[must_use]
    pub fn with_fix(self, fix: Fix) -> Self {
        Self { fix: Some(Box::new(fix)), ..self }
    }
}
