//! Ansible: keys, requests and certificates of community.crypto in playbooks, roles and task files, under every name of the
//! modules. Defaults are those of community.crypto 3. Variables count where they are literal: of the play, of the task, of the role.
//! A key and a request belong together where their paths are written alike. Everything else of Jinja stays unknown.

use std::collections::BTreeMap;

use super::structure::{Entry, Node, Value, yaml};
use super::surroundings::{Sibling, beside};
use super::template::{Draft, TemplateText, nearest, other_name, parts_of, tell_problems};
use super::{Artifact, Surroundings, usage};
use crate::crypto::{Curve, Hash};
use crate::encoding::DefectKind;
use crate::fix::{Applicability, Fix};
use crate::request::{
    ExtensionValue, Field, Format, GeneralName, Inherited, KeyAlgorithm, KeyUsageBit, Knob, Makes, Oid, OtherName,
    PartialName, Renewal, Request, State, StringType, Text, Validity, Wanted, oids,
};
use crate::source::{FilePath, Span};

/// What one of these stands in every such text.
pub(super) const MARKS: &[&str] = &["openssl_privatekey", "openssl_csr", "x509_certificate:", "x509_certificate_pipe:"];

const TOOL: &str = "community.crypto";
const VERSION: &str = "3";
/// Tasks in blocks in blocks, at most so deep.
const DEEPEST: usize = 20;
/// Rounds of a loop that are read one by one.
const MOST_ROUNDS: usize = 50;

/// Options of `openssl_csr` that make attributes of the subject, each with its aliases, in the order the module adds them.
const SUBJECT: [(&[&str], &str); 7] = [
    (&["country_name", "C", "countryName"], "2.5.4.6"),
    (&["state_or_province_name", "ST", "stateOrProvinceName"], "2.5.4.8"),
    (&["locality_name", "L", "localityName"], "2.5.4.7"),
    (&["organization_name", "O", "organizationName"], "2.5.4.10"),
    (&["organizational_unit_name", "OU", "organizationalUnitName"], "2.5.4.11"),
    (&["common_name", "CN", "commonName"], "2.5.4.3"),
    (&["email_address", "E", "emailAddress"], "1.2.840.113549.1.9.1"),
];

/// Other options of `openssl_csr` and `openssl_csr_pipe`.
const CSR_OPTIONS: [&str; 52] = [
    "attributes",
    "attr",
    "authority_cert_issuer",
    "authority_cert_serial_number",
    "authority_key_identifier",
    "backup",
    "basic_constraints",
    "basicConstraints",
    "basic_constraints_critical",
    "basicConstraints_critical",
    "content",
    "create_subject_key_identifier",
    "crl_distribution_points",
    "digest",
    "extended_key_usage",
    "extKeyUsage",
    "extendedKeyUsage",
    "extended_key_usage_critical",
    "extKeyUsage_critical",
    "extendedKeyUsage_critical",
    "force",
    "group",
    "key_usage",
    "keyUsage",
    "key_usage_critical",
    "keyUsage_critical",
    "mode",
    "name_constraints_critical",
    "name_constraints_excluded",
    "name_constraints_permitted",
    "ocsp_must_staple",
    "ocspMustStaple",
    "ocsp_must_staple_critical",
    "ocspMustStaple_critical",
    "owner",
    "path",
    "privatekey_content",
    "privatekey_passphrase",
    "privatekey_path",
    "return_content",
    "select_crypto_backend",
    "selevel",
    "serole",
    "setype",
    "seuser",
    "state",
    "subject",
    "subject_alt_name",
    "subjectAltName",
    "subject_alt_name_critical",
    "subject_key_identifier",
    "subject_ordered",
];

/// Modules that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Module {
    Key,
    Request,
    Certificate,
}

fn module(name: &str) -> Option<Module> {
    let plain = name.strip_prefix("community.crypto.").unwrap_or(name);
    match plain {
        "openssl_privatekey" | "openssl_privatekey_pipe" => Some(Module::Key),
        "openssl_csr" | "openssl_csr_pipe" => Some(Module::Request),
        "x509_certificate" | "x509_certificate_pipe" | "openssl_certificate" => Some(Module::Certificate),
        _ => None,
    }
}

