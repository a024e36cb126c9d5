//! Static evaluation of Terraform expressions: what is known without a plan, and where it comes from.
//! Nothing is guessed: what depends on anything outside the module's own text stays the expression it is.
//! All work is counted, since a few lines of locals can name a value of any size.

use std::borrow::Cow;
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{
    BinaryOp, BinaryOperator, Conditional, Expression, ForExpr, FuncCall, Object, ObjectKey, Traversal,
    TraversalOperator, UnaryOp, UnaryOperator,
};
use hcl_edit::structure::{Block, Body, Structure};
use hcl_edit::template::{Directive, Element, ForDirective, IfDirective, Template};

use super::Module;
use super::functions::{self, Outcome};
use crate::read::structure::{Entry, Members, Node, Scalar, Value, hcl};
use crate::request::Text;

/// Expressions inside of each other, through locals as well.
const MAX_DEPTH: u32 = 100;
/// Levels of a value that is copied to where it is named.
const MAX_LEVELS: u32 = 100;
/// Bytes of a string that is put together.
pub(super) const MAX_STRING: usize = 64 * 1024;
/// Bytes of an expression that is kept as text.
const MAX_WRITTEN: usize = 400;
/// Bytes of a chain of origins.
const MAX_FROM: usize = 240;
/// Operators after a name.
const MAX_STEPS: usize = 32;

/// Where an expression stands, and the names that hold there.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    /// The file's place in the module.
    pub(super) file: usize,
    /// The text the parser counts in.
    pub(super) text: &'c str,
    /// Where that text begins in the file.
    pub(super) offset: usize,
    /// All of it stands here: it is a string of JSON.
    pub(super) at: Option<(usize, usize)>,
    /// What the expression stands in, in the text; some operands have no place of their own.
    within: (usize, usize),
    scope: Option<&'c Scope<'c>>,
    depth: u32,
}

/// A name that holds inside of a resource, `dynamic` block or `for` expression.
pub(super) struct Scope<'c> {
    pub(super) name: &'c str,
    pub(super) value: &'c Node,
    pub(super) outer: Option<&'c Scope<'c>>,
}

impl<'c> Context<'c> {
    /// Text of a file from `offset` on.
    pub(super) fn new(file: usize, text: &'c str, offset: usize, scope: Option<&'c Scope<'c>>) -> Self {
        Self { file, text, offset, at: None, within: (0, text.len()), scope, depth: 0 }
    }

    /// The text of a string of JSON that stands at `at`.
    fn in_string(self, text: &'c str, at: &Range<usize>) -> Self {
        Self { text, offset: 0, at: Some((at.start, at.end)), within: (0, text.len()), ..self }
    }

    pub(super) fn deeper(self, depth: u32) -> Self {
        Self { depth, ..self }
    }

    fn inside(self, span: Option<Range<usize>>) -> Self {
        Self { within: span.map_or(self.within, |span| (span.start, span.end)), ..self }
    }

    fn with<'d>(self, scope: &'d Scope<'d>) -> Context<'d>
    where
        'c: 'd,
    {
        Context { scope: Some(scope), ..self }
    }

    /// Bytes of the file.
    fn span(&self, span: Option<Range<usize>>) -> Range<usize> {
        match (self.at, span) {
            (Some((start, end)), _) => start..end,
            (None, Some(span)) => span.start + self.offset..span.end + self.offset,
            (None, None) => self.here(),
        }
    }

    /// What is read now, in the file.
    fn here(&self) -> Range<usize> {
        let (start, end) = self.within;
        self.at.map_or(start + self.offset..end + self.offset, |(start, end)| start..end)
    }

    /// What is read now, as it is written.
    fn written(&self) -> &'c str {
        self.text.get(self.within.0..self.within.1).unwrap_or_default().trim()
    }

    fn unknown(&self) -> Node {
        unknown(self.here(), self.written())
    }

    fn lookup(&self, name: &str) -> Option<&'c Node> {
        std::iter::successors(self.scope, |scope| scope.outer).find(|scope| scope.name == name).map(|s| s.value)
    }
}

/// One operator after a name.
enum Step {
    /// `.name`, `["name"]`, `[0]`: the name, and how it is written.
    Key(String, String),
    /// `.*`
    Attributes,
    /// `[*]`
    All,
    /// `[expression]`
    Unknown(String),
}

impl Step {
    fn written(&self) -> Cow<'_, str> {
        match self {
            Self::Key(_, written) => written.into(),
            Self::Attributes => ".*".into(),
            Self::All => "[*]".into(),
            Self::Unknown(expression) => format!("[{expression}]").into(),
        }
    }
}

/// What stands at the end of a path.
enum Found<'n> {
    Value(Cow<'n, Node>),
    /// Nothing does, and nothing can.
    Missing,
    /// It depends; on this expression, where that is known.
    Unknown(Option<String>),
}

