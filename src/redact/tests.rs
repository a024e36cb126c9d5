use super::*;

/// A text as it is shown.
fn shown(text: &str) -> String {
    masked(text.as_bytes(), Secrets::of(text.as_bytes()).ranges())
}

#[test]
fn names_of_secrets_are_known() {
    for name in [
        "password",
        "output_password",
        "outptu_password",
        "Password",
        "PIN",
        "pin",
        "apiKey",
        "API_KEY",
        "api-key",
        "APIKey",
        "keystorePass",
        "storepass",
        "auth_keys",
        "secretAccessKey",
        "passphrase",
        "pass-phrase",
        "passphraes",
        "CLIENT_SECRET",
        "clientsecret",
        "hmac_base64",
        "challengePassword_default",
        "chalengePassword",
        "dbpasswrod",
        "DB_PWD",
        "otp_secret",
        "kek",
        "privateKeyPassphrase",
        "adminpw",
        "oauth2Token",
        "credentials",
        "CLOUDFLARE_DNS_API_TOKEN",
        "pasword",
    ] {
        assert!(names_secret(name), "{name}");
    }
    for name in [
        "key",
        "key_size",
        "passthrough",
        "pass_through",
        "tokenUrl",
        "secretName",
        "secret_name",
        "secretRef",
        "passwordSecretRef",
        "keyUsage",
        "key_algorithm",
        "secretTemplate",
        "private_key_path",
        "output_key",
        "default_keyfile",
        "accessKeyId",
        "public_key",
        "passport",
        "compass",
        "author",
        "challengePassword_min",
        "password_length",
        "AWS_ACCESS_KEY_ID",
        "rsa_bits",
        "spinning",
        "common_name",
        "taken",
        "hash",
        "private-key-size",
        "encrypt_key",
        "distinguished_name",
        "primary_key",
        "postcode",
        "",
    ] {
        assert!(!names_secret(name), "{name}");
    }
    assert!(names_secret_of_provider("DUCKDNS_KEY") && !names_secret("DUCKDNS_KEY"));
    assert!(!names_secret_of_provider("key") && !names_secret_of_provider("VULTR_API_KEY_FILE"));
}

