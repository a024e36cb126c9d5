# Certificates of the clouds.
resource "aws_acm_certificate" "web" {
  domain_name               = "www.acme.example"
  subject_alternative_names = ["acme.example"]
  validation_method         = "DNS"
}

resource "aws_acm_certificate" "imported" {
  private_key      = file("key.pem")
  certificate_body = file("cert.pem")
}

resource "aws_acm_certificate_validation" "web" {
  certificate_arn = aws_acm_certificate.web.arn
}

resource "aws_acmpca_certificate_authority" "issuing" {
  type = "SUBORDINATE"

  certificate_authority_configuration {
    key_algorithm     = "EC_secp384r1"
    signing_algorithm = "SHA384WITHECDSA"

    subject {
      common_name  = "Acme Example Issuing 1"
      organization = "Acme Example"
    }
  }
}

resource "aws_acmpca_certificate" "issuing" {
  certificate_authority_arn   = var.root_arn
  certificate_signing_request = aws_acmpca_certificate_authority.issuing.certificate_signing_request
  signing_algorithm           = "SHA384WITHECDSA"
  template_arn                = "arn:${data.aws_partition.current.partition}:acm-pca:::template/SubordinateCACertificate_PathLen0/V1"

  validity {
    type  = "YEARS"
    value = 5
  }
}

resource "aws_acmpca_certificate" "passed" {
  certificate_authority_arn   = aws_acmpca_certificate_authority.issuing.arn
  certificate_signing_request = file("device.csr")
  signing_algorithm           = "SHA256WITHECDSA"
  template_arn                = "arn:aws:acm-pca:::template/BlankEndEntityCertificate_APICSRPassthrough/V1"

  validity {
    type  = "DAYS"
    value = 30
  }
}

resource "google_privateca_certificate" "web" {
  pool     = "acme"
  location = "europe-west3"

  config {
    subject_config {
      subject {
        common_name  = "www.acme.example"
        organization = "Acme Example"
      }
      subject_alt_name {
        dns_names       = ["www.acme.example"]
        email_addresses = ["pki@acme.example"]
      }
    }
    x509_config {
      ca_options {
        is_ca = false
      }
      key_usage {
        base_key_usage {
          digital_signature = true
          crl_sign          = false
        }
        extended_key_usage {
          server_auth = true
        }
      }
    }
    public_key {
      format = "PEM"
      key    = base64encode(data.tls_public_key.web.public_key_pem)
    }
  }
}

resource "tls_private_key" "web" {
  algorithm = "RSA"
}

data "tls_public_key" "web" {
  private_key_pem = tls_private_key.web.private_key_pem
}

resource "google_privateca_certificate_authority" "root" {
  pool                     = "acme"
  certificate_authority_id = "root"
  location                 = "europe-west3"
  lifetime                 = "${10 * 365 * 24 * 3600}s"

  config {
    subject_config {
      subject {
        common_name  = "Acme Example Root"
        organization = "Acme Example"
      }
    }
    x509_config {
      ca_options {
        is_ca                  = true
        max_issuer_path_length = 1
      }
      key_usage {
        base_key_usage {
          cert_sign = true
          crl_sign  = true
        }
        extended_key_usage {}
      }
    }
  }

  key_spec {
    algorithm = "EC_P384_SHA384"
  }
}

resource "google_privateca_certificate_template" "open" {
  name     = "open"
  location = "europe-west3"

  identity_constraints {
    allow_subject_passthrough           = true
    allow_subject_alt_names_passthrough = true
  }

  passthrough_extensions {
    known_extensions = ["EXTENDED_KEY_USAGE", "CA_OPTIONS"]
  }
}

resource "google_privateca_ca_pool" "open" {
  name     = "open"
  location = "europe-west3"
  tier     = "ENTERPRISE"

  issuance_policy {
    maximum_lifetime = "2592000s"
  }
}

resource "azurerm_key_vault_certificate" "web" {
  name         = "web"
  key_vault_id = var.vault

  certificate_policy {
    issuer_parameters {
      name = "DigiCert"
    }
    key_properties {
      exportable = true
      key_size   = 2048
      key_type   = "RSA"
      reuse_key  = true
    }
    lifetime_action {
      action {
        action_type = "AutoRenew"
      }
      trigger {
        days_before_expiry = 400
      }
    }
    secret_properties {
      content_type = "application/x-pkcs12"
    }
    x509_certificate_properties {
      extended_key_usage = ["1.3.6.1.5.5.7.3.1"]
      key_usage          = ["digitalSignature", "keyEncipherment"]
      subject            = "CN=www.acme.example, O=\"Acme Example\""
      validity_in_months = 12
      subject_alternative_names {
        dns_names = ["www.acme.example"]
        upns      = ["web@acme.example"]
      }
    }
  }
}
