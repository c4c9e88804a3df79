import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problemTitles } from './problem.filter.js';

const statuses: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

/**
 * The answer to what Node's parser takes for no HTTP request at all: a problem document as everywhere (RFC 9457), and the
 * end of the connection, for nobody knows where the next request begins (RFC 9112 §9.3).
 */
export function answerUnreadable({ code = '' }: Error & { code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statuses[code] ?? 400;
  const [kind, title] = problemTitles[status] ?? [];
  const body = JSON.stringify({ type: `/problems/${kind}`, title, status });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