impl Module {
    /// A block's body: attributes and nested blocks in order, a block of the same type each time it is written.
    pub(super) fn body(&self, body: &Body, cx: Context<'_>, span: Range<usize>) -> Node {
        let mut seen = Vec::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => seen.push(Entry {
                    key: attribute.key.as_str().to_owned(),
                    key_span: cx.span(attribute.key.span()),
                    value: self.expression(&attribute.value, cx),
                }),
                Structure::Block(block) => self.block(block, cx, &mut seen),
            }
        }
        Node { span, value: Value::Mapping(Members { seen, open: Vec::new() }) }
    }

    fn block(&self, block: &Block, cx: Context<'_>, entries: &mut Vec<Entry>) {
        let cx = cx.inside(block.span());
        let head = block.span().and_then(|span| hcl::header(cx.text, span.start));
        let brace = |cx: Context<'_>, head: &Option<hcl::Head>| {
            let start = head.as_ref().map_or(cx.within.0, |head| head.brace);
            cx.span(Some(start..cx.within.1))
        };
        let (true, [label]) = (block.ident.as_str() == "dynamic", block.labels.as_slice()) else {
            let value = self.body(&block.body, cx, brace(cx, &head));
            let key_span = cx.span(block.ident.span());
            entries.push(Entry { key: block.ident.as_str().to_owned(), key_span, value });
            return;
        };
        let label_span = head.and_then(|head| head.labels.first().cloned());
        let key_span = cx.span(label_span.or_else(|| block.ident.span()));
        let key = label.as_str();
        let iterator = block.body.get_attribute("iterator").and_then(|attribute| match &attribute.value {
            Expression::Variable(name) => Some(name.as_str()),
            _ => None,
        });
        let collection = block.body.get_attribute("for_each").map(|attribute| self.expression(&attribute.value, cx));
        let content = block.body.get_blocks("content").next();
        let (Some(collection), Some(content)) = (collection, content) else {
            return;
        };
        let content_cx = cx.inside(content.span());
        let head = content.span().and_then(|span| hcl::header(cx.text, span.start));
        let span = brace(content_cx, &head);
        self.dynamic(entries, key, key_span, iterator.unwrap_or(key), &collection, cx, |cx| {
            self.body(&content.body, cx.inside(content.span()), span.clone())
        });
    }

    /// The blocks a `dynamic` block stands for; an unknown number of them is one entry of unknown value.
    #[expect(clippy::too_many_arguments, reason = "two syntaxes share it")]
    fn dynamic(
        &self,
        entries: &mut Vec<Entry>,
        key: &str,
        key_span: Range<usize>,
        iterator: &str,
        collection: &Node,
        cx: Context<'_>,
        content: impl Fn(Context<'_>) -> Node,
    ) {
        let mut push = |value| entries.push(Entry { key: key.to_owned(), key_span: key_span.clone(), value });
        for (each_key, each_value) in pairs(collection) {
            if !self.spend(1) {
                break;
            }
            let each = each(each_key, each_value);
            push(content(cx.with(&Scope { name: iterator, value: &each, outer: cx.scope })));
        }
        if !collection.open().is_empty() {
            let expression = match &collection.value {
                Value::Unknown(expression) => expression.clone(),
                _ => "for_each".to_owned(),
            };
            push(unknown(collection.span.clone(), &expression));
        }
    }

    /// An expression's value.
    pub(super) fn expression(&self, expression: &Expression, cx: Context<'_>) -> Node {
        let cx = cx.inside(expression.span()).deeper(cx.depth + 1);
        if cx.depth > MAX_DEPTH || !self.spend(1) {
            return cx.unknown();
        }
        let literal = |text: String, plain| scalar(cx.here(), Text::Whole(text), plain);
        match expression {
            Expression::Null(_) => Node::null(cx.here()),
            Expression::Bool(value) => literal(value.value().to_string(), true),
            Expression::Number(number) => {
                let number = number.value();
                let text = number.as_i64().map(|n| n.to_string()).or_else(|| number.as_u64().map(|n| n.to_string()));
                text.or_else(|| number.as_f64().and_then(number_text))
                    .map_or_else(|| cx.unknown(), |t| literal(t, true))
            }
            Expression::String(text) if self.spend(text.value().len() / 64) => literal(text.value().clone(), false),
            Expression::String(_) => cx.unknown(),
            Expression::Array(array) => {
                let seen = array.iter().map(|member| self.expression(member, cx)).collect();
                Node { span: cx.here(), value: Value::Sequence(Members { seen, open: Vec::new() }) }
            }
            Expression::Object(object) => self.object(object, cx),
            Expression::StringTemplate(template) => self.template(template, cx),
            Expression::HeredocTemplate(heredoc) => self.heredoc(&heredoc.template, cx),
            Expression::Parenthesis(inner) => Node { span: cx.here(), ..self.expression(inner.inner(), cx) },
            Expression::Variable(name) => match cx.lookup(name.as_str()) {
                Some(value) => self.reached(value, cx.file, name.as_str(), false, &[], cx),
                None => cx.unknown(),
            },
            Expression::Traversal(traversal) => self.traversal(traversal, cx),
            Expression::Conditional(conditional) => self.conditional(conditional, cx),
            Expression::FuncCall(call) => self.call(call, cx),
            Expression::UnaryOp(operation) => self.unary(operation, cx),
            Expression::BinaryOp(operation) => self.binary(operation, cx),
            Expression::ForExpr(expression) => self.for_expression(expression, cx),
        }
    }

    fn object(&self, object: &Object, cx: Context<'_>) -> Node {
        let mut members = Members::default();
        for (key, value) in object {
            let before = value.expr().span().map_or(cx.within.1, |span| span.start);
            let value = self.expression(value.expr(), cx);
            match key {
                ObjectKey::Ident(ident) => {
                    let key = ident.as_str().to_owned();
                    // The parser keeps no place of a bare key; it stands right before the value.
                    let key_span = ident.span().or_else(|| bare_key(cx.text, &key, cx.within.0..before));
                    members.seen.push(Entry { key, key_span: cx.span(key_span), value });
                }
                ObjectKey::Expression(expression) => {
                    let key = self.expression(expression, cx);
                    match key.str() {
                        Some(text) => members.seen.push(Entry { key: text.to_owned(), key_span: key.span, value }),
                        None => members.open.push(key.span),
                    }
                }
            }
        }
        Node { span: cx.here(), value: Value::Mapping(members) }
    }

    // --- names

    fn steps(&self, traversal: &Traversal, cx: Context<'_>) -> Option<Vec<Step>> {
        if traversal.operators.len() > MAX_STEPS {
            return None;
        }
        let step = |operator: &TraversalOperator| match operator {
            TraversalOperator::AttrSplat(_) => Step::Attributes,
            TraversalOperator::FullSplat(_) => Step::All,
            TraversalOperator::GetAttr(name) => Step::Key(name.as_str().to_owned(), format!(".{}", name.as_str())),
            TraversalOperator::LegacyIndex(index) => {
                Step::Key(index.value().to_string(), format!("[{}]", index.value()))
            }
            TraversalOperator::Index(expression) => {
                let index = self.expression(expression, cx);
                match (&index.value, index.str()) {
                    (Value::Scalar(scalar), Some(text)) if scalar.plain => {
                        Step::Key(text.to_owned(), format!("[{text}]"))
                    }
                    (_, Some(text)) => Step::Key(text.to_owned(), format!("[{text:?}]")),
                    _ => Step::Unknown(cx.inside(expression.span()).written().to_owned()),
                }
            }
        };
        Some(traversal.operators.iter().map(|operator| step(operator.value())).collect())
    }

    fn traversal(&self, traversal: &Traversal, cx: Context<'_>) -> Node {
        let Some(steps) = self.steps(traversal, cx) else {
            return cx.unknown();
        };
        let Expression::Variable(root) = &traversal.expr else {
            let base = self.expression(&traversal.expr, cx);
            return match self.walk(&base, &steps) {
                Found::Value(value) => value.into_owned(),
                found => self.not_found(found, false, cx),
            };
        };
        let root = root.as_str();
        if let Some(value) = cx.lookup(root) {
            return self.reached(value, cx.file, root, false, &steps, cx);
        }
        if let ("local" | "var", Some((Step::Key(name, _), rest))) = (root, steps.split_first()) {
            let label = format!("{root}.{name}");
            let known = if root == "local" { self.local(name, cx.depth) } else { self.variable(name, cx.depth) };
            match known {
                Some((value, file)) if root == "local" => return self.reached(&value, file, &label, false, rest, cx),
                Some((value, file)) => {
                    return self.reached(&value, file, &format!("the default of {label}"), true, rest, cx);
                }
                None => {}
            }
        }
        let path: String = std::iter::once(root.into()).chain(steps.iter().map(Step::written)).collect();
        unknown(cx.here(), &path)
    }

    /// A value that is reached by its name: it stands here, and comes from there.
    fn reached(
        &self,
        value: &Node,
        file: usize,
        name: &str,
        is_default: bool,
        steps: &[Step],
        cx: Context<'_>,
    ) -> Node {
        match self.walk(value, steps) {
            Found::Value(value) => {
                let path: String = std::iter::once(name.into()).chain(steps.iter().map(Step::written)).collect();
                let from = format!("{}, {}", clipped(&path), self.place(file, value.span.start));
                self.relocate(&value, &cx.here(), &from, 0)
            }
            found => self.not_found(found, is_default, cx),
        }
    }

    fn not_found(&self, found: Found<'_>, is_default: bool, cx: Context<'_>) -> Node {
        match found {
            Found::Unknown(Some(expression)) => unknown(cx.here(), &expression),
            // The type of a variable may fill in what its default leaves out.
            Found::Missing if !is_default => {
                self.failed.set(true);
                cx.unknown()
            }
            _ => cx.unknown(),
        }
    }

    fn walk<'n>(&self, mut node: &'n Node, mut steps: &[Step]) -> Found<'n> {
        while let Some((step, rest)) = steps.split_first() {
            if let Value::Unknown(expression) = &node.value {
                let is_path = |text: &str| text.chars().all(|c| c.is_alphanumeric() || "_-.[]\"*".contains(c));
                let path = || std::iter::once(expression.into()).chain(steps.iter().map(Step::written)).collect();
                return Found::Unknown(is_path(expression).then(path));
            }
            let splat = match step {
                Step::Unknown(_) => return Found::Unknown(None),
                Step::Key(key, _) => {
                    let next = match &node.value {
                        Value::Mapping(_) => node.entry(key).map(|entry| &entry.value),
                        Value::Sequence(members) if members.open.is_empty() => {
                            key.parse::<usize>().ok().and_then(|index| members.seen.get(index))
                        }
                        _ => None,
                    };
                    match next {
                        Some(next) => node = next,
                        None if node.open().is_empty() => return Found::Missing,
                        None => return Found::Unknown(None),
                    }
                    steps = rest;
                    continue;
                }
                Step::Attributes => {
                    rest.iter().take_while(|step| matches!(step, Step::Key(_, w) if w.starts_with('.'))).count()
                }
                Step::All => rest.len(),
            };
            return self.splat(node, rest.split_at_checked(splat).unwrap_or((rest, &[])));
        }
        Found::Value(Cow::Borrowed(node))
    }

    fn splat<'n>(&self, node: &'n Node, (each, rest): (&[Step], &[Step])) -> Found<'n> {
        let (members, open) = match &node.value {
            Value::Sequence(members) => (members.seen.as_slice(), members.open.clone()),
            Value::Null => (&[][..], Vec::new()),
            _ => (std::slice::from_ref(node), Vec::new()),
        };
        let mut seen = Vec::new();
        for member in members {
            match self.walk(member, each) {
                Found::Value(value) if self.spend(size(&value)) => seen.push(value.into_owned()),
                Found::Missing => return Found::Missing,
                Found::Unknown(Some(expression)) => seen.push(unknown(member.span.clone(), &expression)),
                Found::Value(_) | Found::Unknown(None) => return Found::Unknown(None),
            }
        }
        let list = Node { span: node.span.clone(), value: Value::Sequence(Members { seen, open }) };
        if rest.is_empty() {
            return Found::Value(Cow::Owned(list));
        }
        match self.walk(&list, rest) {
            Found::Value(value) => Found::Value(Cow::Owned(value.into_owned())),
            Found::Missing => Found::Missing,
            Found::Unknown(expression) => Found::Unknown(expression),
        }
    }

    /// A copy of a value that stands at `span` and comes from elsewhere.
    pub(super) fn relocate(&self, node: &Node, span: &Range<usize>, from: &str, level: u32) -> Node {
        let cost = match &node.value {
            Value::Scalar(scalar) => 1 + (text_len(&scalar.text) + from.len()) / 64,
            _ => 1,
        };
        if level > MAX_LEVELS || !self.spend(cost) {
            return unknown(span.clone(), from);
        }
        let open = |open: &[Range<usize>]| if open.is_empty() { Vec::new() } else { vec![span.clone()] };
        let value = match &node.value {
            Value::Null => Value::Null,
            Value::Unknown(expression) => Value::Unknown(expression.clone()),
            Value::Scalar(scalar) => {
                Value::Scalar(Scalar { from: Some(chain(from, scalar.from.as_deref())), ..scalar.clone() })
            }
            Value::Sequence(members) => Value::Sequence(Members {
                seen: members.seen.iter().map(|member| self.relocate(member, span, from, level + 1)).collect(),
                open: open(&members.open),
            }),
            Value::Mapping(members) => {
                let entry = |entry: &Entry| Entry {
                    key: entry.key.clone(),
                    key_span: span.clone(),
                    value: self.relocate(&entry.value, span, from, level + 1),
                };
                Value::Mapping(Members { seen: members.seen.iter().map(entry).collect(), open: open(&members.open) })
            }
        };
        Node { span: span.clone(), value }
    }

    // --- operators

    fn conditional(&self, conditional: &Conditional, cx: Context<'_>) -> Node {
        let condition = self.expression(&conditional.cond_expr, cx);
        let Some(holds) = functions::truth(&condition) else {
            return cx.unknown();
        };
        let chosen = if holds { &conditional.true_expr } else { &conditional.false_expr };
        let mut value = self.expression(chosen, cx);
        if is_default(&condition) {
            let from = origins(std::slice::from_ref(&condition)).unwrap_or_default();
            depend(&mut value, &from, 0);
        }
        value
    }

    fn unary(&self, operation: &UnaryOp, cx: Context<'_>) -> Node {
        let operand = self.expression(&operation.expr, cx);
        let text = match operation.operator.value() {
            UnaryOperator::Not => functions::truth(&operand).map(|value| (!value).to_string()),
            UnaryOperator::Neg => functions::number(&operand).and_then(|number| number_text(-number)),
        };
        self.computed(text.map(plain), &[operand], cx)
    }

    fn binary(&self, operation: &BinaryOp, cx: Context<'_>) -> Node {
        let operands = [self.expression(&operation.lhs_expr, cx), self.expression(&operation.rhs_expr, cx)];
        let [left, right] = &operands;
        let numbers = || Some((functions::number(left)?, functions::number(right)?));
        let compare = |holds: fn(f64, f64) -> bool| numbers().map(|(l, r)| holds(l, r).to_string());
        let compute = |f: fn(f64, f64) -> f64| numbers().and_then(|(l, r)| number_text(f(l, r)));
        let truths = (functions::truth(left), functions::truth(right));
        let text = match operation.operator.value() {
            BinaryOperator::Eq => functions::equal(left, right).map(|equal| equal.to_string()),
            BinaryOperator::NotEq => functions::equal(left, right).map(|equal| (!equal).to_string()),
            BinaryOperator::And => match truths {
                (Some(false), _) | (_, Some(false)) => Some("false".to_owned()),
                (Some(true), Some(true)) => Some("true".to_owned()),
                _ => None,
            },
            BinaryOperator::Or => match truths {
                (Some(true), _) | (_, Some(true)) => Some("true".to_owned()),
                (Some(false), Some(false)) => Some("false".to_owned()),
                _ => None,
            },
            BinaryOperator::Less => compare(|l, r| l < r),
            BinaryOperator::LessEq => compare(|l, r| l <= r),
            BinaryOperator::Greater => compare(|l, r| l > r),
            BinaryOperator::GreaterEq => compare(|l, r| l >= r),
            BinaryOperator::Plus => compute(|l, r| l + r),
            BinaryOperator::Minus => compute(|l, r| l - r),
            BinaryOperator::Mul => compute(|l, r| l * r),
            BinaryOperator::Div => compute(|l, r| l / r),
            BinaryOperator::Mod => compute(|l, r| l % r),
        };
        self.computed(text.map(plain), &operands, cx)
    }

    /// The outcome of an operator or function; without one, the expression.
    fn computed(&self, outcome: Option<Outcome>, operands: &[Node], cx: Context<'_>) -> Node {
        match outcome {
            Some(Outcome::Node(node)) => node,
            Some(Outcome::Value(Value::Scalar(scalar))) if self.spend(text_len(&scalar.text) / 64) => {
                let expression = Some(clipped(cx.written()));
                let scalar = Scalar { expression, from: origins(operands), ..scalar };
                Node { span: cx.here(), value: Value::Scalar(scalar) }
            }
            Some(Outcome::Value(Value::Scalar(_))) | None => cx.unknown(),
            Some(Outcome::Value(value)) => Node { span: cx.here(), value },
        }
    }

    fn call(&self, call: &FuncCall, cx: Context<'_>) -> Node {
        let name = call.name.name.as_str();
        if !call.name.namespace.is_empty() {
            return cx.unknown();
        }
        if matches!(name, "try" | "can") {
            return self.attempt(name, call, cx);
        }
        let mut arguments: Vec<Node> = call.args.iter().map(|argument| self.expression(argument, cx)).collect();
        if call.args.expand_final() {
            match arguments.pop().map(|last| last.value) {
                Some(Value::Sequence(last)) if last.open.is_empty() => arguments.extend(last.seen),
                _ => return cx.unknown(),
            }
        }
        // What a function makes is no larger than what it is given, but for formats.
        if !self.spend(arguments.iter().map(size).sum()) {
            return cx.unknown();
        }
        self.computed(functions::call(name, &arguments, &cx.here()), &arguments, cx)
    }

    /// `try` and `can`: an argument is passed over only where it is certain to fail.
    fn attempt(&self, name: &str, call: &FuncCall, cx: Context<'_>) -> Node {
        let before = self.failed.get();
        let mut result = None;
        for argument in call.args.iter() {
            self.failed.set(false);
            let value = self.expression(argument, cx);
            let failed = self.failed.get() && matches!(value.value, Value::Unknown(_));
            if name == "can" {
                let known = !matches!(value.value, Value::Unknown(_));
                let outcome = (known || failed).then(|| plain(known.to_string()));
                result = Some(self.computed(outcome, &[value], cx));
                break;
            }
            if !failed {
                // An argument that may fail leaves open which of them it is.
                result = (!matches!(value.value, Value::Unknown(_))).then_some(value);
                break;
            }
        }
        self.failed.set(before);
        result.unwrap_or_else(|| cx.unknown())
    }

    fn for_expression(&self, expression: &ForExpr, cx: Context<'_>) -> Node {
        let intro = &expression.intro;
        let collection = self.expression(&intro.collection_expr, cx);
        if matches!(collection.value, Value::Unknown(_) | Value::Scalar(_) | Value::Null) || expression.grouping {
            return cx.unknown();
        }
        let mut list = Members::default();
        let mut object = Members::default();
        let mut open: Vec<_> = if collection.open().is_empty() { Vec::new() } else { vec![cx.here()] };
        for (key, value) in items(&collection) {
            if !self.spend(size(value)) {
                return cx.unknown();
            }
            let value = Scope { name: intro.value_var.as_str(), value, outer: cx.scope };
            let key_scope = Scope {
                name: intro.key_var.as_ref().map_or("", |name| name.as_str()),
                value: &key,
                outer: Some(&value),
            };
            let inner = cx.with(&key_scope);
            match expression.cond.as_ref().map(|condition| functions::truth(&self.expression(&condition.expr, inner))) {
                None | Some(Some(true)) => {}
                Some(Some(false)) => continue,
                Some(None) => {
                    if open.is_empty() {
                        open.push(cx.here());
                    }
                    continue;
                }
            }
            let made = self.expression(&expression.value_expr, inner);
            match &expression.key_expr {
                None => list.seen.push(made),
                Some(key) => {
                    let key = self.expression(key, inner);
                    match key.str() {
                        Some(text) => object.seen.push(Entry { key: text.to_owned(), key_span: key.span, value: made }),
                        None => open.push(key.span),
                    }
                }
            }
        }
        let value = match expression.key_expr {
            None => Value::Sequence(Members { open, ..list }),
            Some(_) => Value::Mapping(Members { open, ..object }),
        };
        Node { span: cx.here(), value }
    }

    // --- templates

    /// A template that is one interpolation is that interpolation's value, of any type.
    pub(super) fn template(&self, template: &Template, cx: Context<'_>) -> Node {
        if let Some(Element::Interpolation(interpolation)) = template.as_single_element() {
            let value = self.expression(&interpolation.expr, cx);
            return Node { span: cx.here(), ..value };
        }
        self.heredoc(template, cx)
    }

    fn heredoc(&self, template: &Template, cx: Context<'_>) -> Node {
        let mut pieces = Pieces::default();
        self.elements(template, cx, &mut pieces, (false, false));
        if pieces.text_len() > MAX_STRING || !self.spend(pieces.text_len() / 64) {
            return cx.unknown();
        }
        let literal = template.iter().all(Element::is_literal);
        let expression = (!literal).then(|| clipped(cx.written()));
        let from = pieces.from();
        let scalar = Scalar { text: pieces.finish(), plain: false, expression, from };
        Node { span: cx.here(), value: Value::Scalar(scalar) }
    }

    /// `trim`: whether the marks around the template strip its beginning and end.
    fn elements(&self, template: &Template, cx: Context<'_>, pieces: &mut Pieces, trim: (bool, bool)) {
        let elements: Vec<&Element> = template.iter().collect();
        for (index, element) in elements.iter().enumerate() {
            match element {
                Element::Literal(text) => {
                    let before = match index.checked_sub(1).and_then(|index| elements.get(index)) {
                        Some(element) => strips(element).1,
                        None => trim.0,
                    };
                    let after = elements.get(index + 1).map_or(trim.1, |element| strips(element).0);
                    let mut text = text.value().as_str();
                    if before {
                        text = text.trim_start();
                    }
                    if after {
                        text = text.trim_end();
                    }
                    pieces.text(text);
                }
                Element::Interpolation(interpolation) => pieces.node(&self.expression(&interpolation.expr, cx)),
                Element::Directive(directive) => match &**directive {
                    Directive::If(directive) => self.if_directive(directive, cx, pieces),
                    Directive::For(directive) => self.for_directive(directive, cx, pieces),
                },
            }
            if pieces.text_len() > MAX_STRING {
                return;
            }
        }
    }

    fn if_directive(&self, directive: &IfDirective, cx: Context<'_>, pieces: &mut Pieces) {
        let depth = cx.depth + 1;
        let IfDirective { if_expr, else_expr, endif_expr, .. } = directive;
        let condition = self.expression(&if_expr.cond_expr, cx);
        let last = endif_expr.strip.strip_start();
        let Some(holds) = functions::truth(&condition).filter(|_| depth <= MAX_DEPTH) else {
            pieces.unknown();
            return;
        };
        pieces.origin(&condition);
        match (holds, else_expr) {
            (true, otherwise) => {
                let end = otherwise.as_ref().map_or(last, |otherwise| otherwise.strip.strip_start());
                let trim = (if_expr.strip.strip_end(), end);
                self.elements(&if_expr.template, cx.deeper(depth), pieces, trim);
            }
            (false, Some(otherwise)) => {
                let trim = (otherwise.strip.strip_end(), last);
                self.elements(&otherwise.template, cx.deeper(depth), pieces, trim);
            }
            (false, None) => {}
        }
    }

    fn for_directive(&self, directive: &ForDirective, cx: Context<'_>, pieces: &mut Pieces) {
        let depth = cx.depth + 1;
        let expression = &directive.for_expr;
        let collection = self.expression(&expression.collection_expr, cx);
        if !collection.open().is_empty()
            || matches!(collection.value, Value::Scalar(_) | Value::Null)
            || depth > MAX_DEPTH
        {
            pieces.unknown();
            return;
        }
        let trim = (expression.strip.strip_end(), directive.endfor_expr.strip.strip_start());
        for (key, value) in items(&collection) {
            if !self.spend(size(value)) || pieces.text_len() > MAX_STRING {
                pieces.unknown();
                return;
            }
            let value = Scope { name: expression.value_var.as_str(), value, outer: cx.scope };
            let name = expression.key_var.as_ref().map_or("", |name| name.as_str());
            let scope = Scope { name, value: &key, outer: Some(&value) };
            self.elements(&expression.template, cx.with(&scope).deeper(depth), pieces, trim);
        }
    }

    // --- JSON

    /// A value of the JSON syntax: its strings are templates.
    pub(super) fn json(&self, node: &Node, cx: Context<'_>) -> Node {
        let cx = cx.deeper(cx.depth + 1);
        if cx.depth > MAX_DEPTH || !self.spend(1) {
            return unknown(node.span.clone(), "");
        }
        let value = match &node.value {
            Value::Scalar(scalar) => match scalar.text.whole().filter(|_| !scalar.plain) {
                Some(text) if text.contains("${") || text.contains("%{") => return self.json_string(node, text, cx),
                _ => Value::Scalar(scalar.clone()),
            },
            Value::Sequence(members) => {
                let seen = members.seen.iter().map(|member| self.json(member, cx)).collect();
                Value::Sequence(Members { seen, open: members.open.clone() })
            }
            Value::Mapping(members) => {
                let mut made = Members { seen: Vec::new(), open: members.open.clone() };
                for entry in members.seen.iter().filter(|entry| entry.key != "//") {
                    self.json_entry(entry, cx, &mut made);
                }
                Value::Mapping(made)
            }
            Value::Null | Value::Unknown(_) => node.value.clone(),
        };
        Node { span: node.span.clone(), value }
    }

    fn json_string(&self, node: &Node, text: &str, cx: Context<'_>) -> Node {
        // The parser's own limits hold for text in JSON as well.
        match hcl_edit::parser::parse_template(text) {
            Ok(template) if text.len() <= MAX_STRING && self.spend(text.len() / 64) => {
                self.template(&template, cx.in_string(text, &node.span))
            }
            _ => unknown(node.span.clone(), text),
        }
    }

    fn json_entry(&self, entry: &Entry, cx: Context<'_>, made: &mut Members<Entry>) {
        let blocks = super::objects(&entry.value);
        if entry.key == "dynamic" && !blocks.is_empty() {
            for inner in blocks.iter().flat_map(|block| block.entries()) {
                for block in super::objects(&inner.value) {
                    let collection = block.get("for_each").map(|collection| self.json(collection, cx));
                    let (Some(collection), Some(content)) = (collection, block.get("content")) else { continue };
                    let iterator = block.str_at(&["iterator"]).unwrap_or(&inner.key).to_owned();
                    let key_span = inner.key_span.clone();
                    self.dynamic(&mut made.seen, &inner.key, key_span, &iterator, &collection, cx, |cx| {
                        self.json(content, cx)
                    });
                }
            }
            return;
        }
        let value = self.json(&entry.value, cx);
        if entry.key.contains("${") {
            let key = Node { span: entry.key_span.clone(), value: Value::Null };
            match self.json_string(&key, &entry.key, cx).str() {
                Some(key) => {
                    made.seen.push(Entry { key: key.to_owned(), key_span: entry.key_span.clone(), value });
                }
                None => made.open.push(entry.key_span.clone()),
            }
            return;
        }
        made.seen.push(Entry { key: entry.key.clone(), key_span: entry.key_span.clone(), value });
    }
}

