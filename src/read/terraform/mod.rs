//! Terraform and OpenTofu: the resources of a file, with every value that its module states.
//! Which resources matter, and what their arguments mean, is not known here.
//! Values of `*.tfvars` are not applied: which of them a plan uses is decided on the command line.

mod acme;
mod aws;
mod azure;
mod evaluate;
mod folder;
mod functions;
mod google;
mod parts;
mod read;
mod tls;
mod vault;
mod venafi;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::Block;
use hcl_edit::{Span as _, parser};

use self::evaluate::{Context, Scope};
use self::folder::{Content, File, Folder, Local, Names};
use crate::read::structure::hcl::{self, Head};
use crate::read::structure::{Entry, Members, Node, Problem, Value};

pub(in crate::read) use self::read::{MARKS, read};

/// Instances of a file's resources that are read.
const MAX_INSTANCES: usize = 1_000;
/// Instances by `count` that are read one by one.
const MAX_COUNT: usize = 10;
/// Steps of work for a module; a node that is made or copied is one.
const MAX_WORK: usize = 500_000;

/// The types of block that declare a resource.
const KINDS: &[&str] = &["resource", "data", "ephemeral"];
/// Roots of names that are no resources.
const ROOTS: &[&str] = &["local", "var", "each", "count", "path", "terraform", "module", "self", "provider"];
/// Functions whose result is one of their arguments, or as good as that.
const TRANSPARENT: &[&str] =
    &["chomp", "coalesce", "element", "join", "nonsensitive", "one", "sensitive", "trimspace", "try"];

/// A module: a file that is being read, which is number 0, and its folder, whose files have the numbers from 1 on.
pub(crate) struct Module {
    first: Arc<File>,
    folder: Arc<Folder>,
    /// Where the file that is read stands in the folder.
    here: Option<usize>,
    /// The names of the file that is read; those of others are its folder's.
    names: OnceCell<Names>,
    /// Locals and defaults that were asked for; nothing, while one is being evaluated.
    known: RefCell<HashMap<String, Option<Placed>>>,
    work: Cell<usize>,
    /// Something was named that cannot exist; for `try`.
    failed: Cell<bool>,
    problems: RefCell<Vec<Problem>>,
}

/// A resource, data source or ephemeral resource; one of its instances, where they are known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resource {
    /// `resource`, `data` or `ephemeral`.
    pub(crate) kind: &'static str,
    /// `tls_private_key`
    pub(crate) type_name: String,
    /// `web`
    pub(crate) name: String,
    /// What tells it from other instances: `0`, `"blue"` with its quotes.
    pub(crate) instance: Option<String>,
    /// All of the block.
    pub(crate) span: Range<usize>,
    /// From the block's type to its last label.
    pub(crate) header_span: Range<usize>,
    /// The label with the type.
    pub(crate) type_span: Range<usize>,
    /// Its arguments, a mapping with the braces as its span. A nested block is an entry each time it is written, so that
    /// one name may occur several times: see [`blocks`].
    pub(crate) body: Node,
}

/// What an expression names of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// `resource`, `data` or `ephemeral`.
    pub(crate) kind: &'static str,
    /// `tls_private_key`
    pub(crate) type_name: String,
    /// `web`
    pub(crate) name: String,
    /// As [`Resource::instance`], where it is known.
    pub(crate) instance: Option<String>,
    /// `private_key_pem`; what follows it is joined by dots. Empty, where all of the resource is named.
    pub(crate) attribute: String,
}

/// A version of a provider, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProviderVersion {
    /// `4.0.5`
    pub(crate) version: String,
    /// `.terraform.lock.hcl:4`
    pub(crate) from: String,
}

/// A value, and the file it stands in.
type Placed = (Rc<Node>, usize);

/// What the instances of a resource have in common.
struct Declaration<'d> {
    kind: &'static str,
    type_name: &'d str,
    name: &'d str,
    span: Range<usize>,
    header_span: Range<usize>,
    type_span: Range<usize>,
}

impl Module {
    /// `here` is the place of the first file in its folder, if it stands in one.
    pub(crate) fn new(first: Arc<File>, folder: Arc<Folder>, here: Option<usize>) -> Self {
        let problems = RefCell::new(first.problems.clone());
        Self {
            first,
            folder,
            here,
            names: OnceCell::new(),
            known: RefCell::default(),
            work: Cell::new(MAX_WORK),
            failed: Cell::new(false),
            problems,
        }
    }

