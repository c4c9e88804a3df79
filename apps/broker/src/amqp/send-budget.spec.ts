import { SendBudget } from './send-budget.js';

const KiB = 1024;

describe('what clients have not read, of all connections together', () => {
  it('is bounded: above it, who has little of it is given more, who has much is not', () => {
    const budget = new SendBudget(1024 * KiB);
    const [slow, quick, idle] = [budget.open(), budget.open(), budget.open()];
    slow.set(1000 * KiB);
    quick.set(20 * KiB);
    expect([slow, quick, idle].map(({ hasRoom }) => hasRoom)).toEqual([true, true, true]);
    slow.set(1010 * KiB);
    expect([slow, quick, idle].map(({ hasRoom }) => hasRoom)).toEqual([false, true, true]);
    slow.set(0);
    expect(slow.hasRoom).toBe(true);
    expect(budget.bytes).toBe(20 * KiB);
  });

  it('never stops a client before its socket would tell that it goes on', () => {
    const budget = new SendBudget(100 * KiB);
    const many = Array.from({ length: 50 }, () => budget.open());
    for (const one of many) one.set(60 * KiB);
    expect(many.every(({ hasRoom }) => hasRoom)).toBe(true);
    for (const one of many) one.set(64 * KiB);
    expect(many.some(({ hasRoom }) => hasRoom)).toBe(false);
  });
});