#[test]
fn values_are_hidden_and_names_are_not() {
    for (text, expected) in [
        ("output_password = hunter2\ndefault_bits = 1024", "output_password = ·······\ndefault_bits = 1024"),
        ("Password = \"hunter2\"", "Password = \"·······\""),
        ("password: hunter2 # why\nkey: x", "password: ······· # why\nkey: x"),
        ("{\"a\": 1, \"password\": \"x,y}z\", \"b\": 2}", "{\"a\": 1, \"password\": \"·····\", \"b\": 2}"),
        ("{password: hunter2, b: 2}", "{password: ·······, b: 2}"),
        ("passwords: [hunter2, \"b c\"]\nother: [x]", "passwords: [·······, \"···\"]\nother: [x]"),
        ("passwords:\n- hunter2\n- x1\nother:\n- y", "passwords:\n- ·······\n- ··\nother:\n- y"),
        ("password: |-\n  one\n  two\nother: x", "password: |-\n  ···\n  ···\nother: x"),
        ("a:\n  password: \"one\n    two\"\n  b: x", "a:\n  password: \"···\n    ···\"\n  b: x"),
        ("a:\n  password: one\n    two\n  b: x", "a:\n  password: ···\n    ···\n  b: x"),
        ("password = <<EOT\n one\nEOT\nb = 1", "password = <<EOT\n ···\nEOT\nb = 1"),
        ("password = one\\\n  two\nb = 1", "password = ····\n  ···\nb = 1"),
        ("openssl req -passout pass:hunter2 -out x", "openssl req -passout pass:······· -out x"),
        ("keytool -storepass hunter2 -alias x", "keytool -storepass ······· -alias x"),
        ("run: x --password=hunter2 --host=y", "run: x --password=······· --host=y"),
        ("<password>hunter2</password>", "<password>·······</password>"),
        (
            "\"{\\\"password\\\": \\\"hunter2\\\", \\\"b\\\": 1}\"",
            "\"{\\\"password\\\": \\\"·······\\\", \\\"b\\\": 1}\"",
        ),
        ("auth_keys: {k: {type: standard, key: 0a0b}}", "auth_keys: {k: {type: standard, key: ····}}"),
        ("privateKey:\n  algorithm: RSA\n  size: 2048", "privateKey:\n  algorithm: RSA\n  size: 2048"),
        (
            "variable \"db_password\" {\n  type = string\n  default = \"hunter2\"\n}",
            "variable \"db_password\" {\n  type = string\n  default = \"·······\"\n}",
        ),
        (
            "- name: DB_PASSWORD\n  value: hunter2\n- name: HOST\n  value: x",
            "- name: DB_PASSWORD\n  value: ·······\n- name: HOST\n  value: x",
        ),
        (
            "kind: Secret\nstringData:\n  a: b\n  c: |\n    d\n---\nkind: ConfigMap\ndata:\n  a: b",
            "kind: Secret\nstringData:\n  a: ·\n  c: |\n    ·\n---\nkind: ConfigMap\ndata:\n  a: b",
        ),
        ("Authorization: Bearer abc123def456", "Authorization: Bearer ············"),
        ("url: https://robot:hunter2@git.acme.example/x", "url: https://·············@git.acme.example/x"),
        (
            "password = var.x\nsecret = random_password.x.result\ntoken = file(\"x\")",
            "password = var.x\nsecret = random_password.x.result\ntoken = file(\"x\")",
        ),
        ("password = sensitive(\"hunter2\")", "password = sensitive(\"·······\")"),
        (
            "password: ${A}${B}\ntoken: {{ .Values.x }}\nsecret: $ENV::X",
            "password: ${A}${B}\ntoken: {{ .Values.x }}\nsecret: $ENV::X",
        ),
        ("password: ${A:-hunter2}", "password: ·············"),
        ("Server=x;Password=hunter2;Timeout=3", "Server=x;Password=·······;Timeout=3"),
        ("Password = \"hunter2\nKeyLength = 1024", "Password = \"·······\nKeyLength = 1024"),
        ("password =\nb = 1", "password =\nb = 1"),
        ("# output_password = hunter2", "# output_password = ·······"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn messages_lose_what_they_quote_only() {
    for kept in [
        "challengePassword: UTF8String, 17 characters",
        "output_password is written in the clear (12 characters)",
        "the key \"password\" is written twice",
        "Basic constraints are missing",
        "subject.CN is not known: var.token",
        "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
    ] {
        assert_eq!(message(kept), kept);
    }
    assert_eq!(message("{\"password\":\"hunter2\"} is no value"), "{\"password\":\"·······\"} is no value");
    let secrets = Secrets::of(b"password = Hunter22\npin = 2048\ntoken = password");
    assert_eq!(
        secrets.out_of("\"Hunter22\" is no size; 2048 bits; a password; xHunter22"),
        "\"········\" is no size; 2048 bits; a password; xHunter22"
    );
}

/// Hostile texts: no panic, and ranges that are in order and within the text.
#[test]
fn hostile_texts_end_soon() {
    let pieces = [
        "password",
        "=",
        ": ",
        "\"",
        "'",
        "\\",
        "{",
        "}",
        "[",
        "]",
        "\n",
        "\r\n",
        "|",
        "<<EOT",
        "-",
        " ",
        "  ",
        "pass:",
        "-----BEGIN PRIVATE KEY-----",
        "-----END",
        "://",
        "@",
        "eyJ",
        ".",
        "AKIA",
        "kind: Secret",
        "---\n",
        "é",
        "\u{0}",
        "#",
        "!Ref",
        "&a",
        "$",
        "${",
        "<password>",
        "\\\"",
    ];
    let mut state = 1_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..24 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[usize::try_from(state >> 33).unwrap_or_default() % pieces.len()]);
        }
        let secrets = Secrets::of(text.as_bytes());
        let mut last = 0;
        for range in secrets.ranges() {
            assert!(range.start >= last && range.end <= text.len(), "{text:?}");
            last = range.end;
        }
        let _ = (masked(text.as_bytes(), secrets.ranges()), secrets.out_of(&text).len());
    }
    for piece in pieces {
        Secrets::of(piece.repeat(200_000).as_bytes());
        Secrets::of(format!("password: {}", piece.repeat(100_000)).as_bytes());
        Secrets::of(format!("{piece}\npassword: ").repeat(50_000).as_bytes());
    }
}
