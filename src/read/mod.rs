//! Bytes in, artifacts out: one file per input format, and the search for them in any text.
//! Readers decide nothing about good and bad; they record defects and go on.
//! A text may hold text: base64 of PEM in YAML in JSON. Each layer is read with its map, to a fixed depth.

mod ansible;
mod azure;
mod certificate;
mod certmanager;
mod certreq;
mod cfssl;
mod cloudformation;
mod cms;
mod composite;
mod distinguished_name;
mod embedded;
mod extension;
mod formats;
mod go;
mod helm;
mod key;
mod kubernetes;
mod name;
mod openssl;
mod pkcs10;
mod private_key;
mod structure;
mod surroundings;
mod template;
mod terraform;
mod usage;
mod value;

use std::sync::Arc;

use self::template::TemplateText;
use crate::encoding::pem::{self, Block, Style};
use crate::encoding::{Defect, DefectKind, base64};
use crate::request::{Format, Key, Request};
use crate::source::{
    Encoding, FilePath, Layer, Map, SourceFile, Sources, Span, decode_damaged, decode_utf16, detect_encoding,
};

pub use certificate::Certificate;
pub use embedded::{has_marker, may_hold_anything, problem_of_large, search_stream};
pub use private_key::{PrivateKey, PrivateKeyForm, PublicHalf};
pub use surroundings::{Surroundings, Unread};

/// Layers of base64 that are entered.
pub const MAX_LAYERS: u32 = 4;
/// Octets under the label of a private key; a key has no fewer.
const LEAST_PRIVATE_KEY: usize = 32;
/// Artifacts of one file; a file with more is cut there, and says so.
pub const MAX_ARTIFACTS: usize = 20_000;
/// Private keys of one file whose public half is computed: some take milliseconds.
const MAX_PUBLIC_HALVES: usize = 500;

/// Something found in a file.
#[derive(Debug)]
pub enum Artifact {
    /// A request.
    Request(Box<Request>),
    /// Something that claims to be a request and is none.
    Claim(Claim),
    /// A private key; that it is there, and whose.
    PrivateKey(Box<PrivateKey>),
    /// A certificate; only whose key is in it.
    Certificate(Box<Certificate>),
}

/// Something that claims to be a request and cannot be read as one.
#[derive(Debug)]
pub struct Claim {
    /// The way from spans to file bytes.
    pub sources: Sources,
    /// All of it, in the text.
    pub span: Span,
    /// What is wrong.
    pub defects: Vec<Defect>,
}

/// What a file holds.
#[derive(Debug)]
pub struct FileFacts {
    /// The file as a whole.
    pub sources: Sources,
    /// What was found, in order.
    pub artifacts: Vec<Artifact>,
    /// What is wrong or noteworthy about the file itself.
    pub defects: Vec<Defect>,
    /// Other files and folders that were looked at for what is in it.
    pub depends: Vec<FilePath>,
    /// Those of them that are there and were not read, and why: what is not known may be in them.
    pub unread: Vec<Unread>,
}

impl FileFacts {
    /// The requests of the file.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.artifacts.iter().filter_map(|artifact| match artifact {
            Artifact::Request(request) => Some(&**request),
            Artifact::Claim(_) | Artifact::PrivateKey(_) | Artifact::Certificate(_) => None,
        })
    }

    /// Whether there is nothing to judge.
    pub fn is_empty(&self) -> bool {
        self.defects.is_empty() && self.artifacts.is_empty()
    }
}

/// Whether a file is worth reading: the one question that is asked of every file of a tree.
pub fn may_hold_request(path: &FilePath, bytes: &[u8]) -> bool {
    bytes.first() == Some(&0x30)
        || is_named_request(path)
        || may_hold_anything(bytes)
        || matches!(detect_encoding(bytes), Encoding::Utf16 { .. })
}

/// Whether a file is a request by its name.
pub fn is_named_request(path: &FilePath) -> bool {
    has_extension(path, &["csr", "p10"])
}

