use proptest::prelude::*;

use super::*;
use crate::request::Text;

fn files(texts: &[(&str, &str)]) -> Vec<(String, String)> {
    texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// The module of a file, which comes first, and others.
fn module(files: &[(String, String)]) -> Module {
    let folder = Folder::new(files.iter().map(|(path, text)| (path.clone(), text.as_str().into())));
    Module::new(folder.files[0].clone(), Arc::new(folder), Some(0))
}

/// A value in one line: `"text"`, `2048`, `[a, b, +]`, `?expression`, `"www."…`, with its origin in parentheses.
fn shown(node: &Node) -> String {
    let list = |members: Vec<String>, open: bool| {
        members.into_iter().chain(open.then(|| "+".to_owned())).collect::<Vec<_>>().join(", ")
    };
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Unknown(expression) => format!("?{expression}"),
        Value::Scalar(scalar) => {
            let text = match (&scalar.text, scalar.plain) {
                (Text::Whole(text), true) => text.clone(),
                (Text::Whole(text), false) => format!("{text:?}"),
                (Text::Partial { prefix, suffix }, _) => format!("{prefix:?}…{suffix:?}"),
            };
            scalar.from.as_ref().map_or(text.clone(), |from| format!("{text} ({from})"))
        }
        Value::Sequence(members) => {
            format!("[{}]", list(members.seen.iter().map(shown).collect(), !members.open.is_empty()))
        }
        Value::Mapping(members) => {
            let entry = |entry: &Entry| format!("{}={}", entry.key, shown(&entry.value));
            format!("{{{}}}", list(members.seen.iter().map(entry).collect(), !members.open.is_empty()))
        }
    }
}

/// The value of `x` in a resource of `main.tf`, after `rest`, and what stands at its place.
fn evaluated(expression: &str, rest: &str, siblings: &[(&str, &str)]) -> (String, String) {
    let text = format!("resource \"t\" \"n\" {{\n  x = {expression}\n}}\n{rest}");
    let mut all = vec![("a/main.tf", text.as_str())];
    all.extend_from_slice(siblings);
    let all = files(&all);
    let module = module(&all);
    let resources = module.resources(|_| true);
    let value = resources.first().and_then(|resource| resource.body.entry("x")).map(|entry| entry.value.clone());
    let value = value.unwrap_or_else(|| panic!("{expression}: {:?}", module.problems()));
    (shown(&value), text.get(value.span.clone()).unwrap_or("no place").to_owned())
}

fn value(expression: &str) -> String {
    evaluated(expression, "", &[]).0
}

