export { type TestIssuer, testAudience, testIssuer, testIssuerName } from './auth/test-issuer.js';
export { aCustomer, anAddress } from './builders/customers.js';
export { type EventuallyOptions, eventually } from './eventually.js';
export { type TestDatabase, testDatabase } from './postgres/test-database.js';
export * from './platform/running-platform.js';
export { freePort } from './processes/ports.js';
export { type SpawnOptions, type SpawnedProcess, spawnUntilReady } from './processes/spawn-until-ready.js';
export { type BrokerOptions, type StartedBroker, startBroker } from './processes/start-broker.js';
export { type StartedService, startService, workspaceRoot } from './processes/start-service.js';
