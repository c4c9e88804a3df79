import { StandardSchemaValidationPipe } from '@nestjs/common';
import { invalid, pointer } from './problem.js';

/** `@Body({ schema })`, `@Query({ schema })` and `@Param({ schema })` are checked; 400 names every wrong member. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      invalid(issues.map((issue) => ({ pointer: pointer(issue.path), detail: issue.message }))),
  });
}
