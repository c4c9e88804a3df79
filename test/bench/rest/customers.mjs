/** A customer as it is sent. */
export const newCustomer = (/** @type {string} */ accountNumber) => ({
  accountNumber,
  givenName: 'Zoë',
  familyName: 'Yáñez',
  email: 'zoe@example.com',
  addresses: { home: { line1: '3761 N. 14th St', city: 'Rockhampton', postalCode: '4700', country: 'AU' } },
});
