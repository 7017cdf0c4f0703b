import type { SharedStateUnderTest } from './under-test.contract.js';

export function describeBounds({ state }: SharedStateUnderTest): void {
  const wrong: [string, () => Promise<unknown>][] = [
    ['a cost above the capacity', () => state().take('k', 1, 1, 2)],
    ['no capacity', () => state().take('k', 0, 1)],
    ['no refill', () => state().take('k', 1, 0)],
    ['a negative cost', () => state().take('k', 1, 1, -1)],
    ['half a lease', () => state().acquireAll([{ key: 'k', limit: 1.5 }], 't', 1)],
    ['a negative limit', () => state().acquireAll([{ key: 'k', limit: -1 }], 't', 1)],
    ['no time to live of a lease', () => state().acquireAll([{ key: 'k', limit: 1 }], 't', 0)],
    ['a wait that ends before it begins', () => state().acquireAll([{ key: 'k', limit: 1 }], 't', 1, -1)],
    ['no time to live of a renewal', () => state().renewAll([{ keys: ['k'], token: 't' }], NaN)],
    ['no time to live of a value', () => state().put('k', 'v', 0)],
    ['no time to live of a proposal', () => state().sticky('k', 'v', -1)],
    ['an endless claim', () => state().claim('k', Infinity)],
  ];

  it.each(wrong)('refuses %s as a mistake in the program', async (_, call) => {
    await expect(call()).rejects.toBeInstanceOf(RangeError);
  });
}
