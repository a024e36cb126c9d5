//! Hostile strings in requests, file names, policies and rules: no output lets one of them act.
//! Terminals obey escapes, readers believe what bidirectional marks show them, GitHub's runner obeys lines of a log.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use forge::Csr;
use forge::csr::good;
use forge::der::{self, utf8};
use run::{Ran, Sandbox, findings};
use samples::WEAK;
use serde_json::Value;

const FORMATS: [&str; 13] = [
    "human",
    "concise",
    "json",
    "ndjson",
    "sarif",
    "github",
    "gitlab",
    "azure",
    "junit",
    "checkstyle",
    "rdjson",
    "csv",
    "html",
];

/// Strings that want to act. Each holds the word PWNED, to be found again.
fn hostile() -> Vec<String> {
    let mut strings: Vec<String> = [
        "\u{1b}[31mPWNED\u{1b}[0m",
        "\u{1b}]8;;http://evil.example/\u{7}PWNED\u{1b}]8;;\u{7}",
        "\u{9b}2JPWNED",
        "\u{90}PWNED\u{9c}",
        "\u{202e}PWNED\u{202c}",
        "\u{2066}PWNED\u{2069}",
        "PW\u{200b}N\u{200d}E\u{feff}D\u{2060}\u{ad}",
        "PWNED\u{e0041}\u{e007f}",
        "PWNED\u{2028}x\u{2029}y\u{85}z",
        "\n::error file=a,line=1::PWNED",
        "\r::error::PWNED",
        "\r\n  ::set-output name=x::PWNED",
        "x\n::stop-commands::PWNED",
        "%0A::error::PWNED",
        "%250A::error::PWNED",
        "::error::PWNED",
        "::add-mask::PWNED",
        ",title=PWNED::x",
        "[PWNED](http://evil.example)",
        "![PWNED](http://evil.example/x.png)",
        "[PWNED](1)",
        "<script>PWNED</script>",
        "<img src=x onerror=PWNED>",
        "</script><script>PWNED</script>",
        "]]></failure><!-- PWNED",
        "##vso[task.setvariable variable=x]PWNED",
        "###VSO[task.complete result=Succeeded;]PWNED",
        ";code=1]PWNED##vso[task.complete]",
        "=HYPERLINK(\"http://evil.example\",\"PWNED\")",
        "javascript:PWNED",
        "PWNED\0behind",
        "PWNED\u{8}\u{8}\u{8}\u{7f}",
        "\tPWNED\u{b}\u{c}",
        "`PWNED` | PWNED | **PWNED**",
        "{{PWNED}} ${PWNED} $(PWNED) %s%n",
        "\\PWNED\\n\\u001b",
        "\"PWNED\" 'x'",
        "e\u{301}\u{302}\u{303}\u{304}PWNED",
        "\u{5d0}\u{5d1}PWNED\u{627}",
    ]
    .map(str::to_owned)
    .into();
    strings.push(format!("PWNED{}", "\u{1b}[A".repeat(100)));
    strings.push(format!("PWNED{}", "A".repeat(100_000)));
    strings
}

/// Characters that act although nobody sees them, and must not be in any output.
fn acts(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(u32::from(character), 0xAD | 0x61C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF)
}

/// A line as GitHub's runner reads it (`ActionCommand.TryParseV2`): command and data.
fn command(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_start().strip_prefix("::")?;
    rest.split_once("::")
}

/// The runner's older commands (`ActionCommand.TryParse`) count anywhere in a line: `##[error]data`.
fn older_command(line: &str) -> Option<&str> {
    line.split_once("##[")?.1.split_once(']').map(|(command, _)| command)
}