    /// The resources of the first file whose type is wanted, in order, instance by instance.
    pub(crate) fn resources(&self, wanted: impl Fn(&str) -> bool) -> Vec<Resource> {
        let mut resources = Vec::new();
        self.declared(0, &|type_name, _| wanted(type_name), &mut resources);
        resources
    }

    /// The resource that is named, wherever the module declares it; of several instances the first, if none is named.
    /// One of another file stands at `at`, and its values come from there.
    pub(crate) fn find(&self, reference: &Reference, at: &Range<usize>) -> Option<Resource> {
        let wanted =
            |type_name: &str, name: &str| type_name == reference.type_name.as_str() && name == reference.name.as_str();
        let others = self.folder.declaring(&reference.type_name, &reference.name).iter().filter_map(|n| self.other(*n));
        std::iter::once(0).chain(others).find_map(|file| {
            let mut resources = Vec::new();
            self.declared(file, &wanted, &mut resources);
            resources.retain(|resource| resource.kind == reference.kind);
            let index = resources
                .iter()
                .position(|resource| reference.instance.is_some() && resource.instance == reference.instance)
                .or(reference.instance.is_none().then_some(0))
                .or(resources.iter().position(|resource| resource.instance.is_none()))?;
            let resource = resources.into_iter().nth(index)?;
            if file == 0 {
                return Some(resource);
            }
            let from = format!("{}, {}", resource.address(), self.place(file, resource.span.start));
            let body = self.relocate(&resource.body, at, &from, 0);
            Some(Resource { span: at.clone(), header_span: at.clone(), type_span: at.clone(), body, ..resource })
        })
    }

    /// The blocks at the top of the first file; JSON has none.
    fn heads(&self) -> &[Head] {
        match &self.first.content {
            Content::Hcl(heads) => heads,
            Content::Json(_) => &[],
        }
    }

