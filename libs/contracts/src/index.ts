export * from './customer/customer.js';
export * from './events/amqp-binding.js';
export * from './events/cloud-event.js';
export * from './events/event-schemas.js';
export * from './events/event-types.js';
export * from './plain-text.js';
export * from './sealing/sealed-personal.js';
export * from './stream/partition-for-key.js';
