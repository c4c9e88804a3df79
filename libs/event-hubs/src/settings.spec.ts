import { eventHubsSettings } from './settings.js';

const good = 'Endpoint=sb://test.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=c2VjcmV0';

describe('the settings of Event Hubs', () => {
  afterEach(() => {
    delete process.env['EVENTHUBS_CONNECTION_STRING'];
    delete process.env['EVENTHUB_NAME'];
  });
  const settings = (connectionString: string, hub?: string) => {
    process.env['EVENTHUBS_CONNECTION_STRING'] = connectionString;
    if (hub) process.env['EVENTHUB_NAME'] = hub;
    return eventHubsSettings();
  };

  it.each([
    ['a namespace', good],
    ['its own hub', `${good};EntityPath=customer-events`],
    [
      'the emulator',
      'Endpoint=sb://localhost:5672;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true;',
    ],
  ])('takes the connection string of %s', (_, connectionString) => {
    expect(settings(connectionString)).toEqual({ connectionString, eventHubName: 'customer-events' });
  });

  it.each([
    ['another hub', `${good};EntityPath=orders`],
    ['no host', good.replace('sb://test.servicebus.windows.net/', 'foo')],
    ['no key name', good.replace('SharedAccessKeyName=send;', '')],
    ['no key', good.replace('SharedAccessKey=c2VjcmV0', 'SharedAccessKey=')],
  ])('refuses one with %s, and does not quote it', (_, connectionString) => {
    expect(() => settings(connectionString)).toThrow(/^EVENTHUBS_CONNECTION_STRING is wrong: /);
    expect(() => settings(connectionString)).not.toThrow(/c2VjcmV0/);
  });

  it('compares the hub with EVENTHUB_NAME', () => {
    expect(settings(`${good};EntityPath=orders`, 'orders').eventHubName).toBe('orders');
  });
});
