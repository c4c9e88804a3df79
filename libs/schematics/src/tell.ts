/** How a command is written. */
export function usageOf(command: 'new' | 'remove'): string {
  if (command === 'remove') return 'npm run remove:consumer -- NAME [--without-docs]';
  return `npm run new:consumer -- NAME --on Type,Type [--filter 'KEY Operator VALUE,VALUE'] [--emits Type]

  npm run new:consumer -- loyalty --on CustomerAdded,AddressChanged \\
    --filter 'data.personal.current.addresses.home.country StringIn FR' --emits LoyaltyTierChanged

  The events: docs/events.md. Filters: docs/consumers.md. --without-docs: of several at once, before npm run update:docs.`;
}

/** What has been done, and what a person does next. */
export function whatNow(command: 'new' | 'remove', name: string, written: readonly string[]): string {
  const files = (kind: string) =>
    written.flatMap((line) => (line.startsWith(`${kind} `) ? line.slice(kind.length + 1) : []));
  const list = (title: string, names: readonly string[]) =>
    names.length > 0 ? [title, ...names.map((file) => `  ${file}`), ''] : [];
  const changed = list('changed', files('update'));
  if (command === 'remove')
    return [
      `${name} is gone.`,
      '',
      ...changed,
      'Where it has run, profile still waits for it when a customer is erased. While the platform runs:',
      `  curl -X DELETE http://127.0.0.1:3000/v1/consumer-groups/${name} -H "Authorization: Bearer $(npm run -s token)"`,
      `Its database stays as it is, until somebody drops it.`,
    ].join('\n');
  const about: Record<string, string> = {
    [`src/domain/${name}.ts`]: 'the rule: begin here',
    [`src/${name}.handler.ts`]: 'what takes the events',
    [`test/${name}.int.spec.ts`]: 'on a database, and with the engine',
  };
  const width = Math.max(...files('create').map(({ length }) => length));
  const made = files('create').map((file) => {
    const what = about[file.replace(`apps/${name}/`, '')];
    return what === undefined ? file : `${file.padEnd(width)}  ${what}`;
  });
  return [
    `${name} is a consumer.`,
    '',
    ...list('made', made),
    ...changed,
    'next',
    `  npm test -- apps/${name}`,
    '  npm start                                          and change a customer; then ask for its event:',
    '  curl -s "http://127.0.0.1:8080/v1/events/$EVENT/effects?wait=5s" -H "Authorization: Bearer $(npm run -s token)"',
    `  npm run consumer -- ${name} status`,
    `${`  npm run torture -- --consumer ${name}`.padEnd(53)}proves it under faults`,
    `  docker compose --profile ${name} up --build --wait`,
    `${`  npm run remove:consumer -- ${name}`.padEnd(53)}takes all of it back`,
  ].join('\n');
}
