//! The files of a module, cut once for all that are read with it, and where each name is declared.
//! Nothing is evaluated here. What several files need to know of each other is found once, when the first one asks.
//! A file that is read comes before its siblings, so that what it declares itself is what counts for it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Structure};

use super::{KINDS, MAX_WORK, Module, blocks, named, tls};
use crate::encoding::DefectKind;
use crate::read::structure::hcl::{self, Head};
use crate::read::structure::{Entry, Node, Problem, json};
use crate::read::surroundings::Derived;

/// Bytes that a byte of text takes when it is kept: the text, its blocks, and what is found out about it.
const KEPT_HCL: usize = 6;
/// The same of JSON, which is kept as nodes.
const KEPT_JSON: usize = 24;
/// What comes before the name of a key.
const KEY: &str = "tls_private_key.";

/// A file of a module, cut into blocks.
pub(crate) struct File {
    /// Its name without its folder.
    pub(super) name: String,
    pub(super) text: Arc<str>,
    pub(super) content: Content,
    /// What the cut could not read.
    pub(super) problems: Vec<Problem>,
}

pub(super) enum Content {
    Hcl(Vec<Head>),
    Json(Node),
}

impl File {
    /// A file by its path; the ending tells the syntax.
    pub(crate) fn new(path: &str, text: Arc<str>) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
        if name.ends_with(".json") {
            // Strings hold expressions of Terraform, which the evaluator takes apart.
            let document = json::read_plain(&text);
            // Terraform merges blocks of one name.
            let mut problems = document.problems;
            problems.retain(|problem| problem.kind == DefectKind::TemplateInvalid);
            return Self { name, text, content: Content::Json(document.root), problems };
        }
        let (heads, problems) = hcl::cut(&text);
        Self { name, text, content: Content::Hcl(heads), problems }
    }

    /// The resources that are declared: their types and names.
    fn resources(&self) -> Vec<(&str, &str)> {
        match &self.content {
            Content::Hcl(heads) => {
                let is_resource = |head: &&Head| KINDS.contains(&head.kind(&self.text));
                heads.iter().filter(is_resource).filter_map(|head| head.type_and_name(&self.text)).collect()
            }
            Content::Json(root) => {
                let of_kind = |kind: &&str| named(root, kind);
                let entries = KINDS.iter().flat_map(of_kind);
                entries.map(|(type_entry, entry)| (type_entry.key.as_str(), entry.key.as_str())).collect()
            }
        }
    }

    /// The names of keys that are asked for in OpenSSH's form.
    pub(super) fn ssh_keys(&self) -> impl Iterator<Item = &str> {
        memchr::memmem::find_iter(self.text.as_bytes(), KEY).filter_map(|at| {
            let rest = self.text.get(at + KEY.len()..)?;
            let is_name = |next: char| next.is_alphanumeric() || matches!(next, '_' | '-');
            let (name, rest) = rest.split_at(rest.find(|next| !is_name(next)).unwrap_or(rest.len()));
            let path = rest.split(['\n', ',', ' ', '}']).next()?;
            path.contains("_openssh").then_some(name)
        })
    }
}

impl Derived for File {
    fn size(&self) -> usize {
        match self.content {
            Content::Hcl(_) => self.text.len().saturating_mul(KEPT_HCL),
            Content::Json(_) => self.text.len().saturating_mul(KEPT_JSON),
        }
    }
}

/// What can be named in all of a module, file by file: each name once for each file that declares it.
#[derive(Default)]
pub(super) struct Names {
    pub(super) locals: HashMap<String, Vec<(usize, Local)>>,
    pub(super) variables: HashMap<String, Vec<(usize, Head)>>,
    pub(super) json_variables: HashMap<String, Vec<(usize, Node)>>,
}

/// The value of a local, not evaluated yet.
pub(super) enum Local {
    Hcl { block: Range<usize>, expression: Expression },
    Json(Node),
}

impl Names {
    /// Adds those of a file; `parse` is given its blocks of locals.
    pub(super) fn add(&mut self, number: usize, file: &File, mut parse: impl FnMut(&Head) -> Option<Block>) {
        match &file.content {
            Content::Hcl(heads) => {
                for head in heads {
                    match (head.kind(&file.text), head.labels.len()) {
                        ("locals", 0) => {
                            let Some(block) = parse(head) else { continue };
                            for attribute in block.body.into_attributes() {
                                let (block, expression) = (head.span.clone(), attribute.value);
                                let local = Local::Hcl { block, expression };
                                put(&mut self.locals, attribute.key.as_str(), number, local);
                            }
                        }
                        ("variable", 1) => {
                            if let Some(name) = head.label(&file.text, 0) {
                                put(&mut self.variables, name, number, head.clone());
                            }
                        }
                        _ => {}
                    }
                }
            }
            Content::Json(root) => {
                for entry in blocks(root, "locals").into_iter().flat_map(Node::entries) {
                    put(&mut self.locals, &entry.key, number, Local::Json(entry.value.clone()));
                }
                for entry in blocks(root, "variable").into_iter().flat_map(Node::entries) {
                    put(&mut self.json_variables, &entry.key, number, entry.value.clone());
                }
            }
        }
    }
}