    /// What could not be read of the first file, as far as it was looked at.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        self.problems.borrow().clone()
    }

    /// What a value refers to, and whether it stands in the first file.
    pub(crate) fn target(&self, node: &Node) -> Option<(Reference, Resource, bool)> {
        let named = reference(node)?;
        let resource = self.find(&named, &node.span)?;
        let is_here = resource.header_span != node.span;
        Some((named, resource, is_here))
    }

    /// Whether anything of the module asks for a key in OpenSSH's form.
    pub(crate) fn is_for_ssh(&self, name: &str) -> bool {
        let elsewhere = || self.folder.asking_for_ssh(name).iter().any(|number| self.other(*number).is_some());
        self.first.ssh_keys().any(|key| key == name) || elsewhere()
    }

    /// Who in other files has a key of this name.
    fn users_elsewhere(&self, name: &str) -> impl Iterator<Item = &tls::User> {
        let users = self.folder.users().get(name).map_or(&[][..], Vec::as_slice);
        users.iter().filter(|(number, _)| self.other(*number).is_some()).map(|(_, user)| user)
    }

    /// The version of a provider (`hashicorp/tls`) that the lock file holds, or that the module asks for exactly.
    pub(crate) fn provider_version(&self, lock: Option<&File>, source: &str) -> Option<ProviderVersion> {
        lock.and_then(|lock| locked_version(lock, source)).or_else(|| {
            let asked = |file: usize, entries: &[Entry]| {
                let constraint = entries.iter().find_map(|entry| constraint_of(entry, source))?;
                let version = exact(constraint.str()?)?;
                Some(ProviderVersion { version, from: self.place(file, constraint.span.start) })
            };
            let mut others = self.folder.required().iter();
            asked(0, &self.required())
                .or_else(|| others.find_map(|(number, entries)| asked(self.other(*number)?, entries)))
        })
    }

    /// The entries of `required_providers` in the first file.
    fn required(&self) -> Vec<Entry> {
        let terraform = self.top_blocks("terraform");
        let required = terraform.iter().flat_map(|block| blocks(block, "required_providers"));
        required.flat_map(Node::entries).cloned().collect()
    }

    fn declared(&self, file: usize, wanted: &dyn Fn(&str, &str) -> bool, resources: &mut Vec<Resource>) {
        let Some((text, content)) = self.content(file) else { return };
        match content {
            Content::Hcl(heads) => {
                for head in heads {
                    let kind = KINDS.iter().find(|kind| **kind == head.kind(text));
                    let (Some(kind), Some((type_name, name))) = (kind, head.type_and_name(text)) else {
                        continue;
                    };
                    if !wanted(type_name, name) {
                        continue;
                    }
                    let declaration = Declaration {
                        kind,
                        type_name,
                        name,
                        span: head.span.clone(),
                        header_span: head.header.clone(),
                        type_span: head.labels.first().cloned().unwrap_or_else(|| head.header.clone()),
                    };
                    let Some(block) = self.parse(file, text, head) else { continue };
                    let slice = text.get(head.span.clone()).unwrap_or_default();
                    let meta = |name: &str| {
                        let attribute = block.body.get_attribute(name)?;
                        Some(self.expression(&attribute.value, Context::new(file, slice, head.span.start, None)))
                    };
                    let make = |scope: Option<&Scope<'_>>| {
                        let cx = Context::new(file, slice, head.span.start, scope);
                        self.body(&block.body, cx, head.brace..head.span.end)
                    };
                    self.instances(&declaration, meta("count"), meta("for_each"), make, resources);
                }
            }
            Content::Json(root) => {
                for kind in KINDS {
                    for (type_entry, entry) in named(root, kind) {
                        if !wanted(&type_entry.key, &entry.key) {
                            continue;
                        }
                        for body in objects(&entry.value) {
                            let declaration = Declaration {
                                kind,
                                type_name: &type_entry.key,
                                name: &entry.key,
                                span: entry.key_span.start..body.span.end,
                                header_span: entry.key_span.clone(),
                                type_span: type_entry.key_span.clone(),
                            };
                            let meta = |name: &str| Some(self.json(body.get(name)?, Context::new(file, "", 0, None)));
                            let make = |scope: Option<&Scope<'_>>| self.json(body, Context::new(file, "", 0, scope));
                            self.instances(&declaration, meta("count"), meta("for_each"), make, resources);
                        }
                    }
                }
            }
        }
    }

    fn instances(
        &self,
        declaration: &Declaration<'_>,
        count: Option<Node>,
        for_each: Option<Node>,
        make: impl Fn(Option<&Scope<'_>>) -> Node,
        resources: &mut Vec<Resource>,
    ) {
        let mut push = |instance: Option<String>, scope: Option<&Scope<'_>>| {
            if resources.len() >= MAX_INSTANCES {
                let text = format!("only the first {MAX_INSTANCES} instances are read");
                self.problem(0, Problem::invalid(declaration.header_span.clone(), text));
                return false;
            }
            resources.push(Resource {
                kind: declaration.kind,
                type_name: declaration.type_name.to_owned(),
                name: declaration.name.to_owned(),
                instance,
                span: declaration.span.clone(),
                header_span: declaration.header_span.clone(),
                type_span: declaration.type_span.clone(),
                body: make(scope),
            });
            true
        };
        if let Some(count) = count {
            match count.str().and_then(|count| count.parse::<usize>().ok()) {
                // A module that is switched off by default is meant to be switched on.
                Some(0) if !evaluate::is_default(&count) => return,
                Some(number @ 1..=MAX_COUNT) => {
                    for index in 0..number {
                        let key = Node { span: count.span.clone(), value: index_value(index) };
                        let entry = Entry { key: "index".to_owned(), key_span: count.span.clone(), value: key };
                        let members = Members { seen: vec![entry], open: Vec::new() };
                        let value = Node { span: count.span.clone(), value: Value::Mapping(members) };
                        let scope = Scope { name: "count", value: &value, outer: None };
                        if !push(Some(index.to_string()), Some(&scope)) {
                            return;
                        }
                    }
                    return;
                }
                _ => {}
            }
        } else if let Some(collection) = for_each {
            let pairs = evaluate::pairs(&collection);
            if !pairs.is_empty() || collection.open().is_empty() {
                for (key, value) in pairs {
                    let instance = key.str().map(|key| format!("{key:?}"));
                    let value = evaluate::each(key, value);
                    if !push(instance, Some(&Scope { name: "each", value: &value, outer: None })) {
                        return;
                    }
                }
                return;
            }
        }
        push(None, None);
    }

    // --- files

    fn file(&self, file: usize) -> Option<&File> {
        match file.checked_sub(1) {
            None => Some(&self.first),
            Some(number) => self.folder.files.get(number).map(Arc::as_ref),
        }
    }

    /// The number of a file of the folder, unless it is the one that is read.
    fn other(&self, number: usize) -> Option<usize> {
        (self.here != Some(number)).then_some(number + 1)
    }

    fn content(&self, file: usize) -> Option<(&str, &Content)> {
        self.file(file).map(|file| (&*file.text, &file.content))
    }

    fn problem(&self, file: usize, problem: Problem) {
        let mut problems = self.problems.borrow_mut();
        if file == 0 && problems.len() < hcl::MAX_PROBLEMS && !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    fn parse(&self, file: usize, text: &str, head: &Head) -> Option<Block> {
        folder::parse(text, head, |work| self.spend(work)).unwrap_or_else(|problem| {
            self.problem(file, problem);
            None
        })
    }

    /// All blocks of a type that takes no labels in the first file, as mappings.
    fn top_blocks(&self, kind: &str) -> Vec<Node> {
        let text = &*self.first.text;
        match &self.first.content {
            Content::Hcl(heads) => heads
                .iter()
                .filter(|head| head.kind(text) == kind)
                .filter_map(|head| {
                    let block = self.parse(0, text, head)?;
                    let cx = Context::new(0, text.get(head.span.clone())?, head.span.start, None);
                    Some(self.body(&block.body, cx, head.brace..head.span.end))
                })
                .collect(),
            Content::Json(root) => blocks(root, kind).into_iter().cloned().collect(),
        }
    }

    /// `main.tf:7`
    fn place(&self, file: usize, offset: usize) -> String {
        self.file(file).map_or_else(String::new, |file| place(&file.name, &file.text, offset))
    }

    /// Whether there is work left; it is taken.
    fn spend(&self, work: usize) -> bool {
        let left = self.work.get().checked_sub(work);
        self.work.set(left.unwrap_or(0));
        left.is_some()
    }

    // --- names

    fn names(&self) -> &Names {
        self.names.get_or_init(|| {
            let mut names = Names::default();
            names.add(0, &self.first, |head| self.parse(0, &self.first.text, head));
            names
        })
    }

    /// What declares a name: the file that is read, or else the first of the others.
    fn declaration<'s, T>(
        &'s self,
        name: &str,
        names: impl Fn(&'s Names) -> &'s HashMap<String, Vec<(usize, T)>>,
    ) -> Option<(usize, &'s T)> {
        let own = names(self.names()).get(name).and_then(|own| own.first()).map(|(_, own)| (0, own));
        own.or_else(|| {
            let others = names(self.folder.names()).get(name)?;
            others.iter().find_map(|(number, value)| Some((self.other(*number)?, value)))
        })
    }

    /// A local's value and its file.
    fn local(&self, name: &str, depth: u32) -> Option<Placed> {
        self.remembered(format!("local.{name}"), || match self.declaration(name, |names| &names.locals)? {
            (file, Local::Hcl { block, expression }) => {
                let text = self.file(file)?.text.get(block.clone())?;
                let cx = Context::new(file, text, block.start, None).deeper(depth + 1);
                Some((self.expression(expression, cx), file))
            }
            (file, Local::Json(node)) => {
                Some((self.json(node, Context::new(file, "", 0, None).deeper(depth + 1)), file))
            }
        })
    }

    /// A variable's default and its file. Nothing is known of a sensitive variable, nor of one whose default is empty:
    /// that is how a module says that it wants to be told.
    fn variable(&self, name: &str, depth: u32) -> Option<Placed> {
        self.remembered(format!("var.{name}"), || {
            let (file, body) = match self.declaration(name, |names| &names.variables) {
                Some((file, head)) => {
                    let text = &*self.file(file)?.text;
                    let block = self.parse(file, text, head)?;
                    let slice = text.get(head.span.clone())?;
                    let cx = Context::new(file, slice, head.span.start, None).deeper(depth + 1);
                    // Its type is written like an expression and is none.
                    let fills = block.body.get_attribute("type").and_then(|a| slice.get(a.value.span()?));
                    let mut body = self.body(&block.body, cx, head.brace..head.span.end);
                    leave_open(&mut body, fills);
                    (file, body)
                }
                None => {
                    let (file, body) = self.declaration(name, |names| &names.json_variables)?;
                    let mut body = body.clone();
                    let fills = body.str_at(&["type"]).map(str::to_owned);
                    leave_open(&mut body, fills.as_deref());
                    (file, body)
                }
            };
            let default = body.get("default")?;
            let is_empty = match &default.value {
                Value::Null | Value::Unknown(_) => true,
                Value::Scalar(scalar) => scalar.text.whole() == Some(""),
                Value::Sequence(members) => members.seen.is_empty(),
                Value::Mapping(members) => members.seen.is_empty(),
            };
            (!is_empty && body.str_at(&["sensitive"]) != Some("true")).then(|| (default.clone(), file))
        })
    }

    fn remembered(&self, key: String, find: impl FnOnce() -> Option<(Node, usize)>) -> Option<Placed> {
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        self.known.borrow_mut().insert(key.clone(), None);
        let found = find().map(|(node, file)| (Rc::new(node), file));
        self.known.borrow_mut().insert(key, found.clone());
        found
    }
}

