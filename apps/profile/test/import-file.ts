import { eventually } from '@app/testing';
import type { Answer, ProfileApi } from './profile-api.js';

export interface Job {
  id: string;
  status: string;
  read: number;
  added: number;
  changed: number;
  unchanged: number;
  refused: number;
  dryRun?: true;
  failure?: string;
  repeats?: string;
}

interface Options {
  query?: string;
  headers?: Record<string, string>;
}

/** Sends a file, CSV unless told. */
export const sendFile = (
  api: ProfileApi,
  file: string | Uint8Array,
  { query = '', headers = {} }: Options = {},
): Promise<Answer<Job>> =>
  api.call<Job>('POST', `/v1/imports${query}`, file, { 'content-type': 'text/csv', ...headers });

/** An import when it has come to its end. */
export const ended = (api: ProfileApi, id: string): Promise<Job> =>
  eventually(
    async () => {
      const { body } = await api.call<Job>('GET', `/v1/imports/${id}`);
      return body.status !== 'running' && body;
    },
    { timeoutMs: 45_000 },
  );

export const imported = async (api: ProfileApi, file: string | Uint8Array, options?: Options): Promise<Job> =>
  ended(api, (await sendFile(api, file, options)).body.id);