/// Whether a command is one that csrlint writes, about a file that is there.
fn is_ours(command: &str) -> bool {
    let (name, properties) = command.split_once(' ').unwrap_or((command, ""));
    let keys = ["file", "line", "endLine", "col", "endColumn", "title"];
    let known = |pair: &str| pair.split_once('=').is_some_and(|(key, _)| keys.contains(&key));
    // Every one of ours has a title: that of the rule with its id behind it, or csrlint's own.
    let title = properties.rsplit_once("title=").map_or("", |(_, title)| title);
    let titled = title.ends_with(')') || title.starts_with("csrlint");
    ["error", "warning", "notice"].contains(&name) && properties.split(',').all(known) && titled
}

#[track_caller]
fn no_acting_characters(text: &str, format: &str, about: &str) {
    // Its lines end as RFC 4180 has it.
    let text = if format == "csv" { text.replace("\r\n", "\n") } else { text.to_owned() };
    if let Some(character) = text.chars().find(|character| acts(*character)) {
        let at = text.find(character).expect("it is there");
        panic!(
            "{about}: {format} has {character:?} in {:?}",
            text[..at].chars().rev().take(40).collect::<String>().chars().rev().collect::<String>()
        );
    }
}

#[track_caller]
fn no_commands(text: &str, format: &str, about: &str) {
    for line in text.lines() {
        // Azure's agent obeys `##vso[` anywhere in a line, and takes what follows the first `]` for the message.
        let after = match format {
            "azure" => line
                .strip_prefix("##vso[task.logissue ")
                .map_or(line, |rest| rest.split_once(']').map_or("", |(_, text)| text)),
            _ => line,
        };
        assert!(!after.to_ascii_lowercase().contains("##vso["), "{about}: {format} has a command: {line:?}");
        if let Some((found, _)) = command(line) {
            assert!(format == "github" && is_ours(found), "{about}: {format} has a command: {line:?}");
        }
    }
}

/// Characters only.
fn characters(ran: &Ran, format: &str, about: &str) {
    assert!([0, 1, 2, 3].contains(&ran.code), "{about}: {}", ran.brief());
    no_acting_characters(ran.text(), format, about);
    no_acting_characters(&ran.stderr, "standard error", about);
}

/// Commands only.
fn commands(ran: &Ran, format: &str, about: &str) {
    no_commands(ran.text(), format, about);
    no_commands(&ran.stderr, "standard error", about);
}

fn both(ran: &Ran, format: &str, about: &str) {
    characters(ran, format, about);
    commands(ran, format, about);
}

/// Every output of `check` and `inspect` on files.
fn outputs(sandbox: &Sandbox, names: &[String], about: &str) {
    for format in FORMATS {
        let fixed = ["check", "--profile", "pedantic", "--as-of", "2026-06-01", "-v", "--format", format];
        let ran = sandbox.run(&fixed);
        characters(&ran, format, about);
        if format != "human" {
            commands(&ran, format, about);
        }
        if format == "json" || format == "sarif" {
            ran.json();
        }
    }
    both(&sandbox.run(&["check", "-q"]), "human", about);
    for format in ["human", "json"] {
        let fixed = ["inspect", "--format", format];
        let arguments: Vec<&str> = fixed.into_iter().chain(names.iter().map(String::as_str)).collect();
        both(&sandbox.run(&arguments), format, about);
    }
}

/// A directory with a file for each content, and their names.
fn numbered(contents: impl Iterator<Item = String>) -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::new();
    let names = contents.enumerate().map(|(number, content)| {
        let name = format!("{number:02}.csr");
        sandbox.file(&name, content);
        name
    });
    let names = names.collect();
    (sandbox, names)
}

