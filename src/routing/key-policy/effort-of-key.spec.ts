import fc from 'fast-check';
import {
  EFFORT_MODES,
  GatewayError,
  REASONING_EFFORTS,
  type EffortMode,
  type ReasoningEffort,
} from '../../core/index.js';
import { effortOfKey } from './effort-of-key.js';
import { modelEfforts, type ModelEfforts } from './model-efforts.js';

const outcome = (mode: EffortMode, most: ReasoningEffort, asked?: string, known: ModelEfforts = {}): string => {
  try {
    return effortOfKey({ mode, effort: most }, asked, known) ?? 'as it is';
  } catch (error) {
    const { code, detail } = GatewayError.from(error);
    return `${code} ${detail.param ?? ''}`;
  }
};
const REFUSED = 'reasoning_effort_not_allowed reasoning.effort';
const SMALL: ModelEfforts = { levels: ['minimal', 'low'], standard: 'low' };
const LARGE: ModelEfforts = { levels: ['high', 'xhigh', 'max'], standard: 'high' };
const NONE: ModelEfforts = { levels: [] };

describe('the reasoning effort of a key', () => {
  it.each<[EffortMode, ReasoningEffort, string | undefined, ModelEfforts, string]>([
    ['always', 'high', undefined, {}, 'high'],
    ['always', 'high', 'low', {}, 'high'],
    ['always', 'high', 'high', {}, 'as it is'],
    ['up_to', 'medium', undefined, {}, 'as it is'],
    ['up_to', 'medium', 'low', {}, 'as it is'],
    ['up_to', 'medium', 'medium', {}, 'as it is'],
    ['up_to', 'medium', 'high', {}, REFUSED],
    ['up_to', 'medium', 'minimal', {}, REFUSED],
    ['up_to', 'medium', 'much', {}, REFUSED],
    ['up_to', 'low', undefined, {}, 'low'],
    ['up_to', 'medium', undefined, LARGE, REFUSED],
    ['up_to', 'xhigh', undefined, LARGE, 'as it is'],
    ['up_to', 'max', 'ultra', LARGE, REFUSED],
    ['up_to', 'medium', 'minimal', SMALL, 'as it is'],
    ['up_to', 'medium', 'medium', SMALL, REFUSED],
    ['up_to', 'minimal', undefined, SMALL, 'minimal'],
    ['up_to', 'low', undefined, NONE, 'as it is'],
    ['up_to', 'low', 'high', NONE, REFUSED],
    ['clamp', 'medium', undefined, {}, 'as it is'],
    ['clamp', 'low', undefined, {}, 'low'],
    ['clamp', 'medium', 'xhigh', {}, 'medium'],
    ['clamp', 'medium', 'much', {}, 'medium'],
    ['clamp', 'medium', 'minimal', {}, 'as it is'],
    ['clamp', 'xhigh', 'max', { levels: ['low', 'high'] }, 'high'],
    ['clamp', 'medium', 'xhigh', LARGE, 'medium'],
    ['clamp', 'medium', undefined, LARGE, 'medium'],
  ])('%s %s, asked for %s of %j: %s', (mode, most, asked, known, expected) => {
    expect(outcome(mode, most, asked, known)).toBe(expected);
  });

  it('is never above the rule', () => {
    const effort = fc.constantFrom(...REASONING_EFFORTS);
    const rank = (name: string) => REASONING_EFFORTS.indexOf(name as ReasoningEffort);
    const levels = fc.subarray([...REASONING_EFFORTS]);
    fc.assert(
      fc.property(fc.constantFrom(...EFFORT_MODES), effort, effort, levels, (mode, most, asked, known) => {
        const given = outcome(mode, most, asked, { levels: known });
        if (given === REFUSED) return expect(mode).toBe('up_to');
        expect(rank(given === 'as it is' ? asked : given)).toBeLessThanOrEqual(rank(most));
      }),
    );
  });
});

describe('what a model knows of efforts', () => {
  it('is what its entry in the catalog says, from the least to the most', () => {
    const supported = [{ effort: 'High' }, { effort: 'low' }, { effort: 'own' }];
    const entry = { supported_reasoning_levels: supported, default_reasoning_level: 'low' };
    expect(modelEfforts(entry)).toEqual({ levels: ['low', 'high'], standard: 'low' });
  });

  it('is nothing when it does not say, and none for a model that does not reason', () => {
    expect(modelEfforts({})).toEqual({});
    expect(modelEfforts({ supported_reasoning_levels: [] })).toEqual({ levels: [] });
  });
});
