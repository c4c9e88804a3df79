// Fills the hub with events as the relay sends them: nine attributes, a sealed body.
import { randomUUID } from 'node:crypto';
import { dataSchemaOf, newPersonalDataKey, seal, toApplicationProperties } from '@app/contracts';
import { EventHubsSender, eventHubsSettings } from '@app/event-hubs';

const PARTITIONS = 4;
const AT_ONCE = 500;
const key = newPersonalDataKey();
const filling = 'x'.repeat(480);

function event(version) {
  const subject = randomUUID();
  const attributes = {
    id: randomUUID(),
    type: 'AddressChanged',
    source: '/profile',
    subject,
    time: new Date().toISOString(),
    dataschema: dataSchemaOf('AddressChanged'),
    traceparent: `00-${randomUUID().replaceAll('-', '')}-b7ad6b7169203331-01`,
    customerversion: version,
  };
  const body = JSON.stringify({ changed: ['addresses.home'], personal: seal({ filling }, subject, key) });
  return { id: attributes.id, applicationProperties: toApplicationProperties(attributes), body };
}

const sender = new EventHubsSender(eventHubsSettings());
for (let partition = 0; partition < PARTITIONS; partition++) {
  for (let left = Math.ceil(Number(process.env.EVENTS) / PARTITIONS); left > 0;) {
    const events = Array.from({ length: Math.min(left, AT_ONCE) }, (_, n) => event(n + 1));
    left -= await sender.send(String(partition), events);
  }
}
await sender.close();
process.send('ready');