/// A request with a hostile string wherever there is room for one.
fn everywhere(text: &str) -> Csr {
    let ascii: String = text.chars().filter(char::is_ascii).collect();
    let other = der::other_name("1.3.6.1.4.1.311.20.2.3", &utf8(text));
    let san = der::san(&[
        der::dns(text),
        der::dns(&ascii),
        der::email(&format!("{ascii}@example.com")),
        der::uri(&ascii),
        der::uri(&format!("http://example.com/{text}")),
        other,
        der::directory_name(&der::name(&[("CN", text)])),
    ]);
    let attributes = [
        der::attribute("1.2.840.113549.1.9.2", &[&utf8(text)]),
        der::attribute(der::CHALLENGE_PASSWORD, &[&utf8(text)]),
        der::attribute("1.3.6.1.4.1.311.13.2.3", &[&der::ia5(&ascii)]),
        der::attribute("1.3.6.1.4.1.311.21.20", &[&der::seq(&[&der::int(5), &utf8(text), &utf8(text), &utf8(text)])]),
        der::attribute("1.3.6.1.4.1.311.13.2.1", &[&der::seq(&[&der::bmp("CertificateTemplate"), &der::bmp(text)])]),
        der::attribute("1.2.3.4.5", &[&utf8(text)]),
        der::extension_request(&[
            san,
            der::extension("1.3.6.1.4.1.311.20.2", false, &der::bmp(text)),
            der::extension("1.2.3.4.5", true, text.as_bytes()),
        ]),
    ];
    let subject = [
        ("O", utf8(text)),
        ("CN", utf8(text)),
        ("C", der::printable(&ascii)),
        ("OU", der::bmp(text)),
        ("L", der::tlv(0x14, text.as_bytes())),
        ("1.2.3.4.5", utf8(text)),
        ("E", der::ia5(&ascii)),
    ];
    let rdns: Vec<Vec<u8>> = subject.iter().map(|(kind, value)| der::typed_rdn(kind, value)).collect();
    good().subject(der::names(&rdns)).attribute_list(&attributes)
}

#[test]
fn strings_in_requests_do_not_act() {
    let (sandbox, names) = numbered(hostile().iter().map(|text| everywhere(text).pem()));
    outputs(&sandbox, &names, "requests");
}

/// `csrlint check` is what most workflows run, and its output is a log that the runner reads.
#[test]
fn strings_in_requests_give_no_commands_in_the_human_format() {
    let (sandbox, names) = numbered(hostile().iter().map(|text| everywhere(text).pem()));
    let inspect: Vec<&str> = ["inspect"].into_iter().chain(names.iter().map(String::as_str)).collect();
    for arguments in [&["check", "--profile", "pedantic", "-v"][..], &["check", "--format", "human", "-q"], &inspect] {
        commands(&sandbox.run(arguments), "human", "requests");
    }
}

#[test]
fn machine_formats_carry_the_value() {
    for text in hostile() {
        let sandbox =
            Sandbox::with("web.csr", good().subject(der::name(&[("O", &text), ("CN", "shop.example.com")])).pem());
        let request = &sandbox.run(&["inspect", "--format", "json", "web.csr"]).json()[0];
        assert_eq!(request["rdns"][0][0]["value"], Value::String(text.clone()), "{:?}", &text[..text.len().min(40)]);
        let report = sandbox.check(&[]).json();
        assert_eq!(report["requests"][0]["rdns"][0][0]["value"], Value::String(text));
    }
}

#[test]
fn links_in_sarif_messages_are_no_links() {
    let mut seen = 0;
    for text in
        ["[PWNED](http://evil.example)", "[PWNED](1)", "\\[PWNED](http://evil.example)", "](http://evil.example) PWNED"]
    {
        let sandbox = Sandbox::with("web.csr", samples::with_names(&[der::dns(text), der::uri(text)]).pem());
        let sarif = sandbox.run(&["check", "--format", "sarif"]).json();
        for result in sarif["runs"][0]["results"].as_array().expect("results") {
            let message = result["message"]["text"].as_str().expect("a message");
            seen += usize::from(message.contains("PWNED"));
            // SARIF 2.1.0 section 3.11.6: a bracket that is no link has a backslash before it, a backslash too.
            let mut characters = message.chars();
            while let Some(character) = characters.next() {
                match character {
                    '\\' => assert!(matches!(characters.next(), Some('\\' | '[' | ']')), "{message}"),
                    '[' | ']' => panic!("a link in {message}"),
                    _ => {}
                }
            }
        }
    }
    assert!(seen >= 4, "{seen}");
}

