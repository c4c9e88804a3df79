const secrets = /(SharedAccessKey|SharedAccessSignature)=[^;"\s]*/g;

/** What an error says, for a log: the client library quotes a connection string that it refuses, with the key in it. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(secrets, '$1=…');
}
