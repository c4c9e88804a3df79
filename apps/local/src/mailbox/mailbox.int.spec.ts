import { type SpawnedProcess, spawnUntilReady, workspaceRoot } from '@app/testing';
import { appendFile, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';

type Ready = { ready: true; port: number; smtpPort: number };

describe('the mailbox', () => {
  let dir: string;
  let mailbox: SpawnedProcess<Ready>;

  const start = async () => {
    mailbox = await spawnUntilReady<Ready>(join(workspaceRoot, 'apps/local/dist/mailbox/main.js'), {
      env: { MAILBOX_DIR: dir, MAILBOX_SMTP_PORT: '0', MAILBOX_HTTP_PORT: '0' },
    });
  };
  const send = async (id: string, to = 'zoe@example.com', subject = 'Your address – changed') => {
    const transport = createTransport({ host: '127.0.0.1', port: mailbox.ready.smtpPort });
    await transport.sendMail({
      messageId: `<${id}>`,
      from: 'us@example.com',
      to,
      subject,
      text: 'Hé, moved?',
    });
    transport.close();
  };
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${mailbox.ready.port}${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'mailbox-'));
    await start();
  });
  afterAll(async () => {
    await mailbox.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('keeps one mail a Message-ID, and counts the others', async () => {
    await Promise.all([send('one@test'), send('one@test'), send('one@test')]);
    expect(await get('/messages?messageId=one@test')).toMatchObject({
      status: 200,
      body: { items: [{ messageId: 'one@test', subject: 'Your address – changed', duplicates: 2 }] },
    });
    expect((await get('/messages/one@test')).body).toMatchObject({
      text: 'Hé, moved?\r\n',
      to: ['zoe@example.com'],
    });
  });

  it('finds by receiver, in pages, in the order of arrival', async () => {
    for (const n of [1, 2, 3]) await send(`page-${n}@test`, 'pages@example.com');
    const first = await get('/messages?to=Pages@example.com&limit=2');
    expect(first.body.items).toMatchObject([{ messageId: 'page-1@test' }, { messageId: 'page-2@test' }]);
    const second = await get(
      `/messages?to=pages@example.com&limit=2&cursor=${String(first.body.nextCursor)}`,
    );
    expect(second.body).toMatchObject({ items: [{ messageId: 'page-3@test' }] });
    expect(second.body).not.toHaveProperty('nextCursor');
  });

  it('still has everything after it was killed in the middle of a line', async () => {
    await send('kept@test');
    await mailbox.kill('SIGKILL');
    await appendFile(join(dir, 'mail.jsonl'), '{"messageId":"torn@te');
    await start();
    expect((await get('/messages/kept@test')).status).toBe(200);
    expect((await get('/messages/one@test')).body).toMatchObject({ duplicates: 2 });
    expect((await get('/messages/torn@test')).status).toBe(404);
    await send('torn@test');
    expect((await get('/messages/torn@test')).status).toBe(200);
  });

  it.each([
    '/messages?limit=0',
    '/messages?limit=1e9',
    '/messages?cursor=nonsense',
    '/messages?who=me',
    '/messages/%',
  ])('refuses %s', async (path) => {
    expect(await get(path)).toMatchObject({ status: 400, body: { type: 'urn:problem:invalid' } });
  });

  it('forgets a mail for good, in the file too, also when it dies before it has blanked the line', async () => {
    const file = join(dir, 'mail.jsonl');
    const erase = (id: string) =>
      fetch(`http://127.0.0.1:${mailbox.ready.port}/messages/${id}`, { method: 'DELETE' });
    await send('before@test', 'before@example.com');
    await send('secret@test', 'canary@example.com', 'canary subject');
    await send('after@test', 'after@example.com');
    expect((await erase('secret@test')).status).toBe(204);
    expect((await erase('secret@test')).status).toBe(404);
    expect(await readFile(file, 'utf8')).not.toContain('canary');

    // Sent again, it is known, and not kept.
    await send('secret@test', 'canary@example.com', 'canary subject');
    await mailbox.stop();
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain('canary');

    // As a crash leaves it: the note is there, and the line half blank.
    const offset = Buffer.from(text).indexOf('{"messageId":"after@test"');
    const length = Buffer.from(text).indexOf('\n', offset) + 1 - offset;
    await appendFile(file, `${JSON.stringify({ erased: 'after@test', offset, length })}\n`);
    const handle = await open(file, 'r+');
    await handle.write(' '.repeat(20), offset);
    await handle.close();
    await start();
    expect(await readFile(file, 'utf8')).not.toContain('after@example.com');
    expect((await get('/messages/before@test')).status).toBe(200);
    expect((await get('/messages/after@test')).status).toBe(404);
    expect((await get('/messages?to=after@example.com')).body.items).toEqual([]);
  });
});
