# Reports were written in a hurry: the curve is missing, and the certificate is renewed by every apply.

resource "tls_private_key" "reports" {
  algorithm = "ECDSA"
}

resource "tls_self_signed_cert" "reports" {
  private_key_pem       = tls_private_key.reports.private_key_pem
  dns_names             = ["reports.acme.example"]
  validity_period_hours = 2160
  early_renewal_hours   = 2160
  allowed_uses          = ["digital_signature", "server_auth"]

  subject {
    common_name  = "reports.acme.example"
    organization = "Acme Corp"
    country      = "DE"
  }
}