/// Reads every task of a text.
pub(super) fn read(text: &TemplateText<'_>, around: &Surroundings<'_>, found: &mut Vec<Artifact>) {
    let path = text.path.as_str();
    if !(path.ends_with(".yml") || path.ends_with(".yaml")) {
        return;
    }
    let role = RoleVariables::of(text.path, around);
    for document in yaml::read(text.text, &|_| None) {
        let mut tasks = Vec::new();
        collect(&document.root, &Scope { variables: role.variables.clone(), defaults: Vec::new() }, 0, &mut tasks);
        let reader = Reader { text, tasks: &tasks, version: around.tool(TOOL).unwrap_or(VERSION).to_owned() };
        let since = found.len();
        found.extend(reader.requests().into_iter().map(|request| Artifact::Request(Box::new(request))));
        tell_problems(text, &document.problems, &parts_of(found, since), found);
    }
}

/// A value of a variable and where it is written.
#[derive(Debug, Clone)]
struct Variable {
    text: String,
    from: String,
}

/// Literal variables of the role a task file belongs to.
struct RoleVariables {
    variables: BTreeMap<String, Variable>,
}

impl RoleVariables {
    fn of(path: &FilePath, around: &Surroundings<'_>) -> Self {
        let mut variables = BTreeMap::new();
        // roles/NAME/tasks/main.yml: what vars/ says goes before what defaults/ says.
        for (folder, name) in
            [("defaults", "main.yml"), ("defaults", "main.yaml"), ("vars", "main.yml"), ("vars", "main.yaml")]
        {
            let Some(file) = beside(path, &format!("../{folder}/{name}")).filter(|file| file != path) else { continue };
            let text = match around.sibling(&file) {
                Sibling::Text(text) => text,
                Sibling::Absent => continue,
                // It goes before all that was read so far, and may say any of it again.
                Sibling::Unread(_) => {
                    variables.clear();
                    continue;
                }
            };
            for document in yaml::read(&text, &|_| None) {
                add_variables(&document.root, &format!("{folder}/{name}"), &mut variables);
            }
        }
        Self { variables }
    }
}

/// Adds the scalars of a mapping, nested ones by their dotted path.
fn add_variables(node: &Node, from: &str, variables: &mut BTreeMap<String, Variable>) {
    fn nested(node: &Node, prefix: &str, from: &str, depth: usize, variables: &mut BTreeMap<String, Variable>) {
        for entry in node.entries() {
            let name = if prefix.is_empty() { entry.key.clone() } else { format!("{prefix}.{}", entry.key) };
            if let Some(text) = entry.value.str() {
                variables.insert(name, Variable { text: text.to_owned(), from: from.to_owned() });
            } else if depth < 4 {
                nested(&entry.value, &name, from, depth + 1, variables);
            }
        }
    }
    nested(node, "", from, 0, variables);
}

/// What holds for a task: variables, and defaults of modules.
#[derive(Clone)]
struct Scope<'a> {
    variables: BTreeMap<String, Variable>,
    defaults: Vec<&'a Node>,
}

/// A task of one of the modules.
struct Task<'a> {
    module: Module,
    /// The module's name as it is written.
    key: &'a Entry,
    options: &'a Node,
    name: String,
    scope: Scope<'a>,
}

/// Goes through plays, blocks and tasks.
fn collect<'a>(node: &'a Node, scope: &Scope<'a>, depth: usize, tasks: &mut Vec<Task<'a>>) {
    if depth > DEEPEST {
        return;
    }
    for member in node.members() {
        let mut scope = scope.clone();
        if let Some(vars) = member.get("vars") {
            add_variables(vars, "vars", &mut scope.variables);
        }
        if let Some(defaults) = member.get("module_defaults") {
            scope.defaults.push(defaults);
        }
        for list in ["tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"] {
            if let Some(inner) = member.get(list) {
                collect(inner, &scope, depth + 1, tasks);
            }
        }
        for entry in member.entries() {
            let Some(module) = module(&entry.key) else { continue };
            let name = member.str_at(&["name"]).unwrap_or(&entry.key).to_owned();
            for (number, scope) in rounds(member, &scope).into_iter().enumerate() {
                let name = if number == 0 { name.clone() } else { format!("{name} {}", number + 1) };
                tasks.push(Task { module, key: entry, options: &entry.value, name, scope });
            }
        }
    }
}

