param([string]$HostName, [string]$Domain = "acme.example")
$inf = @"
[Version]
Signature="`$Windows NT`$"

[NewRequest]
Subject = "CN=$HostName.acme.example,O=Acme Corp"
KeyAlgorithm = ECDSA_P256
HashAlgorithm = sha256
RequestType = PKCS10

[Extensions]
2.5.29.17 = "{text}dns=$HostName.acme.example&dns=$($HostName).$Domain"
"@
$inf | Out-File request.inf
$other = @'
[NewRequest]
Subject = "CN=old.acme.example"
KeyLength = 1024
RenewalCert = 0123456789ABCDEF0123456789ABCDEF01234567
UseExistingKeySet = TRUE
'@
