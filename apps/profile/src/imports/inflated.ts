import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Problem } from '@app/service-defaults';

/** No table of people shrinks that much; what does is meant to fill a disk. */
const maxRatio = 200;
const freeBytes = 64 * 2 ** 20;

/**
 * The bytes of a body by its Content-Encoding (RFC 9110 §8.4), unpacked a piece at a time.
 * @throws {Problem} 415 for another encoding; while it is read, 400 for a body that is not gzip, or is a bomb
 */
export function inflated(body: Readable, encoding: string | undefined): AsyncIterable<Buffer> {
  const named = encoding?.trim().toLowerCase() ?? 'identity';
  if (named === 'identity') return body;
  if (named === 'gzip' || named === 'x-gzip') return gunzipped(body);
  throw new Problem(415, 'unsupported-content-encoding', 'This content encoding is not accepted here.', {
    detail: 'Send gzip, or the bytes as they are.',
    headers: { 'accept-encoding': 'gzip' },
  });
}

async function* gunzipped(body: Readable): AsyncGenerator<Buffer> {
  let packed = 0;
  let unpacked = 0;
  body.on('data', (chunk: Buffer) => (packed += chunk.length));
  const gunzip = createGunzip();
  // Errors of either side reach the loop below; the callback keeps them from being unhandled.
  pipeline(body, gunzip, () => undefined);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (unpacked > freeBytes && unpacked > packed * maxRatio) {
        throw new Problem(
          400,
          'gzip-too-dense',
          'The body unpacks to far more than a table of customers does.',
          {
            detail: `It is more than ${maxRatio} times as large unpacked as packed.`,
          },
        );
      }
      yield chunk;
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw new Problem(400, 'not-gzip', 'The body is not what its Content-Encoding says.', {
      detail: `gzip: ${error.message}.`,
    });
  }
}

const isZlibError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && (error as NodeJS.ErrnoException).code?.startsWith('Z_') === true;