impl Resource {
    /// The address: `tls_private_key.web["blue"]`, `data.tls_certificate.ca`.
    pub(crate) fn address(&self) -> String {
        let kind = if self.kind == "resource" { String::new() } else { format!("{}.", self.kind) };
        let instance = self.instance.as_ref().map(|instance| format!("[{instance}]")).unwrap_or_default();
        format!("{kind}{}.{}{instance}", self.type_name, self.name)
    }
}

/// The nested blocks of a type, in order, however they are written: as blocks, as an object, as a list of objects. A node
/// that is unknown stands for any number of them.
pub(crate) fn blocks<'n>(body: &'n Node, name: &str) -> Vec<&'n Node> {
    let is_block = |node: &&Node| matches!(node.value, Value::Mapping(_) | Value::Unknown(_));
    let entries = body.entries().iter().filter(|entry| entry.key == name);
    let each = |entry: &'n Entry| match &entry.value.value {
        Value::Sequence(members) => members.seen.as_slice(),
        _ => std::slice::from_ref(&entry.value),
    };
    entries.flat_map(each).filter(is_block).collect()
}

/// What a value refers to, where it is nothing but an attribute of a resource, perhaps inside of a function that only
/// passes it on.
pub(crate) fn reference(node: &Node) -> Option<Reference> {
    match &node.value {
        Value::Unknown(expression) => refers(&parser::parse_expr(expression).ok()?),
        _ => None,
    }
}

