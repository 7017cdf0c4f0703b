import { refusalOf } from '../../../../test/support/refusal.js';
import { effortOf, reasoningOf } from './reasoning.js';

describe('reasoning', () => {
  it('is told in lower case and without what is null', () => {
    const given = { effort: ' HIGH ', summary: 'Auto', context: 'all_turns' };
    expect(reasoningOf(given)).toEqual({ effort: 'high', summary: 'auto', context: 'all_turns' });
    expect(reasoningOf({ effort: null, summary: null })).toEqual({});
    expect([reasoningOf(undefined), reasoningOf(null), effortOf(undefined, 'x')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each(['none', 'minimal', 'xhigh', 'very-high', 'x_1'])(
    'has levels that are the upstream’s to know: %s',
    (effort) => {
      expect(effortOf(effort, 'reasoning_effort')).toBe(effort);
    },
  );

  it.each(['not a level!', '', '-low', 'very--high', 'a_-b', 'x'.repeat(33), 5, {}, []])(
    'has no level %j',
    (effort) => {
      const refusal = refusalOf(() => effortOf(effort, 'reasoning_effort'));
      expect(refusal).toMatchObject({ code: 'invalid_request', param: 'reasoning_effort' });
      expect(refusal?.message).toMatch(/reasoning/);
    },
  );

  it.each([
    ['low', 'reasoning'],
    [{ summary: 'long' }, 'reasoning.summary'],
    [{ context: 1 }, 'reasoning.context'],
    [{ budget: 5 }, 'reasoning.budget'],
    [{ constructor: 'auto' }, 'reasoning.constructor'],
  ])('is refused as %j', (given, param) => {
    expect(refusalOf(() => reasoningOf(given))).toMatchObject({ code: 'invalid_request', param });
  });
});
