import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { ConfigError } from './config-error.js';

/** Where the certificate and its key lie, both PEM; the certificate first in its file, then its chain. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Reads a certificate and its private key for a server of TLS 1.2 and later.
 * @param now ms since 1970
 * @throws ConfigError one line: a file that is not there, is no PEM, has expired, or does not fit the other
 */
export function loadTls({ certFile, keyFile }: TlsFiles, now = Date.now()): SecureContextOptions {
  const cert = read(certFile, '--tls-cert');
  const key = read(keyFile, '--tls-key');
  const certificate = certificateIn(cert, certFile);
  const ends = Date.parse(certificate.validTo);
  if (Date.parse(certificate.validFrom) > now) {
    throw new ConfigError(`--tls-cert ${certFile}: not valid before ${certificate.validFrom}`);
  }
  if (ends <= now) throw new ConfigError(`--tls-cert ${certFile}: expired on ${certificate.validTo}`);
  if (!certificate.checkPrivateKey(keyIn(key, keyFile))) {
    throw new ConfigError(`--tls-key ${keyFile}: not the key of the certificate in ${certFile}`);
  }
  return { cert, key, minVersion: 'TLSv1.2' };
}

function read(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${flag} ${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function certificateIn(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new ConfigError(`--tls-cert ${file}: no PEM certificate (-----BEGIN CERTIFICATE-----)`);
  }
}

function keyIn(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const encrypted =
      /ENCRYPTED/.test(pem) || (error as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE';
    const why = encrypted ? 'a key with a passphrase is not supported' : 'no PEM private key';
    throw new ConfigError(`--tls-key ${file}: ${why}`); // the parser's words stay out of the log
  }
}
