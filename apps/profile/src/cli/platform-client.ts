import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const importAnswer = z.object({
  id: z.string(),
  status: z.enum(['receiving', 'running', 'completed', 'failed']),
  read: z.number(),
  added: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  refused: z.number(),
  dryRun: z.boolean().optional(),
  failure: z.string().optional(),
  repeats: z.string().optional(),
});
export type ImportAnswer = z.infer<typeof importAnswer>;

const errorsAnswer = z.object({
  items: z.array(z.object({ line: z.number(), column: z.string().optional(), reason: z.string() })),
  nextCursor: z.string().optional(),
});
export type RefusedRow = z.infer<typeof errorsAnswer>['items'][number];

export interface Upload {
  file: string;
  contentType: string;
  gzip: boolean;
  again: boolean;
  dryRun: boolean;
  /** An import mapping as JSON. */
  mapping?: string;
}

const patienceMs = 60_000;
const answerMs = 20_000;
const pauseMs = 500;
const quietAttempts = 4;

/** The answer says no, and asking again would not help. */
export class RefusedError extends Error {}

/** The calls of an import; a platform that is away for a moment is waited for, up to a minute. */
export class PlatformClient {
  private constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  /** @throws when nothing answers there */
  static async connect(baseUrl: string): Promise<PlatformClient> {
    await fetch(`${baseUrl}/health/live`, { signal: AbortSignal.timeout(5_000) }).catch((cause: unknown) => {
      throw new RefusedError(`nothing answers at ${baseUrl}: start the platform with npm start`, { cause });
    });
    if (process.env['TOKEN']) return new PlatformClient(baseUrl, process.env['TOKEN']);
    const { stdout } = await promisify(execFile)('npm', ['run', '-s', 'token'], { env: process.env });
    return new PlatformClient(baseUrl, stdout.trim());
  }

  /** Sends the whole file; the same bytes that are still being imported are the same import. */
  upload({ file, contentType, gzip, again, dryRun, mapping }: Upload): Promise<ImportAnswer> {
    const query = new URLSearchParams({
      again: String(again),
      dryRun: String(dryRun),
      ...(mapping && { mapping }),
    });
    return this.patiently(async () => {
      const body = Readable.toWeb(createReadStream(file));
      const response = await this.fetch(`/v1/imports?${query.toString()}`, {
        method: 'POST',
        headers: { 'content-type': contentType, ...(gzip && { 'content-encoding': 'gzip' }) },
        body,
        duplex: 'half',
      });
      return importAnswer.parse(await response.json());
    });
  }

  progress(id: string): Promise<ImportAnswer> {
    return this.patiently(async () =>
      importAnswer.parse(await (await this.look(`/v1/imports/${id}`)).json()),
    );
  }

  async refusedRows(id: string, most: number): Promise<RefusedRow[]> {
    const rows: RefusedRow[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined && rows.length < most;) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = errorsAnswer.parse(
        await (await this.look(`/v1/imports/${id}/errors?limit=200${query}`)).json(),
      );
      rows.push(...page.items);
      cursor = page.nextCursor;
    }
    return rows.slice(0, most);
  }

  /** Writes the refused rows into a file, as the platform has them to be corrected. */
  async keepRefusedRows(id: string, file: string): Promise<void> {
    const { body } = await this.fetch(`/v1/imports/${id}/refused-rows`);
    if (body) await pipeline(Readable.fromWeb(body), createWriteStream(file));
  }

  /** A question that is quickly answered, or asked again. */
  private look(path: string): Promise<Response> {
    return this.fetch(path, { signal: AbortSignal.timeout(answerMs) });
  }

  private async fetch(path: string, init: RequestInit & { duplex?: 'half' } = {}): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.token}` };
    const response = await fetch(this.baseUrl + path, { ...init, headers });
    if (response.ok) return response;
    const text = `${path} answered ${response.status}: ${await response.text()}`;
    if (response.status < 500 && response.status !== 429) throw new RefusedError(text);
    throw new Error(text);
  }

  private async patiently<T>(call: () => Promise<T>): Promise<T> {
    const until = Date.now() + patienceMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        if (error instanceof RefusedError || Date.now() > until) throw error;
        if (attempt === quietAttempts)
          console.error('  the platform does not answer: waiting for it, up to a minute');
        await pause(pauseMs);
      }
    }
  }
}