/// The scope of each round of a loop over literals; one scope where there is no loop, or one that nobody can see.
fn rounds<'a>(task: &Node, scope: &Scope<'a>) -> Vec<Scope<'a>> {
    let list = ["loop", "with_items", "with_list"].iter().find_map(|key| task.get(key));
    let members = list.map(Node::members).unwrap_or_default();
    let literal = |member: &Node| member.is_literal() || member.entries().iter().any(|entry| entry.value.is_literal());
    if members.is_empty() || members.len() > MOST_ROUNDS || !members.iter().all(literal) {
        return vec![scope.clone()];
    }
    let variable = task.str_at(&["loop_control", "loop_var"]).unwrap_or("item").to_owned();
    members
        .iter()
        .map(|member| {
            let mut scope = scope.clone();
            match member.str() {
                Some(text) => {
                    scope
                        .variables
                        .insert(variable.clone(), Variable { text: text.to_owned(), from: "the loop".to_owned() });
                }
                None => {
                    let mut inner = BTreeMap::new();
                    add_variables(member, "the loop", &mut inner);
                    let named = inner.into_iter().map(|(key, value)| (format!("{variable}.{key}"), value));
                    scope.variables.extend(named);
                }
            }
            scope
        })
        .collect()
}

impl Task<'_> {
    /// An option under any of its names, else as `module_defaults` have it.
    fn option(&self, names: &[&str]) -> Option<&Node> {
        let here = names.iter().find_map(|name| self.options.get(name));
        let defaults = || {
            self.scope.defaults.iter().rev().find_map(|defaults| {
                let matching = defaults.entries().iter().filter(|entry| module(&entry.key) == Some(self.module));
                matching.into_iter().find_map(|entry| names.iter().find_map(|name| entry.value.get(name)))
            })
        };
        here.or_else(defaults)
    }

    /// The entry of an option in the task itself.
    fn entry(&self, names: &[&str]) -> Option<&Entry> {
        names.iter().find_map(|name| self.options.entry(name)).filter(|entry| entry.value.value != Value::Null)
    }
}

struct Reader<'a> {
    text: &'a TemplateText<'a>,
    tasks: &'a [Task<'a>],
    version: String,
}

