import { parseAddress } from './addresses.js';
import { parseSelector } from './selector.js';

describe('a receiver’s selector', () => {
  it.each([
    ["amqp.annotation.x-opt-offset > '-1'", { kind: 'earliest' }],
    ["amqp.annotation.x-opt-offset > '@latest'", { kind: 'latest' }],
    ["amqp.annotation.x-opt-offset > '4711'", { kind: 'offset', value: 4711, inclusive: false }],
    ["amqp.annotation.x-opt-offset >= '0'", { kind: 'offset', value: 0, inclusive: true }],
    ["amqp.annotation.x-opt-sequence-number > '-1'", { kind: 'earliest' }],
    ["amqp.annotation.x-opt-sequence-number >= '12'", { kind: 'sequenceNumber', value: 12, inclusive: true }],
    [
      "amqp.annotation.x-opt-enqueued-time > '1795351601147'",
      { kind: 'enqueuedTime', value: 1795351601147, inclusive: false },
    ],
    ['amqp.annotation.x-opt-enqueuedtimeutc > 5', { kind: 'enqueuedTime', value: 5, inclusive: false }],
  ])('%s', (text, start) => expect(parseSelector(text)).toEqual(start));

  it.each([
    '',
    'amqp.annotation.x-opt-offset > no offset',
    "amqp.annotation.x-opt-offset < '3'",
    "amqp.annotation.x-opt-sequence-number > '@latest'",
    "amqp.annotation.x-opt-offset > '1.5'",
    "amqp.annotation.x-opt-partition-key > '1'",
  ])('%j is not understood', (text) => expect(parseSelector(text)).toBeUndefined());
});

describe('an address', () => {
  it.each([
    ['$cbs', { kind: 'cbs' }],
    ['$management', { kind: 'management' }],
    ['hub/$management', { kind: 'management', entity: 'hub' }],
    ['hub', { kind: 'hub', hub: 'hub', partition: undefined }],
    ['hub/Partitions/3', { kind: 'hub', hub: 'hub', partition: '3' }],
    ['amqps://host/hub/Partitions/3', { kind: 'hub', hub: 'hub', partition: '3' }],
    [
      'hub/consumergroups/$default/PARTITIONS/0',
      { kind: 'group', hub: 'hub', group: '$default', partition: '0' },
    ],
  ])('%s', (text, address) => expect(parseAddress(text)).toEqual(address));

  it.each(['', '/', 'hub/x/3', 'hub/ConsumerGroups/g', 'hub/ConsumerGroups/g/Partitions', 'a/b/c/d/e/f'])(
    '%j names nothing',
    (text) => expect(parseAddress(text)).toBeUndefined(),
  );
});
