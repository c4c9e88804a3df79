import type { Answer } from '../links/request-response.js';
import type { Body, Target } from './management.js';

export const sessionOperations: Readonly<Record<string, (target: Target, body: Body) => Promise<Answer>>> =
  {};
