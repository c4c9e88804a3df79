/**
 * How the embedded server runs. Given on the command line at each start, so that a cluster made by an earlier
 * version of the platform runs with today's settings.
 */
export const serverSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  max_connections: '200',
  shared_buffers: '128MB',
  // Nobody replicates from here; less is written to the log, and a crash is survived all the same.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_wal_size: '1GB',
  // A segment that is through is removed: recycled, it would keep what the erasure sweep removes.
  wal_recycle: 'off',
  // Statements of one service must not wait for another service's idle CPU to compile them.
  jit: 'off',
  // The launcher reads these lines. A failed statement is its service's to report: here it would show people's data.
  lc_messages: 'C',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_line_prefix: '',
  log_checkpoints: 'off',
  log_destination: 'stderr',
  logging_collector: 'off',
};
