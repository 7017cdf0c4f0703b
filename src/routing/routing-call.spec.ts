import { aPoolPolicy } from '../../test/support/pool-policy.js';
import type { KeyId, PoolId, Principal, RoutedCall } from '../core/index.js';
import { routingCall } from './routing-call.js';

const caller = (key: string, pool = 'p'): Principal => ({
  keyId: key as KeyId,
  keyLabel: key,
  pool: aPoolPolicy({ id: pool as PoolId }),
});

const wish = (over: Partial<RoutedCall>, from = caller('k')) =>
  routingCall(
    { id: '0b9c2f4e-7f0d', model: 'gpt-5.5', operation: 'responses', transport: 'http', ...over } as RoutedCall,
    from,
    undefined,
  );

describe('a call as routing sees it', () => {
  it('has what its class needs, and no pin when there is none', () => {
    expect(wish({ transport: 'websocket' })).toEqual({
      model: 'gpt-5.5',
      operation: 'responses',
      routeClass: 'websocket',
      seed: '0b9c2f4e7f0d',
    });
  });

  it('is one with the calls of its session, else of its prompt cache key, else by itself', () => {
    const of = (over: Partial<RoutedCall>, from?: Principal) => wish(over, from).seed;
    const [session, cache] = [of({ session: 's', cacheKey: 'c' }), of({ cacheKey: 'c' })];
    expect(of({ session: 's' })).toBe(session);
    expect(
      new Set([session, cache, of({}), of({ session: 's' }, caller('l')), of({ session: 's' }, caller('k', 'q'))]).size,
    ).toBe(5);
    for (const seed of [session, cache]) expect(seed).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has a cache of its own per key and model, unless the prompt cache key is just the session', () => {
    const of = (over: Partial<RoutedCall>, from?: Principal) => wish({ cacheKey: 'c', ...over }, from).cacheSeed;
    expect(of({ model: ' GPT-5.5' })).toBe(of({ session: 's' }));
    expect(new Set([of({}), of({ model: 'other' }), of({}, caller('l')), of({ cacheKey: 'd' })]).size).toBe(4);
    expect(of({ session: 'c' })).toBeUndefined();
  });
});
