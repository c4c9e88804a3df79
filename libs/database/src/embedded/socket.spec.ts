import { overSocket, socketFolder } from './socket.js';

describe('the socket of the embedded PostgreSQL', () => {
  it('is in its own folder, which a connection string names', () => {
    const folder = socketFolder('/data/post gres', 5432);
    expect(folder).toBe('/data/post gres');
    const url = new URL(overSocket('postgresql://me:secret@127.0.0.1:5432/mine', folder));
    expect(url.searchParams.get('host')).toBe('/data/post gres');
  });

  it('is not where its path is longer than an address may be: TCP is there all the same', () => {
    const room = 107 - Buffer.byteLength('/.s.PGSQL.5432');
    expect(socketFolder(`/${'ø'.repeat((room - 2) / 2)}`, 5432)).toBeDefined();
    expect(socketFolder(`/${'ø'.repeat(room / 2)}`, 5432)).toBeUndefined();
    expect(overSocket('postgresql://me:secret@127.0.0.1:5432/mine', undefined)).toBe(
      'postgresql://me:secret@127.0.0.1:5432/mine',
    );
  });
});