/// A string in the making: known until the first unknown part, and again after the last.
#[derive(Default)]
pub(super) struct Pieces {
    prefix: String,
    suffix: String,
    open: bool,
    from: Vec<String>,
}

impl Pieces {
    pub(super) fn text(&mut self, text: &str) {
        if self.open { self.suffix.push_str(text) } else { self.prefix.push_str(text) }
    }

    pub(super) fn unknown(&mut self) {
        self.open = true;
        self.suffix.clear();
    }

    pub(super) fn node(&mut self, node: &Node) {
        match &node.value {
            Value::Scalar(scalar) => match &scalar.text {
                Text::Whole(text) => {
                    self.text(text);
                    self.origin(node);
                }
                Text::Partial { prefix, suffix } => {
                    self.text(prefix);
                    self.unknown();
                    self.text(suffix);
                }
            },
            _ => self.unknown(),
        }
    }

    fn origin(&mut self, node: &Node) {
        if let Value::Scalar(Scalar { from: Some(from), .. }) = &node.value {
            let length: usize = self.from.iter().map(String::len).sum();
            if (length == 0 || length + from.len() < MAX_FROM) && !self.from.contains(from) {
                self.from.push(from.clone());
            }
        }
    }

    pub(super) fn text_len(&self) -> usize {
        self.prefix.len() + self.suffix.len()
    }

