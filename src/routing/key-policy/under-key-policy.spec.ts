import {
  allowedModels,
  CallBody,
  GatewayError,
  type KeyId,
  type Operation,
  type Principal,
  type RoutedCall,
} from '../../core/index.js';
import { aPoolPolicy } from '../../../test/support/pool-policy.js';
import { aCall } from '../../../test/support/upstream-services.js';
import { modelOfKey } from './model-of-key.js';
import { underKeyPolicy } from './under-key-policy.js';

const BODY = { model: 'gpt-5.5', input: [{ a: 1 }], reasoning: { effort: 'high', summary: 'auto' }, stream: true };

const caller = (rules: Partial<Principal>): Principal => ({
  keyId: 'k' as KeyId,
  keyLabel: 'ci',
  pool: aPoolPolicy(),
  ...rules,
});
const call = (body: object = BODY, over: Partial<RoutedCall> = {}): RoutedCall =>
  aCall({ model: 'gpt-5.5', ...over, body: new CallBody(Buffer.from(JSON.stringify(body))) });
const sent = (rules: Partial<Principal>, body: object = BODY, over: Partial<RoutedCall> = {}): unknown =>
  JSON.parse(underKeyPolicy(call(body, over), caller(rules)).body.bytes.toString());
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return GatewayError.from(error).code;
  }
};

describe('a call under the policy of its key', () => {
  it.each<[string, Partial<Principal>]>([
    ['a key without rules', {}],
    ['a forced model that is asked for', { forcedModel: ' GPT-5.5' }],
    ['aliases of other names', { modelAliases: [['claude-*', 'gpt-5.4']] }],
    ['an effort that is allowed', { effort: { mode: 'up_to', effort: 'high' } }],
    ['an effort that is asked for', { effort: { mode: 'always', effort: 'high' } }],
    ['an effort below the highest', { effort: { mode: 'clamp', effort: 'xhigh' } }],
    ['the usual tier', { serviceTier: 'default' }],
    ['allowed models', { allowedModels: allowedModels(['gpt-*']) }],
  ])('stays the very same for %s', (_, rules) => {
    const given = call();
    expect(underKeyPolicy(given, caller(rules))).toBe(given);
  });

  it('goes to the forced model, whatever it asks for', () => {
    const ruled = underKeyPolicy(call(), caller({ forcedModel: 'gpt-5.4', modelAliases: [['gpt-5.5', 'gpt-5.3']] }));
    expect(ruled.model).toBe('gpt-5.4');
    expect(JSON.parse(ruled.body.bytes.toString())).toEqual({ ...BODY, model: 'gpt-5.4' });
  });

  it('goes by the first alias that fits, and no further', () => {
    const modelAliases = [
      ['GPT-5*', 'gpt-6'],
      ['gpt-5.5', 'gpt-5.4'],
      ['gpt-6', 'gpt-7'],
    ] as const;
    expect(underKeyPolicy(call(), caller({ modelAliases })).model).toBe('gpt-6');
    expect(modelOfKey('o3', { modelAliases })).toBe('o3');
  });

  it('keeps the order of its fields and everything that no rule is about', () => {
    const text = JSON.stringify(sent({ forcedModel: 'm', serviceTier: 'flex' }));
    expect(text).toBe(JSON.stringify({ ...BODY, model: 'm', service_tier: 'flex' }));
  });

  it('has its effort replaced or lowered beside what else its reasoning says, in the words of the upstream', () => {
    const reasoning = (effort: string) => ({ ...BODY, reasoning: { effort, summary: 'auto' } });
    expect(sent({ effort: { mode: 'always', effort: 'low' } })).toEqual(reasoning('low'));
    expect(sent({ effort: { mode: 'clamp', effort: 'medium' } })).toEqual(reasoning('medium'));
    expect(sent({ effort: { mode: 'always', effort: 'minimal' } })).toEqual(reasoning('low'));
    expect(sent({ effort: { mode: 'always', effort: 'ultra' } })).toEqual(reasoning('max'));
    expect(sent({ effort: { mode: 'up_to', effort: 'low' } }, { model: 'gpt-5.5', input: [] })).toEqual({
      model: 'gpt-5.5',
      input: [],
      reasoning: { effort: 'low' },
    });
  });

  it('is judged by the effort that its client named', () => {
    const most = { effort: { mode: 'up_to', effort: 'max' } } as const;
    const levels = { levels: ['high', 'max', 'ultra'] } as const;
    const asked = call({ ...BODY, reasoning: { effort: 'max' } }, { askedEffort: 'ultra' });
    expect(codeOf(() => underKeyPolicy(asked, caller(most), levels))).toBe('reasoning_effort_not_allowed');
  });

  it.each([
    ['flex', 'flex'],
    ['priority', 'priority'],
    ['default', undefined],
    ['auto', undefined],
  ] as const)('gets the tier %s', (serviceTier, expected) => {
    const body = { ...BODY, service_tier: 'scale' };
    expect((sent({ serviceTier }, body) as { service_tier?: string }).service_tier).toBe(expected);
  });

  it('folds a conversation in a tier only when it names one', () => {
    const over = { operation: 'compact' } as const;
    expect(sent({ serviceTier: 'flex' }, BODY, over)).toEqual(BODY);
    expect(sent({ serviceTier: 'flex' }, { ...BODY, service_tier: 'priority' }, over)).toMatchObject({
      service_tier: 'flex',
    });
  });

  it.each<[Operation, string, Partial<Principal>, string]>([
    ['images_generations', 'gpt-image-2', { forcedModel: 'gpt-5.5' }, 'model_not_allowed'],
    ['images_edits', 'gpt-image-2', { forcedModel: 'gpt-5.5' }, 'model_not_allowed'],
    ['images_edits', 'gpt-image-2', { forcedModel: ' GPT-image-2' }, 'none'],
    ['images_edits', 'pic', { forcedModel: 'gpt-image-2', modelAliases: [['pic', 'gpt-image-2']] }, 'none'],
    ['realtime_calls', 'gpt-realtime', { forcedModel: 'gpt-5.5' }, 'model_not_allowed'],
    ['realtime_calls', '', { forcedModel: 'gpt-5.5' }, 'none'],
    ['transcribe', 'gpt-4o-transcribe', { forcedModel: 'gpt-5.5' }, 'none'],
  ])('asks %s for %s under %j: %s', (operation, model, rules, expected) => {
    expect(codeOf(() => underKeyPolicy(call({ model }, { operation, model }), caller(rules)))).toBe(expected);
  });

  it('gives up the body of its client together with its own', () => {
    const given = call();
    const ruled = underKeyPolicy(given, caller({ forcedModel: 'gpt-5.4' }));
    expect(given.body.bytes.length).toBeGreaterThan(0);
    ruled.body.release();
    expect(() => given.body.bytes).toThrow();
  });

  it('is known by its model where it has no body', () => {
    const given = aCall({ model: 'gpt-5.5', body: new CallBody(Buffer.alloc(0)) });
    expect(underKeyPolicy(given, caller({ forcedModel: 'm', serviceTier: 'flex' })).model).toBe('m');
  });
});
