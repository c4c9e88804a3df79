import { setTimeout as delay } from 'node:timers/promises';
import type { Customer } from '@app/contracts';
import type { HistoryEntry } from '../checker/evidence.js';
import type { Caller } from './caller.js';
import type { HistoryFile } from './history-file.js';

const timeoutMs = 5_000;
/** After a failure nobody hurries: the service is away, or busy. */
const pauseMs = 50;

type Answer = { outcome: 'ok'; customer: Customer } | { outcome: 'fail' | 'info'; status: number };

/** Writes and reads customers over REST, and notes what it asked for and what came of it. */
export class CustomerClient {
  /** How often each was answered; 0 stands for no answer. */
  readonly statuses = new Map<number, number>();

  constructor(
    /** To the profile service. */
    readonly caller: Caller,
    private readonly token: string,
    private readonly history: HistoryFile,
  ) {}

  create(account: string, token: string): Promise<Answer> {
    const body = {
      givenName: 'T',
      familyName: token,
      email: `${account}@example.com`,
      addresses: homeAt(token),
    };
    return this.asked(
      { op: 'create', customer: account, token },
      'PUT',
      `by-account-number/${account}`,
      body,
    );
  }

  /** Changes the name or the home address, one or both: each is a version. */
  update(customer: Customer, token: string, what: 'name' | 'address' | 'both'): Promise<Answer> {
    const body = {
      ...(what !== 'address' && { familyName: token }),
      ...(what !== 'name' && { addresses: homeAt(token) }),
    };
    const about = { op: 'update', customer: customer.accountNumber, token } as const;
    return this.asked(about, 'PATCH', customer.id, body, customer.version);
  }

  read(id: string, account: string): Promise<Answer> {
    return this.asked({ op: 'read', customer: account }, 'GET', id);
  }

  /** After a create without an answer: whether it has happened. Not part of the history. */
  async find(account: string): Promise<Customer | undefined> {
    const { body } = await this.send('GET', `?accountNumber=${account}`);
    return (body as { items?: Customer[] } | undefined)?.items?.[0];
  }

  /** Notes writes that are made in another way than here: each may have happened. */
  expect(op: 'create' | 'update'): (account: string, token: string) => void {
    return (customer, token) => {
      this.history.note({ op, customer, token, phase: 'invoke' });
      this.history.note({ op, customer, token, phase: 'info' });
    };
  }

  private async asked(
    about: Pick<HistoryEntry, 'op' | 'customer' | 'token'>,
    method: string,
    path: string,
    body?: object,
    version?: number,
  ): Promise<Answer> {
    this.history.note({ ...about, phase: 'invoke' });
    const { status, body: customer } = await this.send(method, path, body, version);
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status >= 200 && status < 300 && customer) {
      this.history.note({ ...about, phase: 'ok', version: (customer as Customer).version });
      return { outcome: 'ok', customer: customer as Customer };
    }
    // 408 and 429 are refusals too, but of the kind that leaves a write undone for sure only if it was never begun.
    const outcome = status >= 400 && status < 500 && status !== 408 ? 'fail' : 'info';
    this.history.note({ ...about, phase: outcome });
    if (outcome === 'info' || status === 429) await delay(pauseMs);
    return { outcome, status };
  }

  /** Status 0 stands for no answer: a time-out, a reset, a closed port. */
  private async send(method: string, path: string, body?: object, version?: number) {
    const { status, text } = await this.caller.call(
      method,
      `/v1/customers${path.startsWith('?') ? path : `/${path}`}`,
      {
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body && {
            'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
          }),
          ...(version !== undefined && { 'if-match': `"${version}"` }),
        },
        ...(body && { body: JSON.stringify(body) }),
        timeoutMs,
      },
    );
    const ok = status >= 200 && status < 300;
    return { status, body: ok ? (JSON.parse(text) as unknown) : undefined };
  }
}

const homeAt = (line1: string) => ({ home: { line1, city: 'Lyon', country: 'FR' } });