fn put<T>(names: &mut HashMap<String, Vec<(usize, T)>>, name: &str, file: usize, value: T) {
    let known = names.entry(name.to_owned()).or_default();
    if known.last().is_none_or(|(last, _)| *last != file) {
        known.push((file, value));
    }
}

/// The first block of a piece of a file, unless there is no work left for it or it cannot be read.
pub(super) fn parse(text: &str, head: &Head, spend: impl FnOnce(usize) -> bool) -> Result<Option<Block>, Problem> {
    let Some(slice) = text.get(head.span.clone()) else { return Ok(None) };
    // The keys of an object are compared with each other.
    let separators = memchr::memchr2_iter(b'\n', b',', slice.as_bytes()).count();
    if !spend(slice.len() / 64 + separators * separators / 500) {
        return Err(Problem::invalid(head.header.clone(), "the module is too large"));
    }
    Ok(hcl::parse(text, head)?.into_iter().find_map(|structure| match structure {
        Structure::Block(block) => Some(block),
        Structure::Attribute(_) => None,
    }))
}

/// The files of a folder, in order of their names, and what is known of all of them.
#[derive(Default)]
pub(crate) struct Folder {
    pub(super) files: Vec<Arc<File>>,
    /// Files by path.
    by_path: HashMap<String, usize>,
    /// Files by the types and names of resources that they declare.
    resources: HashMap<String, Vec<usize>>,
    /// Files by the names of keys that they ask for in OpenSSH's form.
    ssh_keys: HashMap<String, Vec<usize>>,
    names: OnceLock<Names>,
    users: OnceLock<HashMap<String, Vec<(usize, tls::User)>>>,
    required: OnceLock<Vec<(usize, Vec<Entry>)>>,
}

impl Folder {
    /// `files`: path and text.
    pub(crate) fn new(files: impl Iterator<Item = (String, Arc<str>)>) -> Self {
        let mut folder = Self::default();
        for (number, (path, text)) in files.enumerate() {
            let file = Arc::new(File::new(&path, text));
            for (type_name, name) in file.resources() {
                note(&mut folder.resources, format!("{type_name}.{name}"), number);
            }
            for name in file.ssh_keys() {
                note(&mut folder.ssh_keys, name.to_owned(), number);
            }
            folder.files.push(file);
            folder.by_path.insert(path, number);
        }
        folder
    }

    /// The number of a file.
    pub(super) fn number(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// The files that declare a resource.
    pub(super) fn declaring(&self, type_name: &str, name: &str) -> &[usize] {
        self.resources.get(&format!("{type_name}.{name}")).map_or(&[], Vec::as_slice)
    }

    /// The files that ask for a key in OpenSSH's form.
    pub(super) fn asking_for_ssh(&self, name: &str) -> &[usize] {
        self.ssh_keys.get(name).map_or(&[], Vec::as_slice)
    }

    /// The names of all files.
    pub(super) fn names(&self) -> &Names {
        self.names.get_or_init(|| {
            let mut names = Names::default();
            let mut left = MAX_WORK;
            for (number, file) in self.files.iter().enumerate() {
                names.add(number, file, |head| {
                    let spend = |work| {
                        let rest = left.checked_sub(work);
                        left = rest.unwrap_or(0);
                        rest.is_some()
                    };
                    parse(&file.text, head, spend).ok().flatten()
                });
            }
            names
        })
    }

    /// Who has a key, by the key's name; as each file by itself sees it.
    pub(super) fn users(self: &Arc<Self>) -> &HashMap<String, Vec<(usize, tls::User)>> {
        self.users.get_or_init(|| {
            let mut users: HashMap<_, Vec<_>> = HashMap::new();
            for (number, module) in self.modules(|file| file.resources().iter().any(|(name, _)| tls::is_user(name))) {
                for user in tls::users_in(&module) {
                    users.entry(user.key.name.clone()).or_default().push((number, user));
                }
            }
            users
        })
    }

    /// The entries of `required_providers`.
    pub(super) fn required(self: &Arc<Self>) -> &[(usize, Vec<Entry>)] {
        self.required.get_or_init(|| {
            let modules =
                self.modules(|file| memchr::memmem::find(file.text.as_bytes(), b"required_providers").is_some());
            modules.map(|(number, module)| (number, module.required())).collect()
        })
    }

    /// Each file that may matter, as the first of the module.
    fn modules(self: &Arc<Self>, matters: impl Fn(&File) -> bool) -> impl Iterator<Item = (usize, Module)> {
        let numbered = self.files.iter().enumerate().filter(move |(_, file)| matters(file));
        numbered.map(|(number, file)| (number, Module::new(file.clone(), self.clone(), Some(number))))
    }
}

impl Derived for Folder {
    fn size(&self) -> usize {
        self.files.iter().map(|file| file.size()).sum()
    }
}

fn note(files: &mut HashMap<String, Vec<usize>>, name: String, number: usize) {
    let known = files.entry(name).or_default();
    if known.last() != Some(&number) {
        known.push(number);
    }
}