impl Reader<'_> {
    fn requests(&self) -> Vec<Request> {
        let mut used = vec![false; self.tasks.len()];
        let mut found = Vec::new();
        let makes = |task: &&Task<'_>| {
            task.module == Module::Request && task.option(&["state"]).and_then(Node::str) != Some("absent")
        };
        for task in self.tasks.iter().filter(makes) {
            let key = self.key_of(task);
            let mut request = self.request(task, key.and_then(|number| self.tasks.get(number)));
            if let Some(used) = key.and_then(|number| used.get_mut(number)) {
                // What is to be said of a key is said once, with the first request that uses it.
                if *used && let Some(template) = request.template.as_mut() {
                    template.renewal = Field::absent(template.renewal.span);
                    request.defects.retain(|defect| defect.place != "passphrase");
                }
                *used = true;
            }
            found.push(request);
        }
        // A key whose request is made elsewhere still has a size, and is kept.
        for (number, task) in self.tasks.iter().enumerate().filter(|(_, task)| task.module == Module::Key) {
            if used.get(number) == Some(&false) && task.option(&["state"]).and_then(Node::str) != Some("absent") {
                found.push(self.lone_key(task));
            }
        }
        let certificates = self.tasks.iter().filter(|task| task.module == Module::Certificate);
        found.extend(certificates.filter_map(|task| self.certificate(task)));
        found
    }

    /// The key task whose path the request's key is read from: the same expression is the same path.
    fn key_of(&self, task: &Task<'_>) -> Option<usize> {
        let path = self.written(task.option(&["privatekey_path"])?);
        let is_key = |other: &Task<'_>| {
            other.module == Module::Key && other.option(&["path"]).is_some_and(|node| self.written(node) == path)
        };
        self.tasks.iter().rposition(is_key)
    }

    /// A value as it is written.
    fn written(&self, node: &Node) -> &str {
        self.text.text.get(node.span.clone()).unwrap_or_default().trim_matches(['"', '\''])
    }

    /// A value in which the variables of the task's scope are put in.
    fn value(&self, task: &Task<'_>, node: &Node) -> Field<Text> {
        let plain = node.text();
        if plain.unseen().is_none() {
            return plain;
        }
        let mut text = String::new();
        let mut from = Vec::new();
        let mut rest = self.written(node);
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((expression, after)) = after.split_once("}}") else { return plain };
            let Some(value) = lookup(expression.trim(), &task.scope.variables, 0) else { return plain };
            text.push_str(before);
            text.push_str(&value.text);
            if !from.contains(&value.from) {
                from.push(value.from);
            }
            rest = after;
        }
        text.push_str(rest);
        let from = from.join(", ");
        Field { span: plain.span, state: State::Inherited(Inherited { value: Text::Whole(text), from: from.into() }) }
    }

    fn draft(&self, task: &Task<'_>, makes: Makes) -> Draft {
        let at = Span::text(task.key.key_span.start, task.key.key_span.end);
        Draft::new(self.text, Format::Ansible, task.name.clone(), at, makes)
    }

    fn request(&self, task: &Task<'_>, key: Option<&Task<'_>>) -> Request {
        let mut draft = self.draft(task, Makes::Request);
        let at = draft.span();
        match key {
            Some(key) => self.key(key, &mut draft),
            None => draft.key = Field::unknown(at, "the key is made elsewhere"),
        }
        self.subject(task, &mut draft);
        self.names(task, &mut draft);
        self.usages(task, &mut draft);
        self.digest(task, &mut draft);
        self.passphrase(task, &["privatekey_passphrase"], &mut draft);
        self.misspelt(task, &mut draft);
        draft.finish()
    }

    fn lone_key(&self, task: &Task<'_>) -> Request {
        let mut draft = self.draft(task, Makes::Request);
        let at = draft.span();
        draft.subject_is(Field::unknown(at, "the request is made elsewhere"));
        draft.open_names(at, "the request is made elsewhere");
        draft.open_extensions(at);
        self.key(task, &mut draft);
        draft.finish()
    }

    fn key(&self, task: &Task<'_>, draft: &mut Draft) {
        let at = Span::text(task.key.key_span.start, task.key.key_span.end);
        let version = || self.version.clone();
        let kind = task.option(&["type"]);
        let algorithm = match kind {
            None => Field::default(at, KeyAlgorithm::Rsa, TOOL, version()),
            Some(node) => self.value(task, node).try_map(|text| match text.whole().unwrap_or_default() {
                "RSA" => Ok(KeyAlgorithm::Rsa),
                "DSA" => Ok(KeyAlgorithm::Dsa),
                "ECC" => Ok(KeyAlgorithm::Ec),
                "Ed25519" => Ok(KeyAlgorithm::Ed25519),
                "Ed448" => Ok(KeyAlgorithm::Ed448),
                "X25519" => Ok(KeyAlgorithm::X25519),
                "X448" => Ok(KeyAlgorithm::X448),
                other => Err(format!("{other:?} is no type of key the module knows")),
            }),
        };
        let curve = task.option(&["curve"]).map_or_else(
            || Field::absent(at),
            |node| {
                self.value(task, node).try_map(|text| {
                    let name = text.whole().unwrap_or_default();
                    Curve::from_name(name).ok_or_else(|| format!("{name:?} is no curve csrlint knows"))
                })
            },
        );
        let sized = matches!(algorithm.effective(), Some(KeyAlgorithm::Rsa | KeyAlgorithm::Dsa) | None);
        let bits = match task.option(&["size"]) {
            Some(node) if sized => self.value(task, node).try_map(|text| {
                let text = text.whole().unwrap_or_default();
                text.parse().map_err(|_| format!("{text:?} is no number"))
            }),
            // The default of community.crypto (openssl_privatekey, `size`).
            None if sized => Field::default(at, 4096, TOOL, version()),
            _ => Field::absent(at),
        };
        let is_ec = algorithm.effective() == Some(&KeyAlgorithm::Ec);
        draft.key_is(kind.map_or(at, Node::place), algorithm, bits, if is_ec { curve } else { Field::absent(at) });
        self.knobs(task, draft);
        self.renewal(task, draft);
        self.passphrase(task, &["passphrase"], draft);
    }

    fn knobs(&self, task: &Task<'_>, draft: &mut Draft) {
        let bits = |wanted: &Wanted| match wanted {
            Wanted::Bits(bits) => Some(bits.to_string()),
            _ => None,
        };
        let curve = |wanted: &Wanted| match wanted {
            // OpenSSL's names, which the module takes.
            Wanted::Curve(curve) => match curve.name() {
                "P-256" => Some("secp256r1".to_owned()),
                "P-384" => Some("secp384r1".to_owned()),
                "P-521" => Some("secp521r1".to_owned()),
                _ => None,
            },
            _ => None,
        };
        let renewal = |wanted: &Wanted| (*wanted == Wanted::NewKey).then(|| "always".to_owned());
        let spellings: [fn(&Wanted) -> Option<String>; 3] = [bits, curve, renewal];
        let options = [("size", "key.bits"), ("curve", "key.curve"), ("regenerate", "renewal")];
        for ((option, place), spell) in options.into_iter().zip(spellings) {
            if let Some(entry) = task.entry(&[option]).filter(|entry| entry.value.is_literal()) {
                let at = entry.value.place();
                draft.knob(Knob { place, at, before: String::new(), after: String::new(), spell });
            } else if task.option(&[option]).is_none()
                && option != "curve"
                && let Some(first) = task.options.entries().first()
                && let Some(indent) = self.indent(first)
            {
                let at = Span::text(first.key_span.start, first.key_span.start);
                let newline = if self.text.text.contains("\r\n") { "\r\n" } else { "\n" };
                let (before, after) = (format!("{option}: "), format!("{newline}{indent}"));
                draft.knob(Knob { place, at, before, after, spell });
            }
        }
    }

    /// The indentation of an entry that begins its line.
    fn indent(&self, entry: &Entry) -> Option<&str> {
        let before = self.text.text.get(..entry.key_span.start)?;
        let line = before.rsplit('\n').next()?;
        line.bytes().all(|byte| byte == b' ').then_some(line)
    }

    /// `regenerate` says what happens to a key that is there: nothing by default, whatever else is run again.
    fn renewal(&self, task: &Task<'_>, draft: &mut Draft) {
        let at = Span::text(task.key.key_span.start, task.key.key_span.end);
        let kept = |key_is_kept| {
            Renewal {
            key_is_kept,
            knob: "openssl_privatekey leaves a key that is there alone; regenerate: always, or force: true, makes a new one"
                .into(),
        }
        };
        let forced = task.option(&["force"]).filter(|node| node.boolean().effective() == Some(&true));
        let renewal = match (forced, task.option(&["regenerate"])) {
            (Some(force), _) => Field::known(force.place(), kept(false)),
            (None, Some(node)) => self.value(task, node).try_map(|text| match text.whole().unwrap_or_default() {
                "always" => Ok(kept(false)),
                "never" | "fail" | "partial_idempotence" | "full_idempotence" => Ok(kept(true)),
                other => Err(format!("{other:?} is no value of regenerate")),
            }),
            (None, None) => Field::default(at, kept(true), TOOL, self.version.clone()),
        };
        draft.renewal_is(renewal);
    }

    fn passphrase(&self, task: &Task<'_>, names: &[&str], draft: &mut Draft) {
        let Some(entry) = task.entry(names) else { return };
        let Some(text) = entry.value.str().filter(|text| !text.is_empty()) else { return };
        draft.secret(entry.value.place());
        let detail = format!("{} is written in the clear ({} characters)", entry.key, text.chars().count());
        let at = Span::text(entry.key_span.start, entry.key_span.end);
        draft.defect(DefectKind::InlinePassword, at, entry.key.clone(), detail);
    }

    fn subject(&self, task: &Task<'_>, draft: &mut Draft) {
        for (names, dotted) in SUBJECT {
            let Some(node) = task.option(names) else { continue };
            let Some(oid) = Oid::from_dotted(dotted) else { continue };
            let at =
                task.entry(names).map_or(node.place(), |entry| Span::text(entry.key_span.start, entry.value.span.end));
            draft.attribute(oid, at, self.value(task, node));
        }
        if let Some(subject) = task.option(&["subject"]) {
            self.attributes(task, subject, draft);
        }
        for member in task.option(&["subject_ordered"]).map(Node::members).unwrap_or_default() {
            self.attributes(task, member, draft);
        }
        draft.with_attributes(|attribute| {
            let printable = [&oids::COUNTRY, &oids::SERIAL_NUMBER, &oids::DN_QUALIFIER, &oids::JURISDICTION_COUNTRY];
            let ia5 = [&oids::EMAIL_ADDRESS, &oids::DOMAIN_COMPONENT];
            attribute.string_type = Some(match () {
                () if printable.contains(&&attribute.oid) => StringType::Printable,
                () if ia5.contains(&&attribute.oid) => StringType::Ia5,
                () => StringType::Utf8,
            });
        });
    }

    fn attributes(&self, task: &Task<'_>, node: &Node, draft: &mut Draft) {
        if let Value::Unknown(_) | Value::Scalar(_) = &node.value {
            let value = node.text();
            return draft
                .subject_is(Field::unknown(node.place(), value.unseen().unwrap_or("an expression").to_owned()));
        }
        for entry in node.entries() {
            let at = Span::text(entry.key_span.start, entry.value.span.end);
            let Some(oid) = Oid::from_name(&entry.key) else {
                let detail = format!("{:?} is no attribute of a name: the module refuses it", entry.key);
                draft.defect(DefectKind::TemplateInvalid, at, format!("subject.{}", entry.key), detail);
                continue;
            };
            let members: Vec<&Node> = if entry.value.members().is_empty() {
                vec![&entry.value]
            } else {
                entry.value.members().iter().collect()
            };
            for member in members {
                draft.attribute(oid.clone(), at, self.value(task, member));
            }
        }
    }

    /// Members of an option that is a list; a string with commas is one, too.
    fn list(&self, task: &Task<'_>, node: &Node) -> Vec<Field<Text>> {
        match &node.value {
            Value::Sequence(_) => {
                let mut members: Vec<Field<Text>> =
                    node.members().iter().map(|member| self.value(task, member)).collect();
                let open = node.open().iter();
                members.extend(open.map(|open| Field::unknown(Span::text(open.start, open.end), "further members")));
                members
            }
            Value::Scalar(_) | Value::Unknown(_) => {
                let value = self.value(task, node);
                match value.effective().and_then(Text::whole).filter(|text| text.contains(',')) {
                    Some(text) => {
                        let parts = text.split(',').map(|part| Text::Whole(part.trim().to_owned()));
                        parts.map(|part| Field::known(value.span, part)).collect()
                    }
                    None => vec![value],
                }
            }
            Value::Null | Value::Mapping(_) => Vec::new(),
        }
    }

    fn is_true(&self, task: &Task<'_>, names: &[&str]) -> bool {
        task.option(names).is_some_and(|node| node.boolean().effective() == Some(&true))
    }

    fn names(&self, task: &Task<'_>, draft: &mut Draft) {
        let critical = self.is_true(task, &["subject_alt_name_critical", "subjectAltName_critical"]);
        let Some(node) = task.option(&["subject_alt_name", "subjectAltName"]) else {
            // Without names the module puts the common name in, unless it is told not to.
            let told_not_to = task
                .option(&["use_common_name_for_san", "useCommonNameForSAN"])
                .is_some_and(|node| node.boolean().effective() == Some(&false));
            let name =
                draft.attributes_of_subject().find(|one| one.oid == oids::COMMON_NAME).map(|one| one.value.clone());
            if let Some(name) = name.filter(|_| !told_not_to) {
                let at = name.span;
                draft.san_at(at, critical);
                match name.effective().and_then(Text::whole) {
                    Some(text) => {
                        let text = Text::Whole(text.to_owned());
                        draft.named(PartialName::Dns, Field::default(at, text, TOOL, self.version.clone()));
                    }
                    None => draft.named(PartialName::Dns, name),
                }
            }
            return;
        };
        draft.san_at(node.place(), critical);
        for member in self.list(task, node) {
            self.general_name(member, draft);
        }
        if let Some(last) = node.members().last().filter(|last| last.is_literal()) {
            self.name_knob(last, draft);
        }
    }

    /// Where one more name would be written: behind the last one, in a list of the same form.
    fn name_knob(&self, last: &Node, draft: &mut Draft) {
        let before = self.text.text.get(..last.span.start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let spell = |wanted: &Wanted| match wanted {
            Wanted::DnsName(name) => Some(format!("DNS:{name}")),
            _ => None,
        };
        let at = Span::text(last.span.end, last.span.end);
        let quoted = self.text.text.get(last.span.clone()).is_some_and(|text| text.starts_with(['"', '\'']));
        let quote =
            if quoted { self.text.text.get(last.span.start..last.span.start + 1).unwrap_or_default() } else { "" };
        let newline = if self.text.text.contains("\r\n") { "\r\n" } else { "\n" };
        let (lead, after) = match line.trim() {
            "-" => (format!("{newline}{line}{quote}"), quote.to_owned()),
            _ => (format!(", {quote}"), quote.to_owned()),
        };
        draft.knob(Knob { place: "san", at, before: lead, after, spell });
    }

    /// `DNS:`, `IP:`, `email:`, `URI:`, `RID:`, `dirName:`, `otherName:`.
    fn general_name(&self, member: Field<Text>, draft: &mut Draft) {
        let shown = match member.effective() {
            Some(Text::Whole(text)) => text.clone(),
            Some(Text::Partial { prefix, .. }) => prefix.clone(),
            None => return draft.open_names(member.span, member.unknown_expression().unwrap_or_default().to_owned()),
        };
        let Some((kind, _)) = shown.split_once(':') else {
            if matches!(member.effective(), Some(Text::Partial { .. })) {
                return draft.open_names(member.span, "a name of unknown form");
            }
            let detail = format!("{shown:?} does not say what kind of name it is (DNS:, IP:, email:, URI:)");
            return draft.defect(DefectKind::TemplateInvalid, member.span, "san", detail);
        };
        let kind = kind.to_owned();
        let value = member.map(|text| match text {
            Text::Whole(text) => Text::Whole(text.get(kind.len() + 1..).unwrap_or_default().to_owned()),
            Text::Partial { prefix, suffix } => {
                Text::Partial { prefix: prefix.get(kind.len() + 1..).unwrap_or_default().to_owned(), suffix }
            }
        });
        match kind.to_ascii_lowercase().as_str() {
            "dns" => draft.named(PartialName::Dns, value.map(a_labels)),
            "ip" => draft.named(PartialName::Ip, value),
            "email" => draft.named(PartialName::Email, value),
            "uri" => draft.named(PartialName::Uri, value),
            "rid" => draft.name(value.try_map(|text| {
                let text = text.whole().unwrap_or_default();
                Oid::from_dotted(text).map(GeneralName::RegisteredId).ok_or_else(|| format!("{text:?} is no OID"))
            })),
            "othername" => draft.name(value.try_map(|text| {
                let text = text.whole().unwrap_or_default();
                let (oid, value) = text.split_once(';').ok_or("an otherName is written OID;TYPE:value")?;
                let oid = Oid::from_dotted(oid).ok_or_else(|| format!("{oid:?} is no OID"))?;
                match value.strip_prefix("UTF8:") {
                    Some(text) => Ok(other_name(oid, text.to_owned())),
                    None => Ok(GeneralName::Other(OtherName { oid, text: None, raw: Vec::new() })),
                }
            })),
            "dirname" => draft.name(value.try_map(|_| Err("a directory name, which is not read".to_owned()))),
            _ => {
                let detail = format!("{kind:?} is no kind of name the module knows");
                draft.defect(DefectKind::TemplateInvalid, value.span, "san", detail);
            }
        }
    }

    fn usages(&self, task: &Task<'_>, draft: &mut Draft) {
        if let Some(node) = task.option(&["key_usage", "keyUsage"]) {
            let bit = |member: Field<Text>| -> Field<KeyUsageBit> {
                member.try_map(|text| {
                    let text = text.whole().unwrap_or_default();
                    usage::key_usage(text).ok_or_else(|| format!("{text:?} is no key usage"))
                })
            };
            let bits: Vec<_> = self.list(task, node).into_iter().map(bit).collect();
            draft.key_usage(node.place(), self.is_true(task, &["key_usage_critical", "keyUsage_critical"]), &bits);
        }
        if let Some(node) = task.option(&["extended_key_usage", "extKeyUsage", "extendedKeyUsage"]) {
            let names = ["extended_key_usage_critical", "extKeyUsage_critical", "extendedKeyUsage_critical"];
            let purposes = self.list(task, node).into_iter().map(|member| {
                member.try_map(|text| {
                    let text = text.whole().unwrap_or_default();
                    usage::purpose(text).ok_or_else(|| format!("{text:?} is no purpose"))
                })
            });
            let purposes = purposes.collect();
            draft.purposes(node.place(), self.is_true(task, &names), purposes);
        }
        if let Some(node) = task.option(&["ocsp_must_staple", "ocspMustStaple"])
            && node.boolean().effective() == Some(&true)
        {
            // status_request (RFC 7633).
            let value = Field::known(node.place(), ExtensionValue::TlsFeature(vec![5]));
            let critical = self.is_true(task, &["ocsp_must_staple_critical", "ocspMustStaple_critical"]);
            draft.extension(oids::TLS_FEATURE.clone(), node.place(), critical, value);
        }
        if let Some(node) = task.option(&["basic_constraints", "basicConstraints"]) {
            let mut ca = Field::known(node.place(), false);
            let mut length = None;
            for member in self.list(task, node) {
                let text = member.effective().and_then(Text::whole).unwrap_or_default().to_ascii_lowercase();
                match text.split_once(':') {
                    Some(("ca", value)) => ca = Field::known(member.span, value == "true"),
                    Some(("pathlen", value)) => length = value.parse().ok(),
                    _ => {
                        if let Some(expression) = member.unseen() {
                            ca = Field::unknown(member.span, expression.to_owned());
                        }
                    }
                }
            }
            let critical = self.is_true(task, &["basic_constraints_critical", "basicConstraints_critical"]);
            draft.basic_constraints(node.place(), critical, ca, length);
        }
    }

    fn digest(&self, task: &Task<'_>, draft: &mut Draft) {
        let at = draft.span();
        let node = task.option(&["digest"]);
        draft.hash_is(node.map_or_else(
            || Field::default(at, Hash::Sha256, TOOL, self.version.clone()),
            |node| {
                self.value(task, node).try_map(|text| {
                    let name = text.whole().unwrap_or_default();
                    Hash::from_name(name).ok_or_else(|| format!("{name:?} is no hash csrlint knows"))
                })
            },
        ));
        if let Some(node) = node.filter(|node| node.is_literal()) {
            let spell = |wanted: &Wanted| match wanted {
                Wanted::Hash(hash) => Some(hash.name().to_owned()),
                _ => None,
            };
            let (before, after) = (String::new(), String::new());
            draft.knob(Knob { place: "signature.hash", at: node.place(), before, after, spell });
        }
    }

    /// Ansible refuses options a module does not have.
    fn misspelt(&self, task: &Task<'_>, draft: &mut Draft) {
        let known = || {
            let of_subject = SUBJECT.iter().flat_map(|(names, _)| names.iter().copied());
            let more = ["use_common_name_for_san", "useCommonNameForSAN", "subjectAltName_critical", "version"];
            CSR_OPTIONS.into_iter().chain(of_subject).chain(more)
        };
        for entry in task.options.entries() {
            if known().any(|option| option == entry.key) || entry.key.contains('{') {
                continue;
            }
            let at = Span::text(entry.key_span.start, entry.key_span.end);
            let Some(near) = nearest(&entry.key, known()) else { continue };
            let detail = format!("{} has no option {}; {near} is meant", task.key.key, entry.key);
            let title = format!("Write {near} for {}", entry.key);
            let fix = Fix::replace(Applicability::Unsafe, title, at, near);
            draft.defect_with_fix(DefectKind::MisspeltKey, at, entry.key.clone(), detail, fix);
        }
    }

    /// A certificate without a request of its own: selfsigned without `csr_path`, or signed by an own CA with its password.
    fn certificate(&self, task: &Task<'_>) -> Option<Request> {
        let secrets = ["privatekey_passphrase", "ownca_privatekey_passphrase"];
        let inline = secrets
            .iter()
            .filter_map(|name| task.entry(&[name]))
            .find(|entry| entry.value.str().is_some_and(|text| !text.is_empty()))?;
        let mut draft = self.draft(task, Makes::Certificate);
        let at = draft.span();
        draft.subject_is(Field::unknown(at, "the subject of the request that is signed"));
        draft.key = Field::unknown(at, "the key of the request that is signed");
        draft.open_names(at, "the names of the request that is signed");
        draft.validity = Field::<Validity>::absent(at);
        self.passphrase(task, &[inline.key.as_str()], &mut draft);
        Some(draft.finish())
    }
}

/// The module writes internationalised names in A-label form (RFC 5890).
fn a_labels(text: Text) -> Text {
    match text {
        Text::Whole(name) if !name.is_ascii() => Text::Whole(idna::domain_to_ascii(&name).unwrap_or(name)),
        text => text,
    }
}

/// A variable by its dotted path, through others that are nothing but a variable; filters that change nothing are passed over.
fn lookup(expression: &str, variables: &BTreeMap<String, Variable>, depth: usize) -> Option<Variable> {
    let mut parts = expression.split('|').map(str::trim);
    let name = parts.next()?;
    if !parts.all(|filter| matches!(filter, "string" | "trim" | "quote" | "int")) || depth > 5 {
        return None;
    }
    let found = variables.get(name)?;
    match found.text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) {
        Some(inner) => lookup(inner.trim(), variables, depth + 1),
        None if found.text.contains("{{") => None,
        None => Some(found.clone()),
    }
}