    fn from(&self) -> Option<String> {
        (!self.from.is_empty()).then(|| self.from.join(" and "))
    }

    pub(super) fn finish(self) -> Text {
        match self.open {
            false => Text::Whole(self.prefix),
            true => Text::Partial { prefix: self.prefix, suffix: self.suffix },
        }
    }
}

/// Whether the marks of an element strip what stands before and after it.
fn strips(element: &Element) -> (bool, bool) {
    match element {
        Element::Literal(_) => (false, false),
        Element::Interpolation(interpolation) => (interpolation.strip.strip_start(), interpolation.strip.strip_end()),
        Element::Directive(directive) => match &**directive {
            Directive::If(directive) => (directive.if_expr.strip.strip_start(), directive.endif_expr.strip.strip_end()),
            Directive::For(directive) => {
                (directive.for_expr.strip.strip_start(), directive.endfor_expr.strip.strip_end())
            }
        },
    }
}

/// An expression that is not evaluated.
pub(super) fn unknown(span: Range<usize>, expression: &str) -> Node {
    Node { span, value: Value::Unknown(clipped(expression)) }
}

fn scalar(span: Range<usize>, text: Text, plain: bool) -> Node {
    Node { span, value: Value::Scalar(Scalar { text, plain, expression: None, from: None }) }
}

