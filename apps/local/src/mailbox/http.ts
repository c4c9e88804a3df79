import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { MailQuery, MailStore, StoredMail } from './mail-store.js';
import { textOf } from './mail.js';

/** An answer other than 200, as RFC 9457 wants it. */
class Problem extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The mailbox, read: `GET /messages?to=&messageId=&limit=&cursor=` → `{items, nextCursor?}`, oldest first;
 * `GET /messages/{messageId}` → the mail with text and source, `DELETE` → 204, gone for good; `GET /health`.
 */
export function mailboxHttp(store: MailStore): Server {
  return createServer((request, response) => {
    answer(store, request).then(
      (body) =>
        body === gone ? response.writeHead(204).end() : send(response, 200, 'application/json', body),
      (error: unknown) => {
        const { status, type, message } =
          error instanceof Problem ? error : new Problem(500, 'internal', 'the mailbox cannot answer');
        if (!(error instanceof Problem)) console.error(error);
        send(response, status, 'application/problem+json', {
          type: `urn:problem:${type}`,
          title: message,
          status,
        });
      },
    );
  });
}

const gone = Symbol('nothing is left to answer');

async function answer(store: MailStore, { method, url = '/' }: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(url, 'http://mailbox');
  const [, id] = /^\/messages\/([^/]+)$/.exec(pathname) ?? [];
  if (method === 'DELETE' && id !== undefined) {
    if (await store.erase(decode(id))) return gone;
    throw new Problem(404, 'not-found', 'no mail has this Message-ID');
  }
  if (method !== 'GET') throw new Problem(405, 'method-not-allowed', 'the mailbox is read with GET');
  if (pathname === '/health') return { status: 'healthy', messages: store.size };
  if (pathname === '/messages') {
    const { items, last } = await store.list(queryFrom(searchParams));
    return { items: items.map(summary), ...(last !== undefined && { nextCursor: cursorFor(last) }) };
  }
  if (id === undefined) throw new Problem(404, 'not-found', 'there is nothing here: see /messages');
  const mail = await store.get(decode(id));
  if (!mail) throw new Problem(404, 'not-found', 'no mail has this Message-ID');
  return { ...summary(mail), text: textOf(mail.raw), raw: mail.raw };
}

function summary({ raw: _raw, ...mail }: StoredMail): Omit<StoredMail, 'raw'> {
  return mail;
}

function queryFrom(parameters: URLSearchParams): MailQuery {
  const unknown = [...parameters.keys()].find(
    (name) => !['to', 'messageId', 'limit', 'cursor'].includes(name),
  );
  if (unknown !== undefined) throw new Problem(400, 'invalid', `there is no parameter "${unknown}"`);
  const limit = Number(parameters.get('limit') ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200)
    throw new Problem(400, 'invalid', 'limit is a number from 1 to 200');
  const [to, messageId, cursor] = ['to', 'messageId', 'cursor'].map(
    (name) => parameters.get(name) ?? undefined,
  );
  return {
    limit,
    ...(to !== undefined && { to }),
    ...(messageId !== undefined && { messageId: messageId.replace(/^<|>$/g, '') }),
    ...(cursor !== undefined && { after: placeFrom(cursor) }),
  };
}

const cursorFor = (place: number): string => Buffer.from(`after:${place}`).toString('base64url');

function placeFrom(cursor: string): number {
  const [, place] = /^after:(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (place === undefined) throw new Problem(400, 'invalid', 'this cursor does not come from here');
  return Number(place);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text).replace(/^<|>$/g, '');
  } catch (error) {
    throw new Problem(400, 'invalid', `not a Message-ID: ${String(error)}`);
  }
}

function send(response: ServerResponse, status: number, type: string, body: unknown): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(JSON.stringify(body));
}
