# Vault, ACME and Venafi.
resource "vault_pki_secret_backend_role" "any" {
  backend            = "pki"
  name               = "any"
  allow_any_name     = true
  enforce_hostnames  = false
  allowed_uri_sans   = ["*"]
  key_type           = "any"
  client_flag        = false
  code_signing_flag  = var.signing
  ou                 = ["Platform"]
  max_ttl            = "8760h"
}

resource "vault_pki_secret_backend_role" "shop" {
  backend          = "pki"
  name             = "shop"
  allowed_domains  = ["shop.acme.example"]
  allow_subdomains = true
  key_bits         = 1024
  key_usage        = ["DigitalSignature", "KeyEncipherment"]
  ttl              = 2592000
}

resource "vault_pki_secret_backend_cert" "shop" {
  backend     = "pki"
  name        = vault_pki_secret_backend_role.shop.name
  common_name = "www.shop.acme.example"
  alt_names   = ["shop.acme.example"]
  ttl         = "24h"
  auto_renew  = true
}

resource "vault_pki_secret_backend_intermediate_cert_request" "issuing" {
  backend      = "pki"
  type         = "exported"
  common_name  = "Acme Example Issuing 2"
  organization = "Acme Example"
  key_type     = "ec"
  key_bits     = 384
}

resource "vault_pki_secret_backend_root_sign_intermediate" "issuing" {
  backend         = "root"
  csr             = vault_pki_secret_backend_intermediate_cert_request.issuing.csr
  common_name     = "Acme Example Issuing 2"
  use_csr_values  = true
  max_path_length = 0
  ttl             = "43800h"
}

resource "vault_pki_secret_backend_root_cert" "root" {
  backend     = "root"
  type        = "existing"
  common_name = "Acme Example Root"
  key_ref     = "default"
  ttl         = "87600h"
}

resource "tls_private_key" "signed" {
  algorithm = "RSA"
  rsa_bits  = 4096
}

resource "tls_cert_request" "signed" {
  private_key_pem = tls_private_key.signed.private_key_pem
  dns_names       = ["signed.acme.example"]
}

resource "vault_pki_secret_backend_sign" "signed" {
  backend     = "pki"
  name        = "shop"
  csr         = tls_cert_request.signed.cert_request_pem
  common_name = "signed.acme.example"
}

resource "acme_registration" "account" {
  account_key_pem = var.account
  email_address   = "pki@acme.example"

  external_account_binding {
    key_id      = "kid-1"
    hmac_base64 = "bm90LWEta2V5LW5vdC1hLWtleQ"
  }
}

resource "acme_certificate" "www" {
  account_key_pem           = acme_registration.account.account_key_pem
  common_name               = "www.acme.example"
  subject_alternative_names = ["acme.example", "*.acme.example"]
  key_type                  = "P384"
  certificate_p12_password  = "correct-horse"

  dns_challenge {
    provider = "example"
    config = {
      EXAMPLE_TOKEN      = "not-a-token"
      EXAMPLE_TOKEN_FILE = "/run/secrets/token"
      EXAMPLE_KEY_ID     = "AKID"
      EXAMPLE_SECRET     = var.secret
    }
  }
}

resource "venafi_certificate" "web" {
  common_name  = "web.acme.example"
  san_dns      = ["web.acme.example"]
  san_ip       = ["192.0.2.9"]
  algorithm    = "ECDSA"
  key_password = "correct-horse"
  valid_days   = 5
}
