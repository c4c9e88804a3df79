export { ConsumerBench } from './consumer-bench.js';
export { type EngineBench, startEngineBench } from './engine-bench.js';
export { type InProcessConsumer, type InProcessOptions, startInProcess } from './in-process.js';
export { KeyRing } from './key-ring.js';
export { PartitionDriver, received } from './partition-driver.js';
export { sealed } from './seal-events.js';