/// Whether a file that is a request by its name is there as a pointer of Git LFS only (its specification, version 1).
pub fn is_pointer(path: &FilePath, bytes: &[u8]) -> bool {
    let begins = |start: &[u8]| bytes.starts_with(start);
    (begins(b"version https://git-lfs.github.com/spec/") || begins(b"version https://hawser.github.com/spec/"))
        && (is_named_request(path) || has_extension(path, &["req"]))
}

/// Whether a file is there for its PEM blocks, as its name has it: only then is other text in it a thing to mention.
fn is_pem_file(path: &FilePath) -> bool {
    has_extension(path, &["", "csr", "p10", "req", "pem", "crt", "cer", "txt"])
}

fn has_extension(path: &FilePath, extensions: &[&str]) -> bool {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    extensions.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Finds and reads everything in a file that stands by itself. Never fails.
pub fn read(file: Arc<SourceFile>) -> FileFacts {
    read_within(file, &Surroundings::none())
}

/// The same for a file of a tree: templates may refer to others beside them.
pub fn read_within(file: Arc<SourceFile>, around: &Surroundings<'_>) -> FileFacts {
    surroundings::used();
    surroundings::not_read();
    let mut reader = Reader { file: file.clone(), artifacts: Vec::new(), defects: Vec::new() };
    match file.encoding() {
        Encoding::Utf16 { big_endian } => {
            let (text, map) = decode_utf16(&file.bytes, big_endian);
            if has_marker(text.as_bytes()) {
                reader.text(text.as_bytes(), &map, 0);
            }
            reader.templates(&text, &map, around);
            let is_signed =
                |artifact: &Artifact| matches!(artifact, Artifact::Request(request) if request.pkcs10.is_some());
            if reader.artifacts.iter().any(is_signed) {
                reader.defects.push(Defect::new(
                    DefectKind::Utf16,
                    Span::text(0, file.bytes.len().min(2)),
                    "file",
                    "the file is UTF-16",
                ));
            }
        }
        Encoding::Utf8 | Encoding::Binary => {
            let der = reader.der_file(&file.bytes);
            if !der && has_marker(&file.bytes) {
                reader.text(&file.bytes, &Map::identity(), 0);
            }
            if !der && file.encoding() == Encoding::Utf8 {
                match std::str::from_utf8(&file.bytes) {
                    Ok(text) => reader.templates(text, &Map::identity(), around),
                    Err(_) => {
                        let (text, map) = decode_damaged(&file.bytes);
                        reader.templates(&text, &map, around);
                    }
                }
            }
        }
    }
    if !reader.artifacts.iter().any(|artifact| matches!(artifact, Artifact::Request(_) | Artifact::Claim(_))) {
        reader.claim_by_name();
    }
    let facts = reader.file_facts();
    facts.sources.file.takes_from(around.secrets(&facts.depends));
    facts
}

/// The public keys that stand in a file by themselves: PEM blocks, or DER that is all there is. Runs do not look for
/// them; lists of keys are made of them.
pub fn public_keys(bytes: &[u8]) -> Vec<Key> {
    let mut found: Vec<Key> = pem::blocks(bytes)
        .iter()
        .filter(|block| block.label.ends_with("PUBLIC KEY"))
        .filter_map(|block| {
            let decoded = base64::decode(bytes, block.body.clone(), &block.style.body()).bytes;
            key::standalone(&decoded, block.label.starts_with("RSA "))
        })
        .collect();
    found.extend(key::standalone(bytes, false));
    found
}

struct Reader {
    file: Arc<SourceFile>,
    artifacts: Vec<Artifact>,
    defects: Vec<Defect>,
}

impl Reader {
    fn sources(&self, content: Map, text: Map) -> Sources {
        Sources::new(self.file.clone(), content, text)
    }

    /// Whether the file can be one of something else: one that is called a request stays one, whatever is in it.
    fn may_embed(&self) -> bool {
        !has_extension(&self.file.path, &["csr", "p10", "req", "pem", "der", "crt", "cer"])
    }

    fn push(&mut self, artifact: Artifact) {
        if self.artifacts.len() < MAX_ARTIFACTS {
            self.artifacts.push(artifact);
        } else if self.artifacts.len() == MAX_ARTIFACTS {
            self.push_too_many();
        }
    }

    fn push_too_many(&mut self) {
        let detail = format!("more than {MAX_ARTIFACTS} requests in one file; the rest was not read");
        let sources = self.sources(Map::identity(), Map::identity());
        let span = Span::text(0, 0);
        self.artifacts.push(Artifact::Claim(Claim {
            sources,
            span,
            defects: vec![Defect::new(DefectKind::TooDeep, span, "file", detail)],
        }));
    }

    /// A file that is one DER structure. Returns whether it was taken.
    fn der_file(&mut self, bytes: &[u8]) -> bool {
        let kind = value::sniff_der(bytes);
        let identity = Map::identity();
        match kind {
            value::Der::Request => self.request(
                bytes,
                Found {
                    content: identity.clone(),
                    text: identity,
                    span: Span::text(0, bytes.len()),
                    format: Format::Der,
                    embedded: false,
                    defects: Vec::new(),
                },
            ),
            value::Der::SignedData => return self.cms(bytes, &identity, &identity, Span::text(0, bytes.len()), false),
            value::Der::CertReqMessages => self.crmf(&identity, &identity, Span::text(0, bytes.len())),
            value::Der::Certificate => {
                return self.certificate(bytes, &identity, &identity, Span::text(0, bytes.len()));
            }
            value::Der::PrivateKey => {
                return self.private_key_der(bytes, &identity, &identity, Span::text(0, bytes.len().min(1)), false);
            }
            _ => return false,
        }
        true
    }

    fn certificate(&mut self, der: &[u8], content: &Map, text: &Map, span: Span) -> bool {
        let found = certificate::read(der, self.sources(content.clone(), text.clone()), span);
        found.map(|certificate| self.push(Artifact::Certificate(Box::new(certificate)))).is_some()
    }

    /// DER or base64 of it, without a label: taken only where it is a private key beyond doubt.
    fn private_key_der(&mut self, der: &[u8], content: &Map, text: &Map, span: Span, embedded: bool) -> bool {
        let found = private_key::der(der).filter(|(form, public)| public.is_some() || form.is_encrypted());
        found
            .map(|(form, public)| {
                self.private_key(form, public, self.sources(content.clone(), text.clone()), span, embedded)
            })
            .is_some()
    }

    fn private_key(
        &mut self,
        form: PrivateKeyForm,
        public: Option<PublicHalf>,
        sources: Sources,
        span: Span,
        embedded: bool,
    ) {
        let number = self.private_keys().count();
        let key = PrivateKey { sources, span, form, public, embedded, number };
        self.push(Artifact::PrivateKey(Box::new(key)));
    }

    fn private_keys(&self) -> impl Iterator<Item = &PrivateKey> {
        self.artifacts.iter().filter_map(|artifact| match artifact {
            Artifact::PrivateKey(key) => Some(&**key),
            _ => None,
        })
    }

    fn request(&mut self, bytes: &[u8], found: Found) {
        let number = self.artifacts.len() + 1;
        let artifact = pkcs10::read(bytes, found, &self.file, number);
        self.push(artifact);
    }

    fn claim(&mut self, content: Map, text: Map, span: Span, defects: Vec<Defect>) {
        let sources = self.sources(content, text);
        self.push(Artifact::Claim(Claim { sources, span, defects }));
    }

    fn crmf(&mut self, content: &Map, text: &Map, span: Span) {
        let detail = "a CRMF certificate request message (RFC 4211), not PKCS#10; csrlint does not judge it";
        self.claim(content.clone(), text.clone(), span, vec![Defect::new(DefectKind::IsCrmf, span, "file", detail)]);
    }

    /// Reads every PKCS#10 request inside a CMS message; tells whether there was one.
    fn cms(&mut self, bytes: &[u8], content: &Map, text: &Map, span: Span, embedded: bool) -> bool {
        let inner = cms::requests(bytes);
        for range in &inner {
            let Some(der) = bytes.get(range.clone()) else { continue };
            let detail = "the request stands inside a CMS (PKCS#7) message; the request itself is linted";
            let defect = Defect::new(DefectKind::CmsWrapped, span, "file", detail);
            let content = content.under(Layer::Offset(range.start));
            self.request(
                der,
                Found { content, text: text.clone(), span, format: Format::Cms, embedded, defects: vec![defect] },
            );
        }
        !inner.is_empty()
    }

    /// Templates in the text of the file.
    fn templates(&mut self, text: &str, map: &Map, around: &Surroundings<'_>) {
        let sources = self.sources(map.clone(), map.clone());
        let path = self.file.path.clone();
        let mut found = std::mem::take(&mut self.artifacts);
        formats::read(&TemplateText { text, path: &path, sources }, around, &mut found);
        self.artifacts = found;
        if self.artifacts.len() > MAX_ARTIFACTS {
            self.artifacts.truncate(MAX_ARTIFACTS);
            self.push_too_many();
        }
    }

    /// Searches one layer of text.
    fn text(&mut self, text: &[u8], map: &Map, layers: u32) {
        let blocks = pem::blocks(text);
        let outside = Outside::of(text, &blocks);
        let mut at = 0;
        for block in &blocks {
            let range = block.range();
            self.base64_strings(text, at..range.start, map, layers);
            self.block(text, block, map, layers, &outside);
            at = range.end;
        }
        self.base64_strings(text, at..text.len(), map, layers);
    }

    fn block(&mut self, text: &[u8], block: &Block, map: &Map, layers: u32, outside: &Outside) {
        let decode = || base64::decode(text, block.body.clone(), &block.style.body());
        let span = Span::text(block.range().start, block.range().end);
        // An indented block that is all there is in a file is a badly made request file.
        let embedded = self.may_embed()
            && (layers > 0
                || block.style != Style::Lines
                || !block.at_line_start
                || (block.indent > 0 && !outside.only_blocks));
        if block.label.ends_with("PRIVATE KEY") {
            let decoded = decode();
            let octets = &decoded.bytes;
            if octets.len() >= LEAST_PRIVATE_KEY {
                let encrypted = block.headers.as_ref().is_some_and(|headers| {
                    memchr::memmem::find(text.get(headers.clone()).unwrap_or_default(), b"ENCRYPTED").is_some()
                });
                let (form, public) = if self.private_keys().count() < MAX_PUBLIC_HALVES {
                    private_key::labelled(&block.label, encrypted, octets)
                } else {
                    (PrivateKeyForm::Other, None)
                };
                // Documentation abridges keys, too; what can be read as a key is one all the same.
                let opaque = matches!(form, PrivateKeyForm::Other | PrivateKeyForm::EncryptedTraditional);
                if opaque && !is_claim(text, block, &decoded, outside) {
                    return;
                }
                let begin = Span::text(block.begin.start, block.begin.end);
                self.private_key(form, public, self.sources(map.clone(), map.clone()), begin, embedded);
            }
            return;
        }
        if block.label.ends_with("CERTIFICATE") {
            let decoded = decode();
            if value::sniff_der(&decoded.bytes) == value::Der::Certificate {
                self.certificate(&decoded.bytes, map, map, span);
                return;
            }
        }
        let claims = block.label.ends_with("CERTIFICATE REQUEST");
        if !claims && value::sniff_der(&embedded::head(text, block.body.clone(), &block.style)) == value::Der::Unknown {
            return;
        }
        let decoded = decode();
        let content = map.under(Layer::Base64(decoded.characters.clone()));
        let kind = value::sniff_der(&decoded.bytes);
        if claims && kind == value::Der::Unknown && !is_claim(text, block, &decoded, outside) {
            return;
        }
        match kind {
            value::Der::SignedData if self.cms(&decoded.bytes, &content, map, span, embedded) => return,
            value::Der::CertReqMessages => return self.crmf(&content, map, span),
            value::Der::Request => {}
            _ if !claims => return,
            _ => {}
        }
        let mut defects = armour_defects(text, block, claims, &decoded, outside);
        if !is_pem_file(&self.file.path) {
            defects.retain(|defect| defect.kind != DefectKind::ExplanatoryText);
        }
        if decoded.bytes.is_empty() {
            let detail = format!("the block between BEGIN {0} and END {0} holds no base64", block.label);
            defects.push(Defect::new(DefectKind::Undecodable, span, "pem", detail));
            return self.claim(map.clone(), map.clone(), span, defects);
        }
        self.request(
            &decoded.bytes,
            Found { content, text: map.clone(), span, format: Format::Pem, embedded, defects },
        );
    }

    /// Base64 that stands in the text without armour.
    fn base64_strings(&mut self, text: &[u8], range: std::ops::Range<usize>, map: &Map, layers: u32) {
        if layers >= MAX_LAYERS {
            if let Some(string) = embedded::strings(text, range).first() {
                let span = Span::text(string.range.start, string.range.end);
                let detail = format!("base64 in base64, more than {MAX_LAYERS} layers deep; not entered");
                let defects = vec![Defect::new(DefectKind::TooDeep, span, "file", detail)];
                self.claim(map.clone(), map.clone(), span, defects);
            }
            return;
        }
        for string in embedded::strings(text, range) {
            let decoded = base64::decode(text, string.range.clone(), &string.style.body());
            let content = map.under(Layer::Base64(decoded.characters.clone()));
            let span = Span::text(string.range.start, string.range.end);
            match string.kind {
                value::Der::Request => {
                    let mut defects = base64_defects(&decoded, string.range.clone());
                    // In a file of something else a request stands behind a key, in quotes or indented.
                    let before = string.range.start.checked_sub(1).and_then(|before| text.get(before));
                    let at_line_start = layers == 0 && before.is_none_or(|byte| *byte == b'\n');
                    let bare = layers == 0
                        && text.get(..string.range.start).is_some_and(|before| before.trim_ascii().is_empty());
                    if bare {
                        defects.push(Defect::new(
                            DefectKind::BareBase64,
                            span,
                            "pem",
                            "base64 without BEGIN and END lines",
                        ));
                    }
                    self.request(
                        &decoded.bytes,
                        Found {
                            content,
                            text: map.clone(),
                            span,
                            format: Format::Base64,
                            embedded: self.may_embed() && !at_line_start,
                            defects,
                        },
                    );
                }
                value::Der::SignedData => {
                    self.cms(&decoded.bytes, &content, map, span, self.may_embed());
                }
                value::Der::Certificate => {
                    self.certificate(&decoded.bytes, &content, map, span);
                }
                value::Der::PrivateKey => {
                    if self.private_keys().count() < MAX_PUBLIC_HALVES {
                        let start = Span::text(string.range.start, string.range.start + 1);
                        self.private_key_der(&decoded.bytes, &content, map, start, self.may_embed());
                    }
                }
                _ => {
                    let before = self.artifacts.len();
                    self.text(&decoded.bytes, &content, layers + 1);
                    // What is wrong with the outer base64 belongs to what it carries.
                    let outer = base64_defects(&decoded, string.range.clone());
                    if !outer.is_empty() && self.artifacts.len() > before {
                        self.claim(content, map.clone(), span, outer);
                    }
                }
            }
        }
    }

    /// A file that is called a request by its name, looks as if it were one, and holds none.
    fn claim_by_name(&mut self) {
        if !is_named_request(&self.file.path) {
            return;
        }
        let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"];
        let bytes =
            marks.iter().find_map(|mark| self.file.bytes.strip_prefix(*mark)).unwrap_or(&self.file.bytes).trim_ascii();
        let detail = match value::sniff_der(bytes) {
            _ if bytes.is_empty() => "the file is empty".to_owned(),
            kind @ (value::Der::Certificate | value::Der::PrivateKey | value::Der::Crl | value::Der::SignedData) => {
                format!("the file holds {}, not a request", kind.name())
            }
            _ if memchr::memmem::find(bytes, b"-----BEGIN ").is_some() => {
                let label = pem::blocks(bytes).into_iter().next().map(|block| block.label).unwrap_or_default();
                format!("the file holds a block BEGIN {label}, and no request")
            }
            _ if bytes.first() == Some(&0x30) => "the file looks like DER, but is no CertificationRequest".to_owned(),
            _ if bytes
                .iter()
                .all(|byte| base64::value(*byte).is_some() || byte.is_ascii_whitespace() || *byte == b'=') =>
            {
                "the file is base64, but not of a request".to_owned()
            }
            // Other things are called .csr too (matrices, cell libraries); no claim is read into them.
            _ => return,
        };
        let span = Span::text(0, self.file.bytes.len());
        self.claim(
            Map::identity(),
            Map::identity(),
            span,
            vec![Defect::new(DefectKind::Undecodable, span, "file", detail)],
        );
    }

    fn file_facts(mut self) -> FileFacts {
        let pem_requests: Vec<Span> = self
            .artifacts
            .iter()
            .filter_map(|artifact| match artifact {
                Artifact::Request(request) if request.origin.format == Format::Pem && !request.origin.embedded => {
                    Some(request.origin.span)
                }
                _ => None,
            })
            .collect();
        if let [_, second, ..] = pem_requests.as_slice()
            && is_pem_file(&self.file.path)
        {
            let detail = format!("the file holds {} requests; most tools read the first only", pem_requests.len());
            self.defects.push(Defect::new(DefectKind::SeveralRequests, *second, "file", detail));
        }
        let text = match self.file.encoding() {
            Encoding::Utf16 { big_endian } => decode_utf16(&self.file.bytes, big_endian).1,
            Encoding::Utf8 | Encoding::Binary => Map::identity(),
        };
        let sources = self.sources(Map::identity(), text);
        let (depends, unread) = (surroundings::used(), surroundings::not_read());
        FileFacts { sources, artifacts: self.artifacts, defects: self.defects, depends, unread }
    }
}

/// Where and how the bytes of a request were found.
pub(crate) struct Found {
    pub(crate) content: Map,
    pub(crate) text: Map,
    pub(crate) span: Span,
    pub(crate) format: Format,
    pub(crate) embedded: bool,
    pub(crate) defects: Vec<Defect>,
}

/// What else stands in the text around the blocks.
struct Outside {
    only_blocks: bool,
    first_outside: Option<std::ops::Range<usize>>,
    starts_with_mark: bool,
}

impl Outside {
    fn of(text: &[u8], blocks: &[Block]) -> Self {
        let starts_with_mark = text.starts_with(b"\xEF\xBB\xBF");
        let mut at = if starts_with_mark { 3 } else { 0 };
        let mut first_outside = None;
        let ends = blocks.iter().map(Block::range).chain(std::iter::once(text.len()..text.len()));
        for range in ends {
            let gap = text.get(at..range.start).unwrap_or_default();
            let trimmed = gap.trim_ascii();
            if !trimmed.is_empty() && first_outside.is_none() {
                let start = at + gap.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                first_outside = Some(start..start + trimmed.len());
            }
            at = range.end;
        }
        Self { only_blocks: first_outside.is_none(), first_outside, starts_with_mark }
    }
}

/// Whether a block with a request's label means to hold one, and is not documentation or source code that speaks of it.
fn is_claim(text: &[u8], block: &Block, decoded: &base64::Decoded, outside: &Outside) -> bool {
    let body = text.get(block.body.clone()).unwrap_or_default();
    // A file of nothing but blocks is a PEM file, whatever is in them: a stray character is no sign of documentation.
    if outside.only_blocks && block.at_line_start && block.end.is_some() && block.style == Style::Lines {
        return true;
    }
    let elided = ["...", "\u{2026}", "<", "[", "{", "$", "%", "xxxxx", "XXXXX", "***"]
        .iter()
        .any(|mark| memchr::memmem::find(body, mark.as_bytes()).is_some());
    if elided {
        return false;
    }
    let starts_as_der = decoded.bytes.first() == Some(&0x30) && decoded.bytes.len() >= 8;
    starts_as_der || body.split(|byte| base64::value(*byte).is_none()).any(|run| run.len() >= 40)
}

fn armour_defects(
    text: &[u8],
    block: &Block,
    claims: bool,
    decoded: &base64::Decoded,
    outside: &Outside,
) -> Vec<Defect> {
    use DefectKind as Kind;
    let mut defects = Vec::new();
    let mut record = |kind, range: std::ops::Range<usize>, detail: String| {
        defects.push(Defect::new(kind, Span::text(range.start, range.end), "pem", detail))
    };
    if !claims {
        record(
            Kind::WrongLabel,
            block.begin.clone(),
            format!("the block says {} and holds a certification request", block.label),
        );
    } else if block.label.starts_with("NEW") {
        record(Kind::NewLabel, block.begin.clone(), "the label is NEW CERTIFICATE REQUEST".to_owned());
    }
    for (range, problem) in &block.malformed {
        record(Kind::MalformedBoundary, range.clone(), (*problem).to_owned());
    }
    match &block.end {
        None => record(Kind::MissingEnd, block.begin.clone(), format!("there is no END {} line", block.label)),
        Some((range, label)) if *label != block.label => {
            record(Kind::LabelMismatch, range.clone(), format!("BEGIN says {}, END says {label}", block.label))
        }
        Some(_) => {}
    }
    if let Some(headers) = &block.headers {
        record(Kind::Headers, headers.clone(), "header lines stand inside the block".to_owned());
    }
    if block.style == Style::Lines && block.at_line_start {
        if block.indent > 0 && outside.only_blocks {
            record(Kind::Indented, block.begin.clone(), format!("the block is indented by {} blanks", block.indent));
        }
        if outside.starts_with_mark
            && text.get(3..block.begin.start).is_some_and(|before| before.trim_ascii().is_empty())
        {
            record(Kind::ByteOrderMark, 0..3, "a byte order mark stands before BEGIN".to_owned());
        }
        if let Some(outside) = &outside.first_outside {
            record(Kind::ExplanatoryText, outside.clone(), "text stands outside of the block".to_owned());
        }
        if let Some((range, width)) = block.odd_line(text) {
            record(Kind::LineWidth, range, format!("a line of {width} characters; RFC 7468 has 64"));
        }
    }
    defects.extend(base64_defects(decoded, block.body.clone()));
    defects
}

fn base64_defects(decoded: &base64::Decoded, body: std::ops::Range<usize>) -> Vec<Defect> {
    let mut defects = Vec::new();
    if let Some(first) = decoded.invalid.first() {
        let count = decoded.invalid.len();
        let detail = match count {
            1 => "a character that is not base64".to_owned(),
            base64::MAX_INVALID => format!("{count} or more characters that are not base64; this is the first"),
            _ => format!("{count} characters that are not base64; this is the first"),
        };
        defects.push(Defect::new(DefectKind::InvalidCharacter, Span::text(*first, first + 1), "pem", detail));
    }
    if let Some((range, problem)) = &decoded.padding {
        let range = if range.is_empty() { body } else { range.clone() };
        defects.push(Defect::new(DefectKind::BadPadding, Span::text(range.start, range.end), "pem", *problem));
    }
    defects
}
