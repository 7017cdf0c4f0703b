import { KeyRefused } from './key-refused.js';
import { NO_POLICY, policyColumns, sameColumns, type KeyPolicy, type PolicyColumns } from './key-policy.js';

const kept = (policy: KeyPolicy, before: Partial<PolicyColumns> = {}): PolicyColumns =>
  policyColumns(policy, { ...NO_POLICY, ...before });

describe('the policy of a key', () => {
  it('stays as it is where nothing is said', () => {
    const before: PolicyColumns = {
      status: 'paused',
      expiresAt: new Date(0),
      allowedModels: ['gpt-5*'],
      maxConcurrent: 2,
      modelAliases: [['a', 'gpt-5.5']],
      forcedModel: 'gpt-5.5',
      effortMode: 'clamp',
      effort: 'low',
      serviceTier: 'flex',
      allowedAddresses: ['10.0.0.0/8'],
    };
    expect(sameColumns(policyColumns({}, before), before)).toBe(true);
    const none = { expiresAt: null, allowedModels: null, maxConcurrent: null, modelAliases: null, forcedModel: null };
    const all: KeyPolicy = { ...none, effort: null, serviceTier: null, allowedAddresses: null, paused: false };
    expect(policyColumns(all, before)).toEqual(NO_POLICY);
  });

  it('is kept as it is compared, and names of models as they go upstream', () => {
    const policy: KeyPolicy = {
      allowedModels: [' GPT-5* ', 'gpt-5*', 'a'],
      modelAliases: [[' Claude-* ', ' Gpt-5.5 ']],
      forcedModel: ' Gpt-5.5 ',
      serviceTier: 'fast',
      allowedAddresses: ['10.1.2.3'],
    };
    expect(kept(policy)).toMatchObject({
      allowedModels: ['a', 'gpt-5*'],
      modelAliases: [['claude-*', 'Gpt-5.5']],
      forcedModel: 'Gpt-5.5',
      serviceTier: 'priority',
      allowedAddresses: ['10.1.2.3/32'],
    });
  });

  it('pauses and resumes, but never what was revoked', () => {
    expect(kept({ paused: true }).status).toBe('paused');
    expect(kept({ paused: false }, { status: 'paused' }).status).toBe('active');
    expect(kept({ paused: false }, { status: 'revoked' }).status).toBe('revoked');
  });

  it.each<[KeyPolicy, Partial<PolicyColumns>, RegExp]>([
    [{ forcedModel: 'gpt 5' }, {}, /no blanks/],
    [{ forcedModel: 'gpt\u0000' }, {}, /no blanks and no control/],
    [{ forcedModel: 'gpt\u200b5' }, {}, /no blanks/],
    [{ forcedModel: ' ' }, {}, /not empty/],
    [{ forcedModel: 'gpt-*' }, {}, /one model/],
    [{ forcedModel: 'm'.repeat(201) }, {}, /at most 200/],
    [{ forcedModel: 'gpt-5.5', allowedModels: ['gpt-5.4*'] }, {}, /not among/],
    [{ forcedModel: 'gpt-5.5' }, { allowedModels: ['gpt-5.4*'] }, /not among/],
    [{ allowedModels: ['gpt-5.4*'] }, { forcedModel: 'gpt-5.5' }, /not among/],
    [{ allowedModels: [] }, {}, /have names/],
    [{ allowedModels: ['a', 'b c'] }, {}, /no blanks/],
    [{ modelAliases: [['', 'b']] }, {}, /not empty/],
    [{ modelAliases: [['a', '']] }, {}, /not empty/],
    [{ modelAliases: [['a', 'b*']] }, {}, /one model/],
    [{ allowedAddresses: ['10.0.0.0/40'] }, {}, /no address/],
    [{ maxConcurrent: 0 }, {}, /at least 1/],
  ])('is refused for %j after %j', (policy, before, why) => {
    expect(() => kept(policy, before)).toThrow(KeyRefused);
    expect(() => kept(policy, before)).toThrow(why);
  });
});