#[test]
fn long_values_are_cut_for_people() {
    let sandbox = Sandbox::with("web.csr", everywhere(&format!("PWNED{}", "A".repeat(100_000))).pem());
    for format in ["human", "concise", "github", "sarif"] {
        let ran = sandbox.run(&["check", "--profile", "pedantic", "--format", format]);
        let longest = ran.text().lines().map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(longest < 5000, "{format}: a line of {longest} characters");
    }
}

#[test]
fn long_values_are_cut_by_inspect() {
    let sandbox = Sandbox::with("web.csr", everywhere(&format!("PWNED{}", "A".repeat(100_000))).pem());
    let listing = sandbox.run(&["inspect", "web.csr"]);
    let longest = listing.text().lines().max_by_key(|line| line.len()).unwrap_or_default();
    assert!(longest.len() < 2000, "{}", longest.chars().take(100).collect::<String>());
}

#[test]
fn defects_do_not_carry_strings_that_act() {
    // Labels, headers, text around the block, and bytes that are no text at all.
    for text in ["\u{1b}[31mPWNED", "::error::PWNED", "\u{202e}PWNED", "\u{9b}2JPWNED"] {
        let files = [
            format!("{text}\n{}{text}\n", *WEAK),
            WEAK.replacen("REQUEST-----\n", &format!("REQUEST-----\n{text}: {text}\n\n"), 1),
            WEAK.replacen("-----BEGIN CERTIFICATE", &format!("-----BEGIN {text} CERTIFICATE"), 1),
            WEAK.replacen("-----END CERTIFICATE", &format!("-----END {text} CERTIFICATE"), 1),
            WEAK.replacen("MII", &format!("MII{text}"), 1),
            format!("{text}{}", &*WEAK),
            format!("-----BEGIN CERTIFICATE REQUEST-----\n{text}\n-----END CERTIFICATE REQUEST-----\n"),
            format!("# csrlint: ignore[{text}] -- {text}\n{}", *WEAK),
            format!("# csrlint: ignore[key] {text} -- {text}\n{}", *WEAK),
            format!("a: {}\n# csrlint: ignore[{text}] -- {text}\n", der::base64(WEAK.as_bytes())),
            format!("# csrlint: ignore[key] -- {text}\na: {}\n", der::base64(WEAK.as_bytes())),
        ];
        let (sandbox, names) = numbered(files.into_iter());
        outputs(&sandbox, &names, text);
    }
}

// --- file names

/// Names that a file can have on Linux.
fn names() -> Vec<String> {
    hostile()
        .into_iter()
        .filter(|name| !name.contains(['/', '\0']) && name.len() < 200)
        .map(|name| format!("{name}.csr"))
        .collect()
}

#[cfg(unix)]
#[test]
fn file_names_do_not_act() {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    for name in names() {
        sandbox.file(&name, &*WEAK);
        sandbox.file(format!("dir {name}/csrlint.yaml"), "version: 1\n");
    }
    for format in FORMATS {
        let ran = sandbox.run(&["check", "--format", format, "-v", "--ignore", "estate"]);
        ran.exits(1);
        characters(&ran, format, "file names");
        if format != "concise" {
            commands(&ran, format, "file names");
        }
    }
    // The report says which file it is.
    let report = sandbox.check(&["--ignore", "estate"]).json();
    let paths: Vec<String> = findings(&report).iter().map(|finding| run::text_of(&finding["path"])).collect();
    assert_eq!(paths.len(), names().len());
    for name in names() {
        assert!(paths.contains(&name), "{name:?} is not in {paths:?}");
    }
}

#[cfg(unix)]
#[test]
fn file_names_give_no_commands() {
    for name in ["::error::PWNED.csr", "::add-mask::PWNED.csr", " ::stop-commands::PWNED.csr"] {
        let sandbox = Sandbox::with(name, &*WEAK);
        sandbox.file("large.pem", [vec![b'\n'; 11 << 20], WEAK.as_bytes().to_vec()].concat());
        std::fs::rename(sandbox.at("large.pem"), sandbox.at(name.replace("csr", "pem"))).expect("renamed");
        commands(&sandbox.run(&["check", "--format", "concise"]), "concise", name);
        commands(&sandbox.run(&["inspect", name]), "human", name);
        commands(
            &sandbox.run_stdin(&["check", "-", "--stdin-filename", name, "--format", "concise"], WEAK.as_bytes()),
            "concise",
            name,
        );
    }
}

