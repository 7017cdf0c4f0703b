import { TurnIds } from './turn-ids.js';

describe('the names of turns', () => {
  it('are taken once', () => {
    const ids = new TurnIds();
    expect([ids.take('a'), ids.take('b'), ids.take('a')]).toEqual([true, true, false]);
  });

  it('are forgotten after 256 others, so that a long session does not grow', () => {
    const ids = new TurnIds();
    for (let n = 0; n <= 256; n += 1) ids.take(String(n));
    expect([ids.take('256'), ids.take('2'), ids.take('0')]).toEqual([false, false, true]);
  });
});
