import { AskedOperations, holder } from '../../../test/support/asked-operations.js';
import { AUTH_ENTITIES, ingressRules } from '../../../test/support/auth-services.js';
import { useDatabase } from '../../../test/support/database.js';
import type { PoolId } from '../../core/index.js';
import { IngressOperations } from './ingress-operations.service.js';

const ENVIRONMENT = {
  IP_ALLOW_LIST: ['203.0.113.0/24'],
  OPERATOR_IP_ALLOW_LIST: [],
  TRUSTED_PROXIES: ['10.0.0.1'],
  CLIENT_IP_SOURCE: 'x_forwarded_for',
  FORWARDED_DEPTH: 0,
} as const;
const ME = '192.0.2.1';
const FROM_ENVIRONMENT = {
  allowList: ['203.0.113.0/24'],
  operatorAllowList: [],
  trustedProxies: ['10.0.0.1/32'],
  source: 'x_forwarded_for',
  depth: 0,
  set: [],
  version: 0,
};

describe('the operations on ingress rules', () => {
  const database = useDatabase(AUTH_ENTITIES);
  let operations: AskedOperations;
  const update = (input: object, asked: { readonly address?: string | null } = {}) =>
    operations.ask('ingress.update', input, asked);
  const refusal = (input: object) => operations.refusalOf('ingress.update', input);

  beforeAll(() => {
    operations = new AskedOperations(database.dataSource(), [
      new IngressOperations(ingressRules(database.dataSource(), ENVIRONMENT)),
    ]);
  });
  afterEach(() => database.dataSource().query('TRUNCATE ingress_settings'));

  it('show what holds, and what of it operators have set', async () => {
    expect(await operations.ask('ingress.get')).toEqual(FROM_ENVIRONMENT);
    const set = await update({ allowList: ['198.51.100.7', '2001:DB8::/32'], depth: 2 });
    expect(set).toEqual({
      ...FROM_ENVIRONMENT,
      allowList: ['198.51.100.7/32', '2001:db8::/32'],
      depth: 2,
      set: ['allowList', 'depth'],
      version: 1,
    });
    expect(await update({ allowList: null, depth: null })).toEqual({ ...FROM_ENVIRONMENT, version: 2 });
    const events = await operations.events('ingress.update');
    expect(events.at(-1)).toMatchObject({ outcome: 'success', details: { before: set, after: { set: [] } } });
  });

  it('lock nobody out who does not say that he means it', async () => {
    expect(await refusal({ operatorAllowList: ['198.51.100.0/24'] })).toBe(
      `conflict: Your own address, ${ME}, would be on no list. Say force if it is meant so.`,
    );
    expect(await operations.ask('ingress.get')).toEqual(FROM_ENVIRONMENT);
    await update({ operatorAllowList: ['192.0.2.0/24'] });
    expect(await refusal({ trustedProxies: [] })).toMatch(/^conflict: The address that you would be known by/);
    expect(await update({ operatorAllowList: ['198.51.100.0/24'], force: true })).toMatchObject({ version: 2 });
    const fromHere = await update({ operatorAllowList: ['203.0.113.9'] }, { address: null });
    expect(fromHere).toMatchObject({ operatorAllowList: ['203.0.113.9/32'] });
  });

  it('refuse what is no rule', async () => {
    expect(await refusal({ allowList: ['here'] })).toMatch(/^unprocessable: "here" is no address/);
    expect(await refusal({ depth: 17 })).toMatch(/^invalid_input: depth/);
    expect(await refusal({ allow: [] })).toMatch(/^invalid_input: allow: There is no such field/);
  });

  it('change only what is as it was known', async () => {
    const { version = '' } = await operations.done('ingress.get', {});
    const once = { ifMatch: version };
    expect(await operations.codeOf('ingress.update', { depth: 1 }, once)).toBe('ok');
    expect(await operations.codeOf('ingress.update', { depth: 2 }, once)).toBe('precondition_failed');
  });

  it('are for who sees the whole installation, and changed by who may do all', async () => {
    const bound = holder(['admin'], ['8a4ff4c1-8c49-4a5b-9a4e-3a54d4d44f01' as PoolId]);
    expect(await operations.codeOf('ingress.get', {}, { as: bound })).toBe('forbidden');
    expect(await operations.codeOf('ingress.update', { depth: 1 }, { as: bound })).toBe('forbidden');
    const writer = holder(['pools:write', 'keys:write', 'accounts:write']);
    expect(await operations.codeOf('ingress.update', { depth: 1 }, { as: writer })).toBe('forbidden');
    expect(await operations.ask('ingress.get', {}, { as: holder(['read']) })).toEqual(FROM_ENVIRONMENT);
  });
});