#[cfg(unix)]
#[test]
fn file_names_in_estate_findings_do_not_act() {
    let sandbox = Sandbox::with("csrlint.yaml", "version: 1\nrules:\n  estate/key-reused: {}\n");
    sandbox.file("\u{1b}[31m\n::error::PWNED.csr", samples::GOOD.as_bytes());
    sandbox.file("\u{202e}\n::error::PWNED.pem", samples::with_subject(&[("CN", "other.example.com")]).pem());
    for format in FORMATS {
        let ran = sandbox.run(&["check", "--format", format, "--fail-on", "info"]);
        ran.exits(1);
        both(&ran, format, "an estate finding");
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8_are_reported() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    for name in [&b"w\xFFb\xFE.csr"[..], b"\xC3(.csr", b"w\\xFFb\\xFE.csr", b"d\xFFr/x.csr"] {
        sandbox.file(OsStr::from_bytes(name), &*WEAK);
    }
    for format in FORMATS {
        let ran = sandbox.run(&["check", "--format", format, "--ignore", "estate"]);
        ran.exits(1);
        both(&ran, format, "names that are not UTF-8");
    }
    let report = sandbox.check(&["--ignore", "estate"]).json();
    assert_eq!(findings(&report).len(), 4);
    assert!(findings(&report).iter().any(|finding| finding["path"] == "d\\xFFr/x.csr"));
    // Named, too.
    let arguments = [OsStr::new("check"), OsStr::from_bytes(b"w\xFFb\xFE.csr")];
    sandbox.run(&arguments).exits(1);
    // A URI has the bytes themselves.
    let sarif = sandbox.run(&["check", "--format", "sarif", "--ignore", "estate"]);
    sarif.says("w%FFb%FE.csr").says("d%FFr/x.csr");
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8_look_like_no_other() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    sandbox.file(OsStr::from_bytes(b"w\xFF.csr"), &*WEAK).file("w\\xFF.csr", &*WEAK);
    let report = sandbox.check(&["--ignore", "estate"]).json();
    let found = findings(&report);
    assert_eq!(found.len(), 2);
    assert_ne!(found[0]["path"], found[1]["path"]);
}

#[cfg(unix)]
#[test]
fn uris_of_estate_findings_have_the_bytes_of_the_path() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::with("csrlint.yaml", "version: 1\nrules:\n  estate/key-reused: {}\n");
    sandbox.file(OsStr::from_bytes(b"a\xFF.csr"), samples::GOOD.as_bytes());
    sandbox.file(OsStr::from_bytes(b"b\xFF.csr"), samples::with_subject(&[("CN", "other.example.com")]).pem());
    let ran = sandbox.run(&["check", "--format", "sarif"]);
    ran.says("a%FF.csr").says("b%FF.csr");
    assert!(!ran.text().contains("%5CxFF"));
}

#[test]
fn the_name_of_standard_input_does_not_act() {
    let sandbox = Sandbox::new();
    for (number, name) in names().into_iter().enumerate() {
        // Three of the five for each, the others for the next.
        for format in FORMATS.into_iter().cycle().skip(number).take(3) {
            let ran =
                sandbox.run_stdin(&["check", "-", "--stdin-filename", &name, "--format", format], WEAK.as_bytes());
            ran.exits(1);
            characters(&ran, format, &name);
            if format != "concise" {
                commands(&ran, format, &name);
            }
        }
    }
}

