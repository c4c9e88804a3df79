import { explainFailure } from './errors.js';

describe('why PostgreSQL does not start', () => {
  const at = { dataDir: '/data', port: 54320 };

  it.each([
    [
      [
        'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
        'FATAL:  could not create any TCP/IP sockets',
      ],
      'PORT_TAKEN',
      'PostgreSQL: port 54320 is taken (POSTGRES_PORT sets another)',
    ],
    [
      ['PANIC:  could not write to file "pg_wal/xlogtemp.9": No space left on device'],
      'DISK_FULL',
      'PostgreSQL: the disk that holds /data is full',
    ],
    [
      ['LOG:  starting', 'FATAL:  data directory "/data" has invalid permissions', 'LOG:  bye'],
      'START_FAILED',
      'PostgreSQL did not start on /data: FATAL:  data directory "/data" has invalid permissions',
    ],
    [[], 'START_FAILED', 'PostgreSQL did not start on /data: it said nothing'],
  ])('%j', (output, code, message) => {
    expect(explainFailure(output, at)).toMatchObject({ code, message });
  });
});
