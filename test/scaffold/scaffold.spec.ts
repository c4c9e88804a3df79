import { Clone } from './clone.js';

const cli = 'libs/schematics/dist/cli.js';
const consumers: [name: string, ...args: string[]][] = [
  [
    'loyalty',
    '--on=CustomerAdded,AddressChanged',
    '--filter=data.personal.current.addresses.home.country StringIn FR,BE',
    '--emits=LoyaltyTierChanged',
  ],
  ['gold-club', '--on=PreferencesChanged,ConsentChanged'],
  ['x', '--on=CustomersMerged,CustomersUnmerged,CustomerErased'],
  ['mover-2', '--on=AddressChanged', '--filter=data.changed StringBeginsWith addresses.home'],
  [
    'name-watch-for-the-call-centre',
    '--on=CustomerNameChanged,ContactDetailsChanged,CustomerDetailsChanged',
    '--filter=customerversion NumberGreaterThan 1',
    '--emits=NameSeen,NameCopied',
  ],
];

/** SCAFFOLD=full: the whole check, and every test of all of them. Otherwise what differs from one to the other. */
const full = process.env['SCAFFOLD'] === 'full';

/** What `npm run check` runs, on the new apps alone. */
function checksOf(clone: Clone, apps: readonly string[]): [tool: string, ...args: string[]][] {
  clone.write('tsconfig.new.json', {
    extends: './tsconfig.json',
    include: apps,
    compilerOptions: { incremental: false, tsBuildInfoFile: null },
  });
  const changed = clone.git('diff', '--name-only').trim().split('\n');
  return [
    ['tsc', '--project', 'tsconfig.new.json'],
    ['oxlint', '--type-aware', '--deny-warnings', '--quiet', ...apps],
    ['prettier', '--check', '--ignore-unknown', ...apps, ...changed],
    ['depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'err', ...apps],
  ];
}

describe('npm run new:consumer', () => {
  let clone: Clone;
  const scaffold = (...args: string[]) => clone.node(cli, ...args);
  beforeAll(() => {
    clone = Clone.make();
  }, 60_000);
  afterAll(() => clone.remove());

  it('starts from a clean tree', () => expect(clone.status()).toBe(''));

  it.each([
    ['a bad name', ['Loyalty', '--on=AddressChanged'], 'is no name of a consumer'],
    ['a name with a dot', ['../x', '--on=AddressChanged'], 'is no name of a consumer'],
    ['the name of a part of the platform', ['audit', '--on=AddressChanged'], 'choose another name\n'],
    ['the name of a lib', ['contracts', '--on=AddressChanged'], 'is taken: nest-cli.json has it'],
    [
      'an unknown event',
      ['loyalty', '--on=AddressMoved'],
      'is no event of the platform; there are CustomerAdded',
    ],
    ['no event', ['loyalty'], '--on is missing'],
    ['a filter that is none', ['loyalty', '--on=AddressChanged', '--filter=country FR'], 'is not'],
    [
      'somebody else’s event',
      ['loyalty', '--on=AddressChanged', '--emits=CustomerErased'],
      'of the profile service',
    ],
  ])('refuses %s, says why, and changes nothing', (_, args, why) => {
    const { status, output } = scaffold('new', ...args);
    expect({ status, output }).toEqual({ status: 2, output: expect.stringContaining(why) as string });
    expect(clone.status()).toBe('');
  });

  it('makes five consumers that pass every check and their own tests, and takes them away without a trace', () => {
    for (const args of consumers) {
      const { status, output } = scaffold('new', ...args, '--without-docs');
      expect({ status, output }).toEqual({
        status: 0,
        output: expect.stringContaining('is a consumer') as string,
      });
    }
    const again = scaffold('new', ...(consumers[0] ?? []));
    expect(again).toEqual({ status: 2, output: expect.stringContaining('loyalty is taken') as string });
    const succeeds = (...args: string[]): string => {
      const { status, output } = clone.node(...args);
      expect({ args, status, output }).toEqual({ args, status: 0, output });
      return output;
    };
    succeeds('tools/build.mjs');
    succeeds('tools/update-docs.mjs');
    const apps = consumers.map(([name]) => `apps/${name}`);
    if (full) succeeds('tools/check.mjs');
    else for (const [tool, ...args] of checksOf(clone, apps)) succeeds(`node_modules/.bin/${tool}`, ...args);
    const tests = full ? apps : apps.flatMap((app, index) => (index < 1 ? app : `${app}/src`));
    const passed = full ? 4 * apps.length : 4 + apps.length - 1;
    const jest = [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
    ];
    expect(succeeds(...jest, ...tests)).toContain(`${passed} passed, ${passed} total`);
    for (const [name] of consumers) {
      const { status, output } = scaffold('remove', name, '--without-docs');
      expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('is gone') as string });
    }
    succeeds('tools/update-docs.mjs');
    clone.git('clean', '--quiet', '-f', 'tsconfig.new.json');
    expect(clone.status()).toBe('');
  }, 600_000);

  it.each([
    ['audit', 'is a part of the platform'],
    ['loyalty', 'there is no consumer loyalty'],
  ])('does not take %s away', (name, why) => {
    expect(scaffold('remove', name)).toEqual({ status: 2, output: expect.stringContaining(why) as string });
    expect(clone.status()).toBe('');
  });
});