fn plain(text: String) -> Outcome {
    Outcome::Value(Value::Scalar(Scalar::whole(text, true)))
}

fn clipped(text: &str) -> String {
    match text.char_indices().find(|(at, _)| *at >= MAX_WRITTEN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A number as Terraform writes it into a string.
pub(super) fn number_text(number: f64) -> Option<String> {
    // Through its digits: a float that is whole prints without a point. Beyond 2^53 they would be invented.
    (number.is_finite() && number.abs() < 9e15).then(|| if number == 0.0 { "0".to_owned() } else { number.to_string() })
}

fn text_len(text: &Text) -> usize {
    match text {
        Text::Whole(text) => text.len(),
        Text::Partial { prefix, suffix } => prefix.len() + suffix.len(),
    }
}

/// The work a copy of a value is.
pub(super) fn size(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(scalar) => 1 + text_len(&scalar.text) / 64,
        Value::Null | Value::Unknown(_) => 1,
        Value::Sequence(members) => 1 + members.seen.iter().map(size).sum::<usize>(),
        Value::Mapping(members) => 1 + members.seen.iter().map(|entry| size(&entry.value)).sum::<usize>(),
    }
}

/// Whether a value is what a variable falls back to.
pub(super) fn is_default(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.from.as_deref().is_some_and(|from| from.contains("the default of var.")),
        _ => false,
    }
}

