import { addressKinds, type Customer } from '@app/contracts';
import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Whether two customers have one telephone number, in whatever form it is written, with or without a country code. */
export function haveSamePhone(one: Customer, other: Customer): boolean {
  return one.phone !== undefined && other.phone !== undefined && numberOf(one) === numberOf(other);
}

/** As E.164 where it is a number of the customer's country; else its digits. */
function numberOf(customer: Customer): string {
  const { phone = '', addresses } = customer;
  const country = addressKinds.map((kind) => addresses[kind]?.country).find((code) => code !== undefined);
  const parsed = parsePhoneNumberFromString(
    phone,
    country !== undefined && isSupportedCountry(country) ? country : undefined,
  );
  return parsed?.isValid() ? parsed.number : phone.replaceAll(/\D/g, '');
}
