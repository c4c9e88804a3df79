/** A mail as it is kept: the envelope, what is read of the header, and the source as it came. */
export interface Mail {
  messageId: string;
  from: string;
  to: string[];
  subject: string;
  receivedAt: string;
  raw: string;
}

/** The header's fields by lower-case name, folded lines joined (RFC 5322 §2.2.3); the first of a name counts. */
export function headersOf(raw: string): Map<string, string> {
  const [header = ''] = raw.split(/\r?\n\r?\n/, 1);
  const fields = header.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const headers = new Map<string, string>();
  for (const field of fields) {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !headers.has(name)) headers.set(name, field.slice(colon + 1).trim());
  }
  return headers;
}

/** Message-ID without its angle brackets (RFC 5322 §3.6.4). */
export function messageIdOf(headers: ReadonlyMap<string, string>): string | undefined {
  return /^<?([^<>\s]+)>?/.exec(headers.get('message-id') ?? '')?.[1];
}

/** Encoded words in a header's text (RFC 2047 §2), as mailers write anything beyond ASCII. */
export function decodeWords(text: string): string {
  return text
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(
      /=\?([\w-]+)\?([BQ])\?([^?]*)\?=/gi,
      (_word, charset: string, encoding: string, content: string) => {
        const transfer = encoding.toUpperCase() === 'B' ? 'base64' : 'quoted-printable';
        return decode(
          encoding.toUpperCase() === 'B' ? content : content.replaceAll('_', ' '),
          transfer,
          charset,
        );
      },
    );
}

/** The body of a mail of one text part, decoded; undefined where there are several parts. */
export function textOf(raw: string): string | undefined {
  const headers = headersOf(raw);
  const type = headers.get('content-type') ?? 'text/plain; charset=utf-8';
  if (!type.startsWith('text/')) return undefined;
  const body = raw.slice(raw.search(/\r?\n\r?\n/)).replace(/^\r?\n\r?\n/, '');
  const charset = /charset="?([\w-]+)/i.exec(type)?.[1] ?? 'utf-8';
  return decode(body, headers.get('content-transfer-encoding')?.toLowerCase() ?? '8bit', charset);
}

function decode(content: string, transfer: string, charset: string): string {
  if (transfer === 'base64') return new TextDecoder(charset).decode(Buffer.from(content, 'base64'));
  if (transfer !== 'quoted-printable') return content;
  const bytes = content
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return new TextDecoder(charset).decode(Buffer.from(bytes, 'latin1'));
}
