import { EnvironmentError } from '@app/service-defaults';
import { CompactSign, compactVerify, importJWK, type CryptoKey, type JWK } from 'jose';
import { z } from 'zod';
import type { PublishedHead } from '../domain/published-head.js';

const algorithm = 'EdDSA';
const type = 'audit-head';

const jwk = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() });

const bytes = (encoding: 'hex' | 'base64') => z.string().transform((text) => Buffer.from(text, encoding));
const payload = z.strictObject({
  partitionId: z.int().nonnegative(),
  from: z.int().positive().transform(BigInt),
  position: z.int().positive().transform(BigInt),
  hash: bytes('hex'),
  marks: bytes('base64'),
  publishedAt: z.iso.datetime(),
  previous: bytes('hex'),
});

/** Signs published heads as compact JWS (RFC 7515, Ed25519 of RFC 8037), and reads those that it has signed. */
export class HeadsKey {
  private constructor(
    private readonly privateKey: CryptoKey,
    private readonly publicKey: CryptoKey,
    /** Whoever keeps it can tell what this audit has published. */
    readonly publicJwk: JWK,
  ) {}

  /**
   * @param text a private JWK of kty OKP and crv Ed25519
   * @throws {EnvironmentError}
   */
  static async from(text: string): Promise<HeadsKey> {
    try {
      const { d, ...open } = jwk.parse(JSON.parse(text));
      const [privateKey, publicKey] = await Promise.all([
        importJWK({ ...open, d }, algorithm),
        importJWK(open, algorithm),
      ]);
      return new HeadsKey(privateKey, publicKey, {
        ...open,
        alg: algorithm,
        use: 'sig',
      });
    } catch (cause) {
      throw new EnvironmentError('AUDIT_HEADS_KEY is wrong: it must be a private JWK, kty OKP, crv Ed25519', {
        cause,
      });
    }
  }

  sign({ from, position, hash, marks, previous, ...rest }: PublishedHead): Promise<string> {
    const json = JSON.stringify({
      ...rest,
      from: Number(from),
      position: Number(position),
      hash: hash.toString('hex'),
      marks: marks.toString('base64'),
      previous: previous.toString('hex'),
    });
    return new CompactSign(Buffer.from(json))
      .setProtectedHeader({ alg: algorithm, typ: type })
      .sign(this.privateKey);
  }

  /** @returns nothing where this key did not sign it. */
  async read(line: string): Promise<PublishedHead | undefined> {
    try {
      const signed = await compactVerify(line, this.publicKey, { algorithms: [algorithm] });
      if (signed.protectedHeader.typ !== type) return undefined;
      return payload.parse(JSON.parse(Buffer.from(signed.payload).toString('utf8')));
    } catch {
      return undefined; // forged or damaged: the caller says where
    }
  }
}
