import MimeNode from 'nodemailer/lib/mime-node';
import { encode, wrap } from 'nodemailer/lib/qp';
import type { Mail } from '../mail/mail.js';

export interface ComposedMail {
  envelope: { from: string; to: string[] };
  /** RFC 5322, lines ended by CRLF. */
  raw: string;
}

/**
 * A mail as it goes over the wire, its two texts side by side (RFC 2046 §5.1.4), written in one go: nodemailer's own way takes
 * a chain of streams for each part, and twice the processor time.
 */
export function compose(from: string, { idempotencyKey, text, html, ...mail }: Mail): ComposedMail {
  const root = new MimeNode('multipart/alternative');
  root.setHeader({
    from,
    to: mail.to,
    subject: mail.subject,
    'message-id': mail.messageId,
    // RFC 3834 §5: nobody's absence notice answers this.
    'auto-submitted': 'auto-generated',
    'idempotency-key': idempotencyKey,
  });
  const parts = [part(root, 'text/plain', text), part(root, 'text/html', html)];
  const header = root.buildHeaders();
  const lines = parts.flatMap((one) => [`--${String(root.boundary)}`, one]);
  const { from: sender, to } = root.getEnvelope();
  if (!sender) throw new Error(`"${from}" is nobody's address`);
  return {
    envelope: { from: sender, to },
    raw: [header, '', ...lines, `--${String(root.boundary)}--`, ''].join('\r\n'),
  };
}

function part(root: MimeNode, type: string, content: string): string {
  const node = root.createChild(`${type}; charset=utf-8`);
  node.setHeader('content-transfer-encoding', 'quoted-printable').setContent(content);
  const body = wrap(encode(content.replace(/\r?\n/g, '\r\n')));
  return `${node.buildHeaders()}\r\n\r\n${body}`;
}
