import type { Dispatcher } from 'undici';
import { type Attempt, outcomeOf } from '../domain/outcome.js';
import { failureOf } from './failure.js';

/** More of an answer is not read, whatever the handler goes on to send. */
const mostBytes = 16 * 1024;
/** The status has decided; so long is waited for the rest of an answer, so that the connection can be used again. */
const restMs = 1_000;

export interface WebhookAnswer extends Attempt {
  /** Of the answer, in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Its beginning. */
  text: string;
}

/** Cuts a connection off; nobody is told, because the answer has been taken by then. */
const enough = new Error('enough of this answer');

/**
 * Reads one answer, its time and size bounded, and tells it once.
 *
 *   asked ──a final status──▶ answering ──its end, 16 KiB or a second──▶ over
 *     └──an error, or no status in time──────────────────────────────────▲
 */
export class AnswerReader implements Dispatcher.DispatchHandler {
  private readonly started = performance.now();
  private timer: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | undefined;
  private status: number | undefined;
  private latencyMs = 0;
  private headers: WebhookAnswer['headers'] = {};
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private isOver = false;

  constructor(
    private readonly answerMs: number,
    private readonly tell: (answer: WebhookAnswer) => void,
  ) {
    this.timer = setTimeout(() => this.cut(), answerMs);
  }

  /** A connection is there; it may have come too late. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isOver) controller.abort(enough);
  }

  /** Informational answers (RFC 9110 §15.2) come before the one that counts. */
  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: WebhookAnswer['headers']): void {
    if (status < 200 || this.isOver) return;
    clearTimeout(this.timer);
    this.status = status;
    this.headers = headers;
    this.latencyMs = this.sinceStart();
    this.timer = setTimeout(() => this.cut(), Math.min(restMs, this.answerMs));
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isOver) return;
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    if (this.bytes > mostBytes) this.cut();
  }

  onResponseEnd(): void {
    this.end();
  }

  /** Once the status has come it decides: an answer that breaks off behind it is short, and nothing else. */
  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.end(error);
  }

  /** Who sends more, or dawdles, loses the connection. */
  private cut(): void {
    this.end();
    this.controller?.abort(enough);
  }

  private end(error?: Error): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    const { status, headers } = this;
    if (status === undefined) {
      this.tell({ ...failureOf(error), latencyMs: this.sinceStart(), headers: {}, text: '' });
      return;
    }
    const text = this.bytes === 0 ? '' : Buffer.concat(this.chunks).subarray(0, mostBytes).toString('utf8');
    this.tell({ outcome: outcomeOf(status), status, latencyMs: this.latencyMs, headers, text });
  }

  private sinceStart(): number {
    return Math.round(performance.now() - this.started);
  }
}
