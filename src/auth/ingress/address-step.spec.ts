import { GatewayError } from '../../core/index.js';
import type { IngressRequest } from '../../platform/http/index.js';
import { addressStep } from './address-step.js';
import { IngressCounts } from './ingress-counts.service.js';
import type { IngressSettings } from './ingress-settings.js';

const settings: IngressSettings = {
  allowList: ['192.0.2.0/24'],
  operatorAllowList: [],
  trustedProxies: ['10.0.0.0/8'],
  source: 'x_forwarded_for',
  depth: 0,
  version: 1,
};
const request = (path: string, chain: string): IngressRequest => ({
  method: 'GET',
  path,
  headers: { 'x-forwarded-for': chain },
  peer: '10.0.0.1',
  address: '10.0.0.1',
});

async function outcome(asked: IngressRequest, known: IngressSettings | 'away' = settings) {
  const counts = new IngressCounts();
  const rules = {
    settings: () => {
      if (known === 'away') throw new GatewayError('settings_unavailable', 'no');
      return known;
    },
  };
  try {
    return { refusal: await addressStep(rules, counts)(asked), address: asked.address, counts: counts.numbers() };
  } catch (error) {
    return { code: GatewayError.from(error).code, address: asked.address, counts: counts.numbers() };
  }
}

describe('the step that looks at addresses', () => {
  it('tells all that follows whose request it is', async () => {
    expect(await outcome(request('/v1/models', '192.0.2.7'))).toEqual({ address: '192.0.2.7', counts: [] });
    expect(await outcome(request('/api/v1/pools', '198.51.100.1'))).toEqual({ address: '198.51.100.1', counts: [] });
  });

  it('refuses who is not on the list, and counts it', async () => {
    const denied = await outcome(request('/mcp', '198.51.100.1'));
    expect(denied).toMatchObject({
      code: 'access_denied',
      counts: [{ reason: 'address_denied', at: 'callers', count: 1 }],
    });
  });

  it('refuses who may be anybody, and names no address', async () => {
    const denied = await outcome(request('/api/v1/pools', 'junk'));
    expect(denied).toEqual({
      code: 'access_denied',
      address: undefined,
      counts: [{ reason: 'forwarding_denied', at: 'operators', count: 1 }],
    });
  });

  it('lets nobody in while the rules are not known, but to what is not guarded', async () => {
    expect(await outcome(request('/v1/models', '192.0.2.7'), 'away')).toMatchObject({
      code: 'settings_unavailable',
      counts: [{ reason: 'rules_unavailable', at: 'callers', count: 1 }],
    });
    expect(await outcome(request('/healthz', 'junk'), 'away')).toMatchObject({ counts: [] });
  });
});