#[test]
fn paths_that_are_not_there_do_not_act() {
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    for name in names() {
        for arguments in [
            &["check", name.as_str()][..],
            &["inspect", name.as_str()],
            &["test", name.as_str()],
            &["-C", name.as_str(), "check"],
            &["check", "--config", name.as_str()],
        ] {
            let ran = sandbox.run(arguments);
            ran.exits(2);
            both(&ran, "human", &format!("{arguments:?}"));
        }
    }
}

/// The older syntax of commands is obeyed anywhere in a line (`ActionCommand.TryParse` in actions/runner).
#[test]
fn older_commands_are_neutralised() {
    let name = "##[error]PWNED.csr";
    let sandbox = Sandbox::with(
        name,
        samples::with_names(&[der::dns("##[add-mask]PWNED _"), der::uri("##[stop-commands]PWNED")]).pem(),
    );
    for format in ["human", "concise", "json", "sarif"] {
        let ran = sandbox.run(&["check", "--profile", "pedantic", "--format", format, "-v"]);
        ran.exits(1);
        let found: Vec<&str> = ran.text().lines().filter_map(older_command).collect();
        assert!(found.is_empty(), "{format}: {found:?}");
    }
}

// --- what the organisation writes: a pull request may have written it

/// A string as YAML writes it in double quotes, whatever is in it (YAML 1.2 section 5.7).
fn quoted(text: &str) -> String {
    let escaped = |character: char| match u32::from(character) {
        _ if character.is_ascii_alphanumeric() || " :/.,()<>!#%&$'`|=-_".contains(character) => character.to_string(),
        number @ 0..0x1_0000 => format!("\\u{number:04x}"),
        number => format!("\\U{number:08x}"),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

fn rule(id: &str, text: &str) -> String {
    let quoted = quoted(text);
    let mut rule = format!("id: {id}\ncheck: key-size\nwith: {{ algorithm: rsa, min: 2048 }}\nseverity: error\n");
    for key in ["title", "what", "why", "fix"] {
        rule.push_str(&format!("{key}: {quoted}\n"));
    }
    rule.push_str(&format!(
        "references:\n  - {{ document: {quoted}, version: {quoted}, section: {quoted}, url: {quoted} }}\n"
    ));
    rule.push_str(&format!("controls: [{quoted}]\ntags: [{quoted}]\n"));
    // A key on one line has at most 1024 characters.
    let path = if quoted.len() < 1000 { &quoted } else { "x" };
    rule.push_str(&format!("examples:\n  fail:\n    - {{ name: {quoted}, files: {{ {path}: {quoted} }} }}\n"));
    rule
}

/// Strings for the policy and its rules.
fn written() -> Vec<String> {
    hostile().into_iter().filter(|text| text.len() < 1000).collect()
}

#[test]
fn texts_of_custom_rules_have_no_characters_that_act() {
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    sandbox.file("csrlint.yaml", "version: 1\nexclude: [rules]\ncustom-rules: [rules/*.yaml]\n");
    for (number, text) in written().iter().enumerate() {
        sandbox.file(format!("rules/{number}.yaml"), rule(&format!("acme/short-{number}"), text));
    }
    let ran = sandbox.check(&[]);
    assert_eq!(ran.rules().len(), 1 + written().len(), "{}", ran.brief());
    let formats = FORMATS.map(|format| vec!["check", "--format", format]);
    let others = [&["check", "-q"][..], &["rules"], &["rules", "--format", "json"], &["rules", "--format", "markdown"]];
    let others = others.into_iter().chain([&["config"][..], &["test"]]).map(<[&str]>::to_vec);
    for arguments in formats.into_iter().chain(others) {
        characters(&sandbox.run(&arguments), arguments.last().copied().unwrap_or_default(), &format!("{arguments:?}"));
    }
    for number in 0..written().len() {
        let ran = sandbox.run(&["explain".to_owned(), format!("acme/short-{number}")]);
        characters(ran.exits(0), "explain", &number.to_string());
    }
}

#[test]
fn texts_of_custom_rules_give_no_commands() {
    for text in [
        "\n::error::PWNED",
        "x\n::stop-commands::PWNED",
        "::error::PWNED",
        &format!("{} ::error::PWNED", "word ".repeat(20)),
        "    ::error::PWNED",
    ] {
        let sandbox = Sandbox::with("web.csr", &*WEAK);
        sandbox
            .file("csrlint.yaml", "version: 1\nexclude: [rules]\ncustom-rules: [rules/*.yaml]\n")
            .file("rules/a.yaml", rule("acme/short", text));
        for (arguments, format) in [
            (&["check"][..], "human"),
            (&["check", "-q"], "human"),
            (&["check", "--format", "concise"], "concise"),
            (&["check", "--format", "github"], "github"),
            (&["explain", "acme/short"], "human"),
            (&["rules"], "human"),
            (&["test", "rules/a.yaml"], "human"),
        ] {
            both(&sandbox.run(arguments), format, &format!("{arguments:?} {text:?}"));
        }
    }
}

#[test]
fn titles_are_no_links_in_markdown() {
    let sandbox = Sandbox::with("csrlint.yaml", "version: 1\ncustom-rules: [rules/*.yaml]\n");
    for (number, text) in
        ["[PWNED](http://evil.example)", "![PWNED](http://evil.example/x.png)", "<http://evil.example/PWNED>"]
            .iter()
            .enumerate()
    {
        sandbox.file(format!("rules/{number}.yaml"), rule(&format!("acme/short-{number}"), text));
    }
    let ran = sandbox.run(&["rules", "--format", "markdown"]);
    let rows: Vec<&str> = ran.text().lines().filter(|line| line.contains("PWNED")).collect();
    assert_eq!(rows.len(), 3, "{}", ran.brief());
    for row in rows {
        let bare = row.replace("\\[", "").replace("\\]", "").replace("\\<", "");
        assert!(!bare.contains(['[', ']', '<']), "{row}");
    }
}

#[test]
fn waivers_do_not_act() {
    let mut waivers = String::new();
    for text in written() {
        let glob = quoted(&text.replace(['[', '*'], ""));
        let quoted = quoted(&text);
        let entries = [
            format!("rule: key, reason: {quoted}, approved-by: {quoted}, expires: 2027-01-01"),
            format!("rule: {quoted}, reason: r, expires: 2027-01-01"),
            format!("rule: pem, files: [{glob}], reason: r, expires: 2020-01-01"),
        ];
        entries.iter().for_each(|entry| waivers.push_str(&format!("  - {{ {entry} }}\n")));
    }
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    sandbox.file("csrlint.yaml", format!("version: 1\nwaivers:\n{waivers}"));
    for format in FORMATS {
        let ran = sandbox.run(&["check", "--as-of", "2026-06-01", "--format", format, "-v"]);
        ran.exits(1);
        both(&ran, format, "waivers");
    }
    both(&sandbox.run(&["config"]), "human", "waivers");
}

#[test]
fn errors_of_policies_do_not_act() {
    for (number, text) in written().iter().enumerate() {
        let quoted = quoted(text);
        let policies = [
            format!("version: 1\n{quoted}: 1\n"),
            format!("version: 1\nrules:\n  {quoted}: {{}}\n"),
            format!("version: 1\nprofiles: [{quoted}]\n"),
            format!("version: 1\nrequired-version: {quoted}\n"),
            format!("version: 1\ncustom-rules: [{quoted}]\n"),
            format!("version: 1\nrules:\n  key/rsa-too-small: {{ with: {{ {quoted}: 1 }} }}\n"),
            format!("version: 1\nfail-on: {quoted}\n"),
            format!("version: {quoted}\n"),
            // As it is, without escapes.
            format!("version: 1\n# {text}\nrulez: \"{text}\"\n"),
            format!("\"{text}\": ["),
        ];
        for policy in policies.iter().cycle().skip(number).take(4) {
            let ran = Sandbox::with("csrlint.yaml", policy).run(&["check"]);
            ran.exits(2);
            both(&ran, "human", policy);
        }
    }
}
