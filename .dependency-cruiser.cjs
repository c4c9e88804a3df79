// The directions of docs/architecture.md: arrows point down only, a lib is entered through its index.
const apps = '^apps/';
const libs = '^libs/([^/]+)/';
const layer = {
  schematics: ['contracts'],
  clock: [],
  contracts: [],
  'partition-log': [],
  'service-defaults': ['contracts'],
  database: ['contracts', 'service-defaults'],
  'event-hubs': ['contracts', 'service-defaults', 'database'],
  'service-bus': ['contracts', 'service-defaults', 'database'],
  outbox: ['contracts', 'service-defaults', 'database', 'event-hubs', 'service-bus'],
  consumer: ['contracts', 'service-defaults', 'database', 'event-hubs', 'service-bus', 'outbox'],
};
const npm = (names) => `node_modules/(${names})(/|$)`;

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphan-import', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'apps-never-import-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: apps, pathNot: '^apps/$1/' },
    },
    { name: 'libs-never-import-apps', severity: 'error', from: { path: '^libs/' }, to: { path: apps } },
    {
      name: 'lib-through-its-index',
      severity: 'error',
      from: { pathNot: '^libs/' },
      to: {
        path: libs,
        pathNot: [
          '^libs/[^/]+/src/((consumer/|embedded/|events/)?index|stream/partition-for-key|auth/token-verifier|amqp/closed-links)\\.ts$',
          '^libs/partition-log/test-support/simulation/simulated-disk\\.ts$', // under specs of what lies on the log
        ],
      },
    },
    {
      name: 'lib-through-its-index-from-libs',
      severity: 'error',
      from: { path: libs },
      to: {
        path: '^libs/',
        pathNot: [
          '^libs/$1/',
          '^libs/[^/]+/src/((consumer/|embedded/|events/)?index|stream/partition-for-key|auth/token-verifier|amqp/closed-links)\\.ts$',
        ],
      },
    },
    ...Object.entries(layer).map(([name, below]) => ({
      name: `${name}-points-down`,
      severity: 'error',
      from: { path: `^libs/${name}/`, pathNot: ['\\.spec\\.ts$', '/test-support/'] },
      to: { path: '^libs/', pathNot: `^libs/(${[name, ...below].join('|')})/` },
    })),
    {
      name: 'testing-only-in-tests',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: ['\\.spec\\.ts$', '^libs/testing/', '^(apps|libs)/[^/]+/test(-support)?/'],
      },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'pure-core',
      comment: 'contracts, partition-log and every domain/ know neither Nest, TypeORM nor Azure',
      severity: 'error',
      from: { path: '^libs/(contracts|partition-log)/|/domain/' },
      to: { path: npm('@nestjs|typeorm|pg|@azure|rhea') },
    },
    {
      name: 'azure-event-hubs-in-one-place',
      severity: 'error',
      from: { pathNot: ['^libs/event-hubs/', '\\.spec\\.ts$', '^test/'] },
      to: { path: npm('@azure/event-hubs') },
    },
    {
      name: 'azure-service-bus-in-one-place',
      severity: 'error',
      from: { pathNot: ['^libs/service-bus/', '\\.spec\\.ts$', '^test/'] },
      to: { path: npm('@azure/service-bus') },
    },
    {
      name: 'rhea-in-one-place',
      severity: 'error',
      from: { pathNot: ['^apps/broker/', '\\.spec\\.ts$', '^test/'] },
      to: { path: npm('rhea') },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['/dist/', '^\\.data'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
