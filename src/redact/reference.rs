//! What stands where a secret would and is none: an expression, a variable, a path, the word for nothing.
//! Where that is not evident, it is taken for a secret.

/// Words for nothing, and for yes and no.
const WORDS: &[&str] =
    &["", "~", "null", "nil", "none", "true", "false", "yes", "no", "on", "off", "-", "*", "required", "optional"];

/// Heads of addresses in a store of secrets or in the system, which name a secret.
const HEADS: &[&str] = &[
    "env:",
    "file:",
    "fd:",
    "file://",
    "env.",
    "vault:",
    "ref+",
    "op://",
    "arn:aws:",
    "sm://",
    "ssm:",
    "keyring:",
    "secretref:",
    "kms:",
    "gcpkms://",
    "awskms://",
    "azurekms://",
    "pkcs11:",
    "awssm://",
    "azkeyvault://",
    "projects/",
    "secret://",
];

/// Roots of expressions of Terraform, CloudFormation and CI systems.
const ROOTS: &[&str] = &[
    "var.",
    "local.",
    "data.",
    "module.",
    "each.",
    "self.",
    "path.",
    "count.",
    "secrets.",
    "vars.",
    "inputs.",
    "env.",
    "process.env.",
    "os.environ",
    "variables.",
    "parameters.",
    "steps.",
    ".values.",
];

/// Folders that paths begin with.
const FOLDERS: &[&str] = &[
    "app",
    "certs",
    "config",
    "data",
    "dev",
    "etc",
    "home",
    "keys",
    "mnt",
    "opt",
    "private",
    "proc",
    "root",
    "run",
    "secrets",
    "srv",
    "tmp",
    "usr",
    "users",
    "var",
    "vault",
    "workspace",
    "certificates",
    "builds",
    "conf",
    "projects",
];

/// Endings of files.
const ENDINGS: &[&str] = &[
    ".cer", ".cnf", ".conf", ".crt", ".csr", ".der", ".enc", ".env", ".gpg", ".ini", ".jks", ".json", ".key",
    ".keytab", ".p12", ".p8", ".pass", ".pem", ".pfx", ".pk8", ".pub", ".pwd", ".sh", ".tpl", ".txt", ".yaml", ".yml",
];

/// Whether a value, without quotes and blanks around it, evidently stands for one that is elsewhere.
pub(super) fn is_one(value: &str) -> bool {
    let value = value.trim();
    let small = value.to_ascii_lowercase();
    WORDS.contains(&small.as_str())
        || is_nothing_but_dots(value)
        || is_placeholder(value)
        || is_shell(value)
        || is_address(value, &small)
        || is_path(value, &small)
}

/// Already masked, by whoever wrote it.
fn is_nothing_but_dots(value: &str) -> bool {
    value.chars().all(|character| matches!(character, '*' | '.' | '·' | '…' | 'x' | 'X' | '•' | '<' | '>' | '_' | '-'))
}

/// `{{ x }}`, `<x>`, `%X%`, `@X@`, `[[ x ]]`; not one with a default of its own.
fn is_placeholder(value: &str) -> bool {
    let between = |open: &str, close: &str| {
        value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).filter(|inside| !inside.trim().is_empty())
    };
    let is_name = |inside: &str| inside.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.'));
    let is_template = |inside: &str| {
        let inside = inside.trim_matches(['-', ' ']);
        !(inside.starts_with(['"', '\'', '`']) || inside.contains("default") && inside.contains(['"', '\'', '`']))
    };
    between("{{", "}}").is_some_and(is_template)
        || between("<%", "%>").is_some_and(is_template)
        || between("[[", "]]").is_some_and(is_template)
        || between("<", ">").is_some_and(is_name)
        || between("%", "%").is_some_and(|inside| is_name(inside) && !inside.contains(' '))
        || between("@", "@").is_some_and(|inside| is_name(inside) && !inside.contains(' '))
        || between("__", "__").is_some_and(|inside| inside.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
}

/// `$X`, `${x}`, `$(x)`, `$ENV::X`, `$env:X`, and several of them in a row.
fn is_shell(value: &str) -> bool {
    let Some(mut rest) = value.strip_prefix('$') else { return false };
    loop {
        let open = rest.chars().next();
        let after = match open {
            Some('{' | '(') => {
                let close = if open == Some('{') { '}' } else { ')' };
                let doubled = rest.starts_with("{{");
                let Some(end) = rest.find(close) else { return false };
                let (inside, after) = rest.split_at(end);
                // A default is written out.
                let has_default = open == Some('{')
                    && !doubled
                    && (inside.contains(":-") || inside.contains(":=") || inside.contains("?"));
                if has_default || inside.contains(['"', '\'']) && !inside.contains('[') {
                    return false;
                }
                after.trim_start_matches(close)
            }
            _ => {
                let name_end =
                    rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | ':')).unwrap_or(rest.len());
                let (name, after) = rest.split_at(name_end);
                let last = name.rsplit(':').next().unwrap_or_default();
                let is_variable = name.contains(':')
                    || name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
                if !is_variable || last.is_empty() {
                    return false;
                }
                after
            }
        };
        match after.strip_prefix('$') {
            _ if after.is_empty() => return true,
            Some(next) => rest = next,
            None => return false,
        }
    }
}

fn is_address(value: &str, small: &str) -> bool {
    let is_word = |text: &str| {
        text.chars().all(|c| {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | '"' | '\'' | '/' | ':' | '#' | '*')
        })
    };
    is_word(value)
        && (HEADS.iter().any(|head| small.len() > head.len() && small.starts_with(head))
            || ROOTS.iter().any(|root| small.len() > root.len() && small.starts_with(root))
            || small == "stdin")
}

fn is_path(value: &str, small: &str) -> bool {
    let is_word =
        value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '~' | ' ' | '\\' | ':'));
    let first = small.trim_start_matches('/').split('/').next().unwrap_or_default();
    is_word
        && (["./", "../", "~/", ".\\", "c:\\"].iter().any(|start| small.starts_with(start))
            || small.starts_with('/') && FOLDERS.contains(&first)
            || ENDINGS.iter().any(|end| small.len() > end.len() && small.ends_with(end)))
}

/// A value of HCL that is no string: the address of something else, as `tls_private_key.web.private_key_pem`.
pub(super) fn is_of_hcl(value: &str) -> bool {
    let mut parts = value.trim().split('.');
    let Some(first) = parts.next() else { return false };
    let is_name = |part: &str| {
        let part = part.split('[').next().unwrap_or_default();
        part.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    };
    first.contains('_') && is_name(first) && value.matches('.').count() >= 2 && parts.all(is_name)
}