#[test]
fn literals_stand_where_they_are_written() {
    for (expression, expected) in [
        (r#""a\tb\u00e9 $${x} %%{y}""#, r#""a\tbé ${x} %{y}""#),
        ("2048", "2048"),
        ("2048.0", "2048"),
        ("-1.5", "-1.5"),
        ("1e3", "1000"),
        ("true", "true"),
        ("null", "null"),
        ("[\n    \"a\", # one\n    2,\n  ]", r#"["a", 2]"#),
        ("{ a = 1, \"b c\" : null, (\"d\") = [] }", "{a=1, b c=null, d=[]}"),
        ("<<EOT\na\n  b\nEOT", r#""a\n  b\n""#),
        ("<<-EOT\n    a\n      b\n  EOT", r#""a\n  b\n""#),
        ("(\"a\")", "\"a\""),
        ("\"\"", "\"\""),
    ] {
        let (shown, place) = evaluated(expression, "", &[]);
        assert_eq!(shown, expected, "{expression}");
        assert_eq!(place, expression);
    }
}

#[test]
fn members_stand_where_they_are_written() {
    let text = "resource \"t\" \"n\" {\n  x = { alpha = \"alpha\", \"b\" = [\"c\", upper(\"d\")] }\n}\n";
    let all = files(&[("main.tf", text)]);
    let module = module(&all);
    let resources = module.resources(|_| true);
    let place = |span: &Range<usize>| text.get(span.clone()).expect("it is there");
    let resource = &resources[0];
    assert_eq!(place(&resource.span), text.trim_end());
    assert_eq!(place(&resource.header_span), "resource \"t\" \"n\"");
    assert_eq!(place(&resource.type_span), "\"t\"");
    assert!(place(&resource.body.span).starts_with("{\n  x") && place(&resource.body.span).ends_with('}'));
    assert_eq!(place(&resource.body.entry("x").expect("it is there").key_span), "x");
    let x = resource.body.get("x").expect("it is there");
    assert_eq!(place(&x.entries()[0].key_span), "alpha");
    assert_eq!(x.entries()[0].key_span.start, text.find("alpha").expect("it is there"));
    assert_eq!(place(&x.entries()[0].value.span), "\"alpha\"");
    assert_eq!(place(&x.entries()[1].key_span), "\"b\"");
    let b = x.get("b").expect("it is there");
    assert_eq!(b.members().iter().map(|member| place(&member.span)).collect::<Vec<_>>(), ["\"c\"", "upper(\"d\")"]);
    let Value::Scalar(computed) = &b.members()[1].value else { panic!("{b:?}") };
    assert_eq!((computed.text.whole(), computed.expression.as_deref()), (Some("D"), Some("upper(\"d\")")));
}

#[test]
fn operators_and_functions() {
    for (expression, expected) in [
        ("1 + 2 * 3", "7"),
        ("10 / 4", "2.5"),
        ("7 % 4 - 1", "2"),
        ("-(2)", "-2"),
        ("1 == 1.0", "true"),
        ("\"1\" == 1", "false"),
        ("\"a\" != \"b\"", "true"),
        ("!true || false", "false"),
        ("false && var.x", "false"),
        ("var.x || true", "true"),
        ("2 >= 2 ? \"yes\" : var.x", "\"yes\""),
        ("var.x ? 1 : 2", "?var.x ? 1 : 2"),
        ("null == null ? 1 : 2", "1"),
        ("\"a\" == null ? 1 : 2", "2"),
        ("[\"a\", \"b\"][1]", "\"b\""),
        ("{ a = { b = 1 } }.a.b", "1"),
        ("[{ a = 1 }, { a = 2 }][*].a", "[1, 2]"),
        ("[{ a = 1 }, { a = 2 }].*.a", "[1, 2]"),
        ("toset([\"b\", \"a\", \"b\"])", r#"["a", "b"]"#),
        ("concat([\"a\"], var.more)", r#"["a", +]"#),
        ("concat([\"a\"], var.more)[0]", "?concat([\"a\"], var.more)[0]"),
        ("merge({ a = 1, b = 1 }, { b = 2 })", "{a=1, b=2}"),
        ("merge({ a = 1 }, var.more, { b = 2 })", "{a=?var.more, b=2, +}"),
        ("format(\"%s-%03d%%\", \"a\", 7)", "\"a-007%\""),
        ("format(\"www.%s.example.com\", var.x)", r#""www."…".example.com""#),
        ("formatlist(\"%s.example.com\", [\"a\", \"b\"])", r#"["a.example.com", "b.example.com"]"#),
        ("join(\",\", [\"a\", \"b\"])", "\"a,b\""),
        ("join(\".\", concat([\"a\"], var.more))", r#""a"…"""#),
        ("split(\",\", \"a,b\")", r#"["a", "b"]"#),
        ("lower(\"ABC\")", "\"abc\""),
        ("upper(\"www.${var.x}\")", r#""WWW."…"""#),
        ("trimsuffix(trimprefix(\"*.a.\", \"*.\"), \".\")", "\"a\""),
        ("trim(\"..a..\", \".\")", "\"a\""),
        ("replace(\"a-b\", \"-\", \".\")", "\"a.b\""),
        ("replace(\"a-b\", \"/-/\", \".\")", "?replace(\"a-b\", \"/-/\", \".\")"),
        ("flatten([[\"a\"], [[\"b\"]], var.x])", r#"["a", "b", +]"#),
        ("distinct(compact([\"a\", \"\", \"a\"]))", "[\"a\"]"),
        ("coalesce(null, \"\", \"a\")", "\"a\""),
        ("coalesce(var.x, \"a\")", "?coalesce(var.x, \"a\")"),
        ("lookup({ a = 1 }, \"b\", 2)", "2"),
        ("element([\"a\", \"b\"], 3)", "\"b\""),
        ("length([1, 2])", "2"),
        ("contains([\"a\", var.x], \"a\")", "true"),
        ("contains([\"a\", var.x], \"b\")", "?contains([\"a\", var.x], \"b\")"),
        ("keys({ b = 1, a = 2 })", r#"["a", "b"]"#),
        ("values({ b = 1, a = 2 })", "[2, 1]"),
        ("tostring(1)", "\"1\""),
        ("tonumber(\"10\")", "10"),
        ("cidrhost(\"10.3.0.0/16\", 1)", "\"10.3.0.1\""),
        ("max([1, 5, 3]...)", "5"),
        ("try({ a = 1 }.b, 2)", "2"),
        ("try(var.x, 2)", "?try(var.x, 2)"),
        ("can({ a = 1 }.b)", "false"),
        ("file(\"csr.pem\")", "?file(\"csr.pem\")"),
        ("provider::a::b(1)", "?provider::a::b(1)"),
        ("[for n in [\"a\", \"b\"] : \"${n}.x\" if n != \"b\"]", "[\"a.x\" (n, main.tf:2)]"),
        ("{ for k, v in { a = 1 } : upper(k) => v + 1 }", "{A=2 (v, main.tf:2)}"),
        ("[for i, n in [\"a\"] : \"${n}${i}\"]", "[\"a0\" (n, main.tf:2 and i, main.tf:2)]"),
        ("[for n in var.x : n]", "?[for n in var.x : n]"),
        ("\"%{ if true }a%{ else }b%{ endif }\"", "\"a\""),
        ("\"%{ for n in [1, 2] ~} ${n} %{ endfor }\"", "\"1 2 \" (n, main.tf:2)"),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn templates_are_known_as_far_as_they_are() {
    for (expression, expected) in [
        ("\"${\"a\"}\"", "\"a\""),
        ("\"${2048}\"", "2048"),
        ("\"${tls_private_key.a.private_key_pem}\"", "?tls_private_key.a.private_key_pem"),
        ("\"a${1}b${var.x}c${var.y}d\"", r#""a1b"…"d""#),
        ("\"${var.x}.example.com\"", r#"""…".example.com""#),
        ("<<E\na ${var.x}\nE", r#""a "…"\n""#),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn names_are_followed_to_where_they_are_given() {
    let rest = concat!(
        "locals {\n  env = \"prod\"\n  domain = \"${local.env}.${var.zone}\"\n  loop = local.pool\n  pool = local.loop\n",
        "  hosts = { web = { cn = \"web\" } }\n  key = tls_private_key.k\n}\n"
    );
    let siblings = [
        (
            "a/variables.tf",
            concat!(
                "variable \"bits\" {\n  type = number\n  default = 1024\n}\nvariable \"zone\" {\n  default = \"acme.example\"\n}\n",
                "variable \"none\" {}\nvariable \"null\" { default = null }\nvariable \"empty\" { default = [] }\n",
                "variable \"secret\" {\n  default = \"x\"\n  sensitive = true\n}\n",
                "variable \"o\" {\n  type = object({ a = optional(string, \"y\") })\n  default = { b = 1 }\n}\n"
            ),
        ),
        ("a/more.tf", "locals {\n\n  names = [\"a\", \"b\"]\n}\n"),
    ];
    for (expression, expected) in [
        ("var.bits", "1024 (the default of var.bits, variables.tf:3)"),
        ("var.none", "?var.none"),
        ("var.null", "?var.null"),
        ("var.empty", "?var.empty"),
        ("var.secret", "?var.secret"),
        ("local.env", "\"prod\" (local.env, main.tf:5)"),
        (
            "local.domain",
            "\"prod.acme.example\" (local.domain, main.tf:6, from local.env, main.tf:5 and the default of var.zone, variables.tf:6)",
        ),
        ("local.names", "[\"a\" (local.names, more.tf:3), \"b\" (local.names, more.tf:3)]"),
        ("local.names[1]", "\"b\" (local.names[1], more.tf:3)"),
        ("local.hosts[\"web\"].cn", "\"web\" (local.hosts[\"web\"].cn, main.tf:9)"),
        ("try(local.hosts.mail.cn, \"c\")", "\"c\""),
        ("try(var.o.a, \"c\")", "?try(var.o.a, \"c\")"),
        ("local.loop", "?local.loop"),
        ("local.nowhere", "?local.nowhere"),
        ("local.key.private_key_pem", "?tls_private_key.k.private_key_pem"),
        ("var.bits > 2000 ? \"a\" : \"b\"", "\"b\" (the default of var.bits, variables.tf:3)"),
        ("tls_private_key.k[local.env].id", "?tls_private_key.k[\"prod\"].id"),
        ("module.a.b", "?module.a.b"),
    ] {
        let (shown, place) = evaluated(expression, rest, &siblings);
        assert_eq!(shown, expected, "{expression}");
        if !expression.contains(['?', '(']) {
            assert_eq!(place, expression);
        }
    }
}

#[test]
fn nested_and_dynamic_blocks() {
    let text = concat!(
        "resource \"t\" \"n\" {\n  subject {\n    cn = \"a\"\n  }\n  subject { cn = \"b\" }\n",
        "  dynamic \"san\" {\n    for_each = { x = 1 }\n    content {\n      v = \"${san.key}${san.value}\"\n    }\n  }\n",
        "  dynamic \"ext\" {\n    for_each = var.some\n    iterator = it\n    content {\n      v = it.value\n    }\n  }\n",
        "  dynamic \"none\" {\n    for_each = []\n    content {}\n  }\n}\n"
    );
    let all = files(&[("main.tf", text)]);
    let resources = module(&all).resources(|_| true);
    let body = &resources[0].body;
    let subjects = blocks(body, "subject");
    assert_eq!(subjects.iter().map(|block| shown(block)).collect::<Vec<_>>(), ["{cn=\"a\"}", "{cn=\"b\"}"]);
    assert_eq!(text.get(subjects[1].span.clone()), Some("{ cn = \"b\" }"));
    assert_eq!(text.get(body.entries()[2].key_span.clone()), Some("\"san\""));
    assert_eq!(shown(blocks(body, "san")[0]), "{v=\"x1\" (san.key, main.tf:7 and san.value, main.tf:7)}");
    assert_eq!(blocks(body, "ext").iter().map(|block| shown(block)).collect::<Vec<_>>(), ["?var.some"]);
    assert!(blocks(body, "none").is_empty());
}

#[test]
fn instances_are_read_one_by_one() {
    let addresses = |meta: &str| {
        let all = files(&[(
            "main.tf",
            &format!("resource \"t\" \"n\" {{\n  {meta}\n  k = try(each.key, count.index)\n}}\n"),
        )]);
        let resources = module(&all).resources(|_| true);
        let line = |resource: &Resource| {
            format!("{} {}", resource.address(), resource.body.get("k").map(shown).unwrap_or_default())
        };
        resources.iter().map(line).collect::<Vec<_>>()
    };
    let each = "for_each = { web = { cn = \"a\" }, mail = {} }";
    assert_eq!(
        addresses(each),
        ["t.n[\"web\"] \"web\" (each.key, main.tf:2)", "t.n[\"mail\"] \"mail\" (each.key, main.tf:2)"]
    );
    assert_eq!(addresses("for_each = toset([\"b\", \"a\"])").len(), 2);
    assert_eq!(addresses("for_each = var.x"), ["t.n ?try(each.key, count.index)"]);
    assert_eq!(addresses("for_each = {}"), [""; 0]);
    assert_eq!(addresses("count = 0"), [""; 0]);
    assert_eq!(addresses("count = 2").len(), 2);
    assert_eq!(addresses("count = 11"), ["t.n ?try(each.key, count.index)"]);
    assert_eq!(addresses("count = var.on ? 1 : 0").len(), 1);

    let all = files(&[(
        "main.tf",
        "resource \"t\" \"n\" {\n  for_each = { web = { cn = \"a\" } }\n  x = each.value.cn\n  y = t.k[each.key].pem\n}\ndata \"d\" \"m\" {\n  count = 1\n}\n",
    )]);
    let resources = module(&all).resources(|_| true);
    assert_eq!(resources[0].body.get("x").map(shown).expect("it is there"), "\"a\" (each.value.cn, main.tf:2)");
    let reference = reference(resources[0].body.get("y").expect("it is there")).expect("it is there");
    assert_eq!((reference.instance.as_deref(), reference.attribute.as_str()), (Some("\"web\""), "pem"));
    assert_eq!(resources[1].address(), "data.d.m[0]");
}

#[test]
fn too_many_instances_are_a_problem() {
    let list = "1,".repeat(40);
    let pairs = "[for x, a in local.a : [for y, b in local.a : \"${x}-${y}\"]]";
    let text =
        format!("locals {{\n  a = [{list}]\n}}\nresource \"t\" \"n\" {{\n  for_each = toset(flatten({pairs}))\n}}\n");
    let all = files(&[("main.tf", &text)]);
    let module = module(&all);
    assert_eq!(module.resources(|_| true).len(), MAX_INSTANCES);
    assert_eq!(module.problems().len(), 1);
}

#[test]
fn references_between_resources() {
    let parsed = |expression: &str| {
        let (kind, rest) = match reference(&Node { span: 0..0, value: Value::Unknown(expression.to_owned()) }) {
            Some(r) => {
                (r.kind, format!("{}.{}[{}].{}", r.type_name, r.name, r.instance.unwrap_or_default(), r.attribute))
            }
            None => return String::new(),
        };
        format!("{kind} {rest}")
    };
    for (expression, expected) in [
        ("tls_private_key.web.private_key_pem", "resource tls_private_key.web[].private_key_pem"),
        ("tls_private_key.web[\"a\"].private_key_pem", "resource tls_private_key.web[\"a\"].private_key_pem"),
        ("tls_private_key.web[0].private_key_pem", "resource tls_private_key.web[0].private_key_pem"),
        ("element(tls_private_key.web.*.private_key_pem, 0)", "resource tls_private_key.web[].private_key_pem"),
        ("join(\"\", tls_private_key.web[*].private_key_pem)", "resource tls_private_key.web[].private_key_pem"),
        ("data.a.b.c", "data a.b[].c"),
        ("ephemeral.tls_private_key.b.c", "ephemeral tls_private_key.b[].c"),
        ("var.x ? tls_private_key.web[0].id : \"\"", "resource tls_private_key.web[0].id"),
        ("time_rotating.x", "resource time_rotating.x[]."),
        ("var.x.y.z", ""),
        ("module.x.y", ""),
        ("file(tls_private_key.a.b)", ""),
        ("not an expression", ""),
    ] {
        assert_eq!(parsed(expression), expected, "{expression}");
    }
}

#[test]
fn resources_of_other_files_stand_where_they_are_named() {
    let all = files(&[
        (
            "m/csr.tf",
            "resource \"tls_cert_request\" \"r\" {\n  private_key_pem = tls_private_key.k.private_key_pem\n}\n",
        ),
        ("m/key.tf", "\nresource \"tls_private_key\" \"k\" {\n  algorithm = \"RSA\"\n}\n"),
    ]);
    let module = module(&all);
    let request = &module.resources(|_| true)[0];
    let named = request.body.get("private_key_pem").expect("it is there");
    let key = module.find(&reference(named).expect("it is there"), &named.span).expect("it is there");
    assert_eq!(shown(&key.body), "{algorithm=\"RSA\" (tls_private_key.k, key.tf:2)}");
    assert_eq!(key.body.get("algorithm").map(|node| node.span.clone()), Some(named.span.clone()));
}

#[test]
fn a_broken_block_leaves_the_others() {
    let text = "resource \"t\" \"a\" {\n  x = = 1\n}\nresource \"t\" \"b\" {\n  x = 1\n  x = 2\n}\nresource \"t\" \"c\" {\n  y = 1\n}\n";
    let all = files(&[("main.tf", text)]);
    let module = module(&all);
    let resources = module.resources(|_| true);
    assert_eq!(resources.iter().map(Resource::address).collect::<Vec<_>>(), ["t.c"]);
    let places: Vec<_> =
        module.problems().iter().map(|problem| text.get(problem.span.clone()).expect("it is there")).collect();
    assert_eq!(places, ["= 1", "x = 2"]);
}

#[test]
fn json_syntax_gives_the_same() {
    let text = r#"{
      "//": "made by hand",
      "locals": {"domain": "acme.example"},
      "variable": {"bits": {"type": "number", "default": 1024}},
      "resource": {"tls_private_key": {"web": [{"for_each": {"a": 1}, "rsa_bits": "${var.bits}", "algorithm": "RSA"}]},
        "tls_cert_request": {"web": {
          "private_key_pem": "${tls_private_key.web[\"a\"].private_key_pem}",
          "dns_names": ["www.${local.domain}", "${var.other}.example.com"],
          "subject": [{"common_name": "$${x}"}],
          "dynamic": {"san": {"for_each": ["q"], "content": {"v": "${san.value}"}}}}}}
    }"#;
    let all = files(&[("main.tf.json", text)]);
    let module = module(&all);
    let resources = module.resources(|_| true);
    assert_eq!(
        resources.iter().map(Resource::address).collect::<Vec<_>>(),
        ["tls_private_key.web[\"a\"]", "tls_cert_request.web"]
    );
    let bits = resources[0].body.get("rsa_bits").expect("it is there");
    assert_eq!(shown(bits), "1024 (the default of var.bits, main.tf.json:4)");
    assert_eq!(text.get(bits.span.clone()), Some("\"${var.bits}\""));
    let body = &resources[1].body;
    assert_eq!(
        reference(body.get("private_key_pem").expect("it is there")).expect("it is there").type_name,
        "tls_private_key"
    );
    assert_eq!(
        shown(body.get("dns_names").expect("it is there")),
        r#"["www.acme.example" (local.domain, main.tf.json:3), ""…".example.com"]"#
    );
    assert_eq!(shown(blocks(body, "subject")[0]), r#"{common_name="${x}"}"#);
    assert_eq!(shown(blocks(body, "san")[0]), r#"{v="q" (san.value, main.tf.json:10)}"#);
}

#[test]
fn versions_of_providers() {
    let version = |text: &str, lock: Option<&str>| {
        let all = files(&[("main.tf", ""), ("versions.tf", text)]);
        let lock = lock.map(|text| File::new(".terraform.lock.hcl", text.into()));
        let found = module(&all).provider_version(lock.as_ref(), "hashicorp/tls");
        found.map(|found| format!("{} {}", found.version, found.from)).unwrap_or_default()
    };
    let required = |inner: &str| format!("terraform {{\n  required_providers {{\n    tls = {inner}\n  }}\n}}\n");
    assert_eq!(
        version(&required("{ source = \"hashicorp/tls\", version = \"= 4.0.5\" }"), None),
        "4.0.5 versions.tf:3"
    );
    assert_eq!(version(&required("{ source = \"hashicorp/tls\", version = \"~> 4.0\" }"), None), "");
    assert_eq!(version(&required("{ source = \"acme/tls\", version = \"4.0.5\" }"), None), "");
    assert_eq!(version(&required("\"3.1.0\""), None), "3.1.0 versions.tf:3");
    let lock = "# by hand\nprovider \"registry.opentofu.org/hashicorp/tls\" {\n  version = \"4.0.6\"\n  hashes = [\n    \"h1:x\",\n  ]\n}\n";
    assert_eq!(version(&required("\"3.1.0\""), Some(lock)), "4.0.6 .terraform.lock.hcl:3");
}

#[test]
fn a_file_comes_before_its_siblings_wherever_it_stands() {
    let text = |name: &str| {
        format!(
            "locals {{\n  n = \"{name}\"\n}}\nresource \"t\" \"n\" {{\n  x = local.n\n  y = t.o.x\n}}\nresource \"t\" \"o\" {{\n  x = \"{name}\"\n}}\n"
        )
    };
    let all = [("a.tf", text("a")), ("b.tf", text("b")), ("c.tf", text("c"))];
    let folder = Arc::new(Folder::new(all.iter().map(|(path, text)| ((*path).to_owned(), text.as_str().into()))));
    let seen = |module: &Module| {
        let resources = module.resources(|_| true);
        let body = &resources[0].body;
        let (_, found, is_here) = module.target(body.get("y").expect("it is there")).expect("it is there");
        (shown(body.get("x").expect("it is there")), shown(found.body.get("x").expect("it is there")), is_here)
    };
    for (number, (path, _)) in all.iter().enumerate() {
        let name = path.trim_end_matches(".tf");
        let expected = (format!("{name:?} (local.n, {path}:2)"), format!("{name:?}"), true);
        assert_eq!(seen(&Module::new(folder.files[number].clone(), folder.clone(), Some(number))), expected);
    }
    // A text that is not the folder's own stands in for it.
    let other = "resource \"t\" \"n\" {\n  x = local.n\n  y = t.o.x\n}\n";
    let first = Arc::new(File::new("a.tf", other.into()));
    let expected = ("\"b\" (local.n, b.tf:2)".to_owned(), "\"b\" (t.o, b.tf:8)".to_owned(), false);
    assert_eq!(seen(&Module::new(first, folder, Some(0))), expected);
}

#[test]
fn deep_expressions_are_evaluated_without_overflow() {
    for (open, close) in
        [("[", "]"), ("{ a = ", " }"), ("(", ")"), ("\"${", "}\""), ("!", ""), ("upper(", ")"), ("true ? 1 : ", "")]
    {
        let nested = |depth: usize| format!("{}\"x\"{}", open.repeat(depth), close.repeat(depth));
        let deepest = (1..=64).rev().find(|depth| parser::parse_expr(&nested(*depth)).is_ok());
        assert!(deepest.is_some_and(|depth| depth > 20), "{open}: {deepest:?}");
        let chain: String = (0..60).map(|n| format!("  a{n} = [{}, local.a{}]\n", nested(20), n + 1)).collect();
        let rest = format!("locals {{\n{chain}}}\n");
        let _ = evaluated(&format!("[{}, local.a0]", nested(deepest.unwrap_or(0).saturating_sub(2))), &rest, &[]);
    }
    let sum = vec!["1"; 90].join(" + ");
    assert_eq!(value(&sum), "90");
}

#[test]
fn work_is_limited() {
    // Values that double, names that chain, objects with many keys, and strings that grow.
    let chain = |each: &dyn Fn(usize) -> String| {
        let locals: String = (0..2_000).map(|n| format!("  a{n} = {}\n", each(n + 1))).collect();
        format!(
            "locals {{\n{locals}  a2000 = \"xxxxxxxxxxxxxxxx\"\n}}\nresource \"t\" \"n\" {{\n  x = local.a0\n  y = local.a1990\n}}\n"
        )
    };
    let many: String = (0..100)
        .map(|n| {
            format!(
                "locals {{\n  o{n} = {{\n{}  }}\n}}\n",
                (0..2_000).map(|k| format!("k{k}={k}\n")).collect::<String>()
            )
        })
        .collect();
    for text in [
        chain(&|n| format!("[local.a{n}, local.a{n}]")),
        chain(&|n| format!("\"${{local.a{n}}}${{local.a{n}}}${{local.a{n}}}\"")),
        chain(&|n| format!("concat([local.a{n}], [local.a{n}])")),
        chain(&|n| format!("{{ k = local.a{n} }}")),
        chain(&|n| format!("local.a{n}")),
        chain(&|n| format!("[for x in range(9) : [local.a{n}, x]]")),
        format!("{many}resource \"t\" \"n\" {{\n  x = local.o1.k1\n}}\n"),
        format!("{}resource \"t\" \"n\" {{\n}}\n", "resource \"a\" \"b\" {\n".repeat(100_000)),
    ] {
        let all = files(&[("main.tf", &text)]);
        let start = std::time::Instant::now();
        let module = module(&all);
        assert_eq!(module.resources(|_| true).len(), 1);
        assert!(start.elapsed().as_secs() < 20);
    }
}

proptest! {
    #[test]
    fn any_expression_is_evaluated(
        expression in "(local\\.a|var\\.v|each\\.key|\"x\"|\"\\$\\{|\\}\"|[\\[\\](){},.?:!=<>+*/% ]|1|null|try\\(|merge\\(|format\\(\"%s\",|for x in |x|\\.\\*|\\[\\*\\]|<<E\\nq\\nE\\n|%\\{if true\\}|\u{e9}){0,12}"
    ) {
        let text = format!(
            "locals {{\n  a = {expression}\n}}\nvariable \"v\" {{\n  default = [1, {{ k = 2 }}]\n}}\nresource \"t\" \"n\" {{\n  x = {expression}\n  z = local.a\n}}\n"
        );
        let all = files(&[("main.tf", &text)]);
        let module = module(&all);
        for resource in module.resources(|_| true) {
            for entry in resource.body.entries() {
                prop_assert!(text.get(entry.key_span.clone()).is_some());
                prop_assert!(text.get(entry.value.span.clone()).is_some());
                let _ = (reference(&entry.value), module.find(&Reference { kind: "resource", type_name: "t".into(), name: "n".into(), instance: None, attribute: String::new() }, &entry.value.span));
            }
        }
        for problem in module.problems() {
            prop_assert!(text.get(problem.span).is_some());
        }
    }
}
