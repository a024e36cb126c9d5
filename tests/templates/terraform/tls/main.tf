# Requests of the provider hashicorp/tls: literals, locals, variables, for_each, and what is not known.
terraform {
  required_providers {
    tls = {
      source  = "hashicorp/tls"
      version = "4.0.5"
    }
  }
}

variable "bits" {
  type    = number
  default = 1024
}

variable "zone" {
  type = string
}

locals {
  organisation = "Acme Example"
  hosts = {
    shop = { address = "192.0.2.7" }
    mail = { address = "192.0.2.8" }
  }
}

# One key and one request for each host.
resource "tls_private_key" "host" {
  for_each    = local.hosts
  algorithm   = "ECDSA"
  ecdsa_curve = "P384"
}

resource "tls_cert_request" "host" {
  for_each        = local.hosts
  private_key_pem = tls_private_key.host[each.key].private_key_pem
  dns_names       = ["${each.key}.acme.example"]
  ip_addresses    = [each.value.address]

  subject {
    common_name    = "${each.key}.acme.example"
    organization   = local.organisation
    street_address = ["1 Road", "Floor 2"]
    country        = "DE"
  }
}

# The size comes from a variable, the names partly.
resource "tls_private_key" "old" {
  algorithm = "RSA"
  rsa_bits  = var.bits
}

resource "tls_cert_request" "old" {
  private_key_pem = tls_private_key.old.private_key_pem
  dns_names       = concat(["old.acme.example", "old.${var.zone}"], var.more)
  uris            = ["spiffe://acme.example/old"]

  subject {
    common_name = var.zone
  }
}

# A CA and a certificate of it, on the curve nobody chose.
resource "tls_private_key" "ca" {
  algorithm = "ECDSA" # the curve is missing
}

resource "tls_self_signed_cert" "ca" {
  private_key_pem       = tls_private_key.ca.private_key_pem
  is_ca_certificate     = true
  validity_period_hours = 87600
  allowed_uses          = ["cert_signing", "crl_signing"]

  subject {
    common_name = "Acme Example Root"
  }
}

resource "tls_private_key" "api" {
  algorithm = "ED25519"

  lifecycle {
    replace_triggered_by = [time_rotating.api]
  }
}

resource "tls_cert_request" "api" {
  private_key_pem = tls_private_key.api.private_key_pem
  dns_names       = ["api.acme.example"]

  subject {
    common_name = "api.acme.example"
  }
}

resource "tls_locally_signed_cert" "api" {
  cert_request_pem      = tls_cert_request.api.cert_request_pem
  ca_private_key_pem    = tls_private_key.ca.private_key_pem
  ca_cert_pem           = tls_self_signed_cert.ca.cert_pem
  validity_period_hours = 720
  early_renewal_hours   = 720
  allowed_uses          = ["digital_signature", "server_auth", "client_auth"]
}

# Keys from elsewhere, and keys that are for something else.
resource "tls_cert_request" "file" {
  private_key_pem = file("key.pem")
  dns_names       = []
}

resource "tls_private_key" "login" {
  algorithm = "RSA"
  rsa_bits  = 1024
}

output "login" {
  value = tls_private_key.login.public_key_openssh
}

resource "tls_private_key" "webhook" {
  algorithm = "RSA"
  rsa_bits  = 1024
}

ephemeral "tls_private_key" "gone" {
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}

resource "tls_cert_request" "gone" {
  private_key_pem_wo         = ephemeral.tls_private_key.gone.private_key_pem
  private_key_pem_wo_version = 1
  dns_names                  = ["gone.acme.example"]
}
