import type { Socket } from 'node:net';
import type { ProblemDocument } from './problem.js';

type Unreadable = Error & { code?: string };

const documents: Record<number, ProblemDocument> = {
  400: { type: '/problems/invalid-request', title: 'The request is not valid.', status: 400 },
  408: { type: '/problems/request-timeout', title: 'The request took too long to arrive.', status: 408 },
  431: { type: '/problems/headers-too-large', title: 'The headers are too large.', status: 431 },
};
const reasons: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};
const statuses: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

/**
 * The answer to what Node's parser takes for no HTTP request at all: a problem document as everywhere (RFC 9457), and the
 * end of the connection, for nobody knows where the next request begins (RFC 9112 §9.3).
 */
export function answerUnreadable({ code = '' }: Unreadable, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statuses[code] ?? 400;
  const body = JSON.stringify(documents[status]);
  socket.end(
    `HTTP/1.1 ${status} ${reasons[status]}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
