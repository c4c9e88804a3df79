import { once } from 'node:events';
import { Query } from 'pg';

/** A `COPY … FROM STDIN` of pg: rows go out as the server takes them, so memory does not grow with their number. */
class CopyIn extends Query {
  constructor(statement, chunks) {
    super(statement);
    this.chunks = chunks;
  }

  handleCopyInResponse(connection) {
    this.send(connection).then(
      () => connection.endCopyFrom(),
      (error) => connection.sendCopyFail(error.message),
    );
  }

  async send(connection) {
    for await (const chunk of this.chunks) {
      connection.sendCopyFromChunk(Buffer.from(chunk));
      if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain');
    }
  }
}

/**
 * @param {import('pg').Client} client
 * @param {string} statement `COPY … FROM STDIN`
 * @param {AsyncIterable<string> | Iterable<string>} chunks lines in PostgreSQL's text format
 */
export function copyIn(client, statement, chunks) {
  return new Promise((resolve, reject) => {
    const query = new CopyIn(statement, chunks);
    query.callback = (error) => (error ? reject(error) : resolve());
    client.query(query);
  });
}

/** One line: members in PostgreSQL's text format for COPY, undefined as \N. */
export const copyLine = (/** @type {(string | number | undefined)[]} */ values) =>
  `${values.map((value) => (value === undefined ? '\\N' : escaped(`${value}`))).join('\t')}\n`;

const signs = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escaped = (text) => text.replace(/[\\\t\n\r]/g, (sign) => signs[sign]);
