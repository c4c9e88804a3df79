import { Controller, Delete, type ExecutionContext, Get, Query } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { z } from 'zod';
import type { Problem } from './problem.js';
import { QueryGuard } from './query.guard.js';

@Controller()
class Routes {
  @Delete()
  takesNone(): void {}

  @Get()
  takesSome(@Query({ schema: z.strictObject({ limit: z.string() }) }) _query: object): void {}

  @Get()
  @ApiQuery({ name: 'api-version' })
  saysWhich(): void {}
}

describe('a parameter of a query', () => {
  const guard = new QueryGuard();
  const asked = (route: keyof Routes, search: string): string[] => {
    const request = { url: `/x${search}`, query: Object.fromEntries(new URLSearchParams(search)) };
    const context = {
      getType: () => 'http',
      getClass: () => Routes,
      getHandler: () => Routes.prototype[route],
      switchToHttp: () => ({ getRequest: () => request }),
    } as unknown as ExecutionContext;
    try {
      expect(guard.canActivate(context)).toBe(true);
      return [];
    } catch (error) {
      return (error as Problem).document.errors?.map(({ pointer }) => pointer) ?? [];
    }
  };

  it('is refused by a route that takes none', () => {
    expect(asked('takesNone', '')).toEqual([]);
    expect(asked('takesNone', '?dryRun=true&a/b=1')).toEqual(['/dryRun', '/a~1b']);
  });

  it('is left to the schema where there is one, but for names that no schema sees', () => {
    expect(asked('takesSome', '?limit=1&other=2')).toEqual([]);
    expect(asked('takesSome', '?limit=1&constructor=2')).toEqual(['/constructor']);
  });

  it('is known by the description of a route without a schema', () => {
    expect(asked('saysWhich', '?api-version=2018-01-01')).toEqual([]);
    expect(asked('saysWhich', '?version=2018-01-01')).toEqual(['/version']);
  });

  it.each(['%ff', '%ed%a0%80', '%', '%zz'])('is text: %s is none', (value) => {
    expect(asked('takesSome', `?limit=${value}`)).toEqual(['']);
  });
});