/// Where the values of operands come from.
fn origins(operands: &[Node]) -> Option<String> {
    let mut pieces = Pieces::default();
    for operand in operands {
        pieces.origin(operand);
        operand.members().iter().for_each(|member| pieces.origin(member));
    }
    pieces.from()
}

/// Adds an origin to every scalar of a value that would be another without it.
fn depend(node: &mut Node, from: &str, level: u32) {
    match &mut node.value {
        Value::Scalar(scalar) => match scalar.from.take() {
            Some(own) => scalar.from = Some(chain(&own, Some(from))),
            None => scalar.from = Some(from.to_owned()),
        },
        Value::Sequence(members) if level < MAX_LEVELS => {
            members.seen.iter_mut().for_each(|member| depend(member, from, level + 1));
        }
        Value::Mapping(members) if level < MAX_LEVELS => {
            members.seen.iter_mut().for_each(|entry| depend(&mut entry.value, from, level + 1));
        }
        _ => {}
    }
}

fn chain(from: &str, inner: Option<&str>) -> String {
    match inner {
        Some(inner) if from.len() + inner.len() < MAX_FROM => format!("{from}, from {inner}"),
        // That a value is only a default is what must not be lost.
        Some(inner) if inner.contains("the default of var.") && !from.contains("the default of var.") => {
            inner.to_owned()
        }
        _ => from.to_owned(),
    }
}

