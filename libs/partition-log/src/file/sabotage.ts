/** A bug to have, so that the tests can prove that they would find it. Never set outside them. */
export type Sabotage =
  | 'ack-before-sync'
  | 'ignore-short-write'
  | 'retry-sync'
  | 'skip-checksum'
  | 'cut-acknowledged'
  | 'expire-early'
  | 'expire-unnoted';