fn refers(expression: &Expression) -> Option<Reference> {
    match expression {
        Expression::Parenthesis(inner) => refers(inner.inner()),
        Expression::FuncCall(call) if TRANSPARENT.contains(&call.name.name.as_str()) => {
            call.args.iter().find_map(refers)
        }
        Expression::StringTemplate(template) => {
            refers(&template.as_single_element().and_then(|element| element.as_interpolation())?.expr)
        }
        Expression::Conditional(conditional) => {
            match (refers(&conditional.true_expr), refers(&conditional.false_expr)) {
                (Some(one), Some(other)) => (one == other).then_some(one),
                (one, other) => one.or(other),
            }
        }
        Expression::Traversal(traversal) => {
            let Expression::Variable(root) = &traversal.expr else { return None };
            let mut names = Vec::new();
            let mut instance = None;
            for operator in &traversal.operators {
                match operator.value() {
                    TraversalOperator::GetAttr(name) => names.push(name.as_str().to_owned()),
                    TraversalOperator::Index(Expression::String(key)) => {
                        instance = instance.or(Some(format!("{:?}", key.value())))
                    }
                    TraversalOperator::Index(Expression::Number(key)) => {
                        instance = instance.or(Some(key.value().to_string()))
                    }
                    TraversalOperator::LegacyIndex(key) => instance = instance.or(Some(key.value().to_string())),
                    _ => {}
                }
            }
            let root = root.as_str();
            let kind = KINDS.iter().find(|kind| **kind == root);
            let mut names = names.into_iter();
            let (kind, type_name) = match kind {
                Some(kind) => (*kind, names.next()?),
                None if ROOTS.contains(&root) => return None,
                None => ("resource", root.to_owned()),
            };
            let name = names.next()?;
            Some(Reference { kind, type_name, name, instance, attribute: names.collect::<Vec<_>>().join(".") })
        }
        _ => None,
    }
}

