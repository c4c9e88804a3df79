export { consumer } from './consumer/consumer.schematic.js';
export { removeConsumer } from './remove-consumer/remove-consumer.schematic.js';
export { RefusedError } from './refused.error.js';
