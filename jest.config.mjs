/** Tests run from source: the export condition "source" leads @app/* to src/, swc compiles on the fly. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  modulePathIgnorePatterns: ['/dist/', '/.data/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  globalSetup: '<rootDir>/libs/testing/dist/jest/global-setup.js',
  globalTeardown: '<rootDir>/libs/testing/dist/jest/global-teardown.js',
  maxWorkers: 2,
  testTimeout: 60_000,
  // A worker keeps the modules of every file it has run (Node's vm modules): at 4 GB it collects garbage most of the time.
  workerIdleMemoryLimit: '1GB',
  errorOnDeprecated: true,
};
