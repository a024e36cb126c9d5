//! Terraform: what a repair writes, which files are read, and what becomes of a block that cannot be.

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates/terraform")
}

fn csrlint(folder: &Path, arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_csrlint")).current_dir(folder).args(arguments).output().expect("csrlint runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A module of its own, so that fixtures do not mix.
fn module(files: &[(&str, &str)]) -> tempfile::TempDir {
    let module = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(module.path().join(name), text).expect("a file");
    }
    module
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).expect("a fixture")
}

#[test]
fn repairs_keep_what_they_do_not_name() {
    let text = concat!(
        "resource \"tls_private_key\" \"a\" {\n\talgorithm = \"ECDSA\" # no curve\n}\n",
        "resource \"tls_private_key\" \"b\" {\n  algorithm = \"RSA\"\n  rsa_bits  = \"1024\" // old\n}\n",
        "resource \"tls_private_key\" \"c\" { algorithm = \"ECDSA\" }\n",
        "resource \"tls_cert_request\" \"a\" {\n  private_key_pem = tls_private_key.a.private_key_pem\n",
        "  dns_names = [\n    \"a.acme.example\", # the first\n  ]\n  subject {\n    common_name = \"b.acme.example\"\n  }\n}\n",
        "resource \"tls_cert_request\" \"b\" {\n  private_key_pem = tls_private_key.b.private_key_pem\n}\n",
        "resource \"tls_cert_request\" \"c\" {\n  private_key_pem = tls_private_key.c.private_key_pem\n}\n",
        "resource \"azurerm_key_vault_certificate\" \"k\" {\n  certificate_policy {\n    key_properties {\n",
        "      key_type = \"RSA\"\n      reuse_key = true\n    }\n  }\n}\n"
    );
    for newline in ["\n", "\r\n"] {
        let text = text.replace('\n', newline);
        let module = module(&[("main.tf", &text)]);
        let policy = "version: 1\nprofiles: [pedantic]\nrules:\n  san/common-name-not-in-san: {}\n";
        std::fs::write(module.path().join("csrlint.yaml"), policy).expect("a policy");
        let fix = ["check", "--fix", "--unsafe-fixes"];
        csrlint(module.path(), &fix);
        let written = std::fs::read_to_string(module.path().join("main.tf")).expect("the file");
        let expected = text
            .replace("# no curve", &format!("# no curve{newline}\tecdsa_curve = \"P256\""))
            .replace("\"1024\"", "2048")
            .replace("\"a.acme.example\",", "\"a.acme.example\", \"b.acme.example\",")
            .replace("reuse_key = true", "reuse_key = false");
        assert_eq!(written, expected);
        csrlint(module.path(), &fix);
        assert_eq!(std::fs::read_to_string(module.path().join("main.tf")).expect("the file"), written);
    }
}

#[test]
fn only_configurations_are_read() {
    let text = fixture("tls/main.tf");
    for (name, expected) in [("main.tf", true), ("main.tofu", true), ("main.tf.tmpl", false), ("main.md", false)] {
        let module = module(&[(name, &text)]);
        let read = csrlint(module.path(), &["inspect", "--format", "json", name]);
        assert_eq!(read.contains("terraform"), expected, "{name}");
    }
}

#[test]
fn a_block_that_cannot_be_read_is_told() {
    let broken = "resource \"tls_cert_request\" \"a\" {\n  dns_names = = []\n}\nresource \"null_resource\" \"b\" {\n  x = =\n}\n";
    let module = module(&[("main.tf", broken)]);
    let report = csrlint(module.path(), &["check", "--isolated", "--format", "json"]);
    assert_eq!(report.matches("cannot be read").count(), 1, "{report}");

    // A resource without a name, whole and cut off; one of another provider is not ours to tell of.
    for (text, told) in [
        ("resource \"tls_cert_request\" {\n  dns_names = []\n}\n", "tls_cert_request cannot be read: a resource has"),
        (
            "resource \"tls_cert_request\" {\n  dns_names = [\n",
            "tls_cert_request cannot be read: the block does not end",
        ),
        ("resource \"null_resource\" {\n}\n# tls_cert_request\n", ""),
    ] {
        let folder = self::module(&[("main.tf", text)]);
        let report = csrlint(folder.path(), &["check", "--isolated", "--format", "json"]);
        assert_eq!(report.matches("cannot be read").count(), usize::from(!told.is_empty()), "{report}");
        assert!(report.contains(told), "{report}");
    }
}
