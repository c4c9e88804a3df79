export * from './binary-array.js';
export * from './data-source.js';
export * from './database.module.js';
export * from './due.js';
export * from './prepared-query.js';
