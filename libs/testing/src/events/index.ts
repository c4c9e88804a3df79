export { arbitraryOf } from './schema-arbitrary.js';
export { anEvent, type EventChanges } from './an-event.js';
export { lives } from './lives.js';
export { readEvents } from './recorded.js';
