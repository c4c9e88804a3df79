import { pageOf } from '@app/service-defaults';
import { z } from 'zod';
import { groupName } from './group-name.js';

const example = { name: 'audit', registeredAt: '2026-01-30T12:00:00.000Z', client: 'audit' };

const group = z.strictObject({
  name: groupName,
  registeredAt: z.iso.datetime(),
  client: z.string().nullable().describe('Whose it is: the client of the token it was registered with.'),
});

export const groupAnswer = group.meta({ examples: [example] });
export const groupsAnswer = pageOf(group).meta({ examples: [{ items: [example] }] });
