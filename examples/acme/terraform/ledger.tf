# The certificate of the ledger service, signed by Acme's own CA.

locals {
  zone  = "acme.example"
  hosts = ["ledger", "ledger-replica"]
}

resource "tls_private_key" "ledger" {
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"

  lifecycle {
    replace_triggered_by = [time_rotating.quarter]
  }
}

resource "time_rotating" "quarter" {
  rotation_days = 90
}

resource "tls_cert_request" "ledger" {
  private_key_pem = tls_private_key.ledger.private_key_pem
  dns_names       = [for host in local.hosts : "${host}.${local.zone}"]

  subject {
    common_name  = "ledger.${local.zone}"
    organization = "Acme Corp"
    country      = "DE"
  }
}
