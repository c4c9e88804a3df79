export { type EventuallyOptions, eventually } from './eventually.js';
export { type TestDatabase, testDatabase } from './postgres/test-database.js';
export { freePort } from './processes/ports.js';