/// An object, or the objects of a list.
fn objects(node: &Node) -> Vec<&Node> {
    let is_object = |node: &&Node| matches!(node.value, Value::Mapping(_));
    match &node.value {
        Value::Mapping(_) => vec![node],
        Value::Sequence(members) => members.seen.iter().filter(is_object).collect(),
        _ => Vec::new(),
    }
}

/// What stands under two names below a type of block in the JSON syntax.
fn named<'n>(root: &'n Node, kind: &str) -> Vec<(&'n Entry, &'n Entry)> {
    let types = blocks(root, kind).into_iter().flat_map(Node::entries);
    let names =
        |entry: &'n Entry| objects(&entry.value).into_iter().flat_map(Node::entries).map(move |inner| (entry, inner));
    types.flat_map(names).collect()
}

fn index_value(index: usize) -> Value {
    Value::Scalar(crate::read::structure::Scalar::whole(index.to_string(), true))
}

/// What a type fills in (`optional(...)`) is not in the default: its objects have members that are not seen.
fn leave_open(body: &mut Node, type_text: Option<&str>) {
    if !type_text.is_some_and(|text| text.contains("optional(")) {
        return;
    }
    let is_object = type_text.is_some_and(|text| text.trim_start().starts_with("object("));
    if let Value::Mapping(members) = &mut body.value {
        for entry in members.seen.iter_mut().filter(|entry| entry.key == "default") {
            open_objects(&mut entry.value, is_object, 0);
        }
    }
}

fn open_objects(node: &mut Node, this: bool, level: u32) {
    let span = node.span.clone();
    match &mut node.value {
        _ if level > 50 => {}
        Value::Sequence(members) => members.seen.iter_mut().for_each(|member| open_objects(member, true, level + 1)),
        Value::Mapping(members) => {
            if this {
                members.open.push(span);
            }
            members.seen.iter_mut().for_each(|entry| open_objects(&mut entry.value, true, level + 1));
        }
        _ => {}
    }
}

fn place(name: &str, text: &str, offset: usize) -> String {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    format!("{name}:{}", memchr::memchr_iter(b'\n', before).count() + 1)
}

/// The version of a provider in a lock file (`.terraform.lock.hcl`).
fn locked_version(lock: &File, source: &str) -> Option<ProviderVersion> {
    let text = &*lock.text;
    let Content::Hcl(heads) = &lock.content else { return None };
    let head = heads.iter().find(|head| {
        head.kind(text) == "provider" && head.label(text, 0).is_some_and(|label| is_source(label, source))
    })?;
    let body = hcl::parse(text, head).ok()?;
    let attribute = body.blocks().next()?.body.get_attribute("version")?.clone();
    let offset = head.span.start + attribute.key.span().map_or(0, |span| span.start);
    let version = attribute.value.as_str()?.to_owned();
    Some(ProviderVersion { version, from: place(&lock.name, text, offset) })
}

/// Whether an address, with a registry or without, is that of a provider.
fn is_source(address: &str, source: &str) -> bool {
    let end = address.len().saturating_sub(source.len());
    match (address.get(..end), address.get(end..)) {
        (Some(registry), Some(rest)) => {
            rest.eq_ignore_ascii_case(source) && (registry.is_empty() || registry.ends_with('/'))
        }
        _ => false,
    }
}

/// The constraint on a version in an entry of `required_providers`; before Terraform 0.13 there was nothing else in it.
fn constraint_of<'n>(entry: &'n Entry, source: &str) -> Option<&'n Node> {
    let implied = || is_source(&format!("hashicorp/{}", entry.key), source);
    match &entry.value.value {
        Value::Scalar(_) => implied().then_some(&entry.value),
        _ => {
            let is_it = entry.value.str_at(&["source"]).map_or_else(implied, |address| is_source(address, source));
            if is_it { entry.value.get("version") } else { None }
        }
    }
}

/// The version that a constraint allows, if it allows one only.
fn exact(constraint: &str) -> Option<String> {
    let version = constraint.trim().trim_start_matches('=').trim();
    let is_version = version
        .split(['.', '-', '+'])
        .next()
        .is_some_and(|major| !major.is_empty() && major.chars().all(|c| c.is_ascii_digit()));
    (is_version && !version.contains([',', ' '])).then(|| version.to_owned())
}

#[cfg(test)]
mod tests;