/// Where a bare key stands that comes before a value.
fn bare_key(text: &str, key: &str, before: Range<usize>) -> Option<Range<usize>> {
    let at = text.get(before.clone())?.rfind(key)? + before.start;
    Some(at..at + key.len())
}

/// What `each` is for a member.
pub(super) fn each(key: Node, value: &Node) -> Node {
    let entry = |name: &str, value: Node| Entry { key: name.to_owned(), key_span: value.span.clone(), value };
    let seen = vec![entry("key", key), entry("value", value.clone())];
    Node { span: value.span.clone(), value: Value::Mapping(Members { seen, open: Vec::new() }) }
}

/// The members of a list or object with their keys, as `for` sees them: objects in the order of their keys.
fn items(collection: &Node) -> Vec<(Node, &Node)> {
    match &collection.value {
        Value::Sequence(members) => {
            let key = |index: usize, member: &Node| scalar(member.span.clone(), Text::Whole(index.to_string()), true);
            members.seen.iter().enumerate().map(|(index, member)| (key(index, member), member)).collect()
        }
        Value::Mapping(_) => {
            let mut items = pairs(collection);
            items.sort_by(|(left, _), (right, _)| left.str().cmp(&right.str()));
            items
        }
        _ => Vec::new(),
    }
}

/// The members of a set or map with their keys, as `for_each` sees them.
pub(super) fn pairs(collection: &Node) -> Vec<(Node, &Node)> {
    match &collection.value {
        Value::Sequence(members) => members.seen.iter().map(|member| (member.clone(), member)).collect(),
        Value::Mapping(members) => {
            let key = |entry: &Entry| scalar(entry.key_span.clone(), Text::Whole(entry.key.clone()), false);
            members.seen.iter().map(|entry| (key(entry), &entry.value)).collect()
        }
        _ => Vec::new(),
    }
}
