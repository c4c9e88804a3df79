import { checkAddresses, ForbiddenAddressError, handlerAddress } from './handler-address.js';
import { networks, reachOf } from './networks.js';

const nothing = networks.parse('');
const loopback = networks.parse('loopback');

describe('an address that is no public one', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['0.0.0.0', 'this host'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['169.254.169.254', 'link-local, where clouds keep credentials'],
    ['100.64.0.1', 'CGNAT'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['192.0.2.1', 'documentation'],
    ['198.18.0.1', 'benchmarking'],
    ['240.0.0.1', 'reserved'],
    ['::1', 'loopback'],
    ['::', 'this host'],
    ['fc00::1', 'unique local'],
    ['fe80::1', 'link-local'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['2001:db8::1', 'documentation'],
    ['::ffff:127.0.0.1', 'IPv4-mapped'],
    ['::ffff:10.0.0.1', 'IPv4-mapped'],
    ['::127.0.0.1', 'IPv4-compatible'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['64:ff9b:1::1', 'local NAT64'],
    ['2002:7f00:1::', '6to4'],
    ['2001::1', 'Teredo'],
    ['::2', 'IPv4-compatible'],
    ['::ffff:0:7f00:1', 'IPv4-translated'],
    ['100::1', 'discard'],
    ['3fff::1', 'documentation'],
    ['1::1', 'not given out'],
    ['4000::1', 'not given out'],
    ['fe00::1', 'not given out'],
    ['192.0.0.1', 'protocol assignments'],
    ['192.88.99.1', '6to4 relay'],
    ['nonsense', 'no address'],
  ])('%s (%s) is forbidden', (address) => expect(reachOf(address, nothing)).toBe('forbidden'));

  it('is called where its network is named', () => {
    expect(reachOf('127.0.0.1', loopback)).toBe('allowed');
    expect(reachOf('::ffff:127.0.0.1', loopback)).toBe('allowed');
    expect(reachOf('::1', loopback)).toBe('allowed');
    expect(reachOf('10.0.0.1', loopback)).toBe('forbidden');
    expect(reachOf('10.0.0.1', networks.parse('10.0.0.0/24, loopback'))).toBe('allowed');
  });

  it.each(['8.8.8.8', '2606:4700::1111'])('%s is public', (address) =>
    expect(reachOf(address, nothing)).toBe('public'),
  );
});

describe('a handler’s URL', () => {
  it.each([
    'ftp://example.org/',
    'file:///etc/passwd',
    'gopher://example.org/',
    'javascript:alert(1)',
    'no url',
    '/relative',
    'https://user:secret@example.org/',
    'https://user@example.org/',
    'https://example.org/#fragment',
    'https://example.org:25/',
    'https://example.org:22/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://0/',
    'https://[::1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://169.254.169.254/latest/meta-data',
    'http://8.8.8.8/',
    `https://example.org/${'x'.repeat(2_048)}`,
  ])('%s is refused', (text) => expect(() => handlerAddress(text, nothing)).toThrow(ForbiddenAddressError));

  it.each(['https://example.org/hook?code=1', 'https://example.org:8443/', 'https://8.8.8.8/'])(
    '%s is taken',
    (text) => expect(handlerAddress(text, nothing).href).toBe(text),
  );

  it('is plain HTTP within allowed networks only', () => {
    expect(handlerAddress('http://127.0.0.1:7071/', loopback).port).toBe('7071');
    const url = new URL('http://handler.example/');
    expect(() => checkAddresses(url, ['127.0.0.1'], loopback)).not.toThrow();
    expect(() => checkAddresses(url, ['8.8.8.8'], loopback)).toThrow('https://');
  });

  it('is forbidden by one wrong address among its name’s, and by none', () => {
    const url = new URL('https://handler.example/');
    expect(() => checkAddresses(url, ['8.8.8.8', '2606:4700::1111'], nothing)).not.toThrow();
    expect(() => checkAddresses(url, ['8.8.8.8', '::1'], nothing)).toThrow('not public');
    expect(() => checkAddresses(url, ['10.0.0.1', '8.8.8.8'], nothing)).toThrow('not public');
    expect(() => checkAddresses(url, [], nothing)).toThrow('no address');
  });
});
