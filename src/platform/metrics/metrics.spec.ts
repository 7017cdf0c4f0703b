import { useMetrics } from '../../../test/support/metrics.js';
import { count, observe, watch } from './instruments.js';

const TOKEN = 'a-token-of-prometheus';

describe('metrics without details', () => {
  const metrics = useMetrics({ METRICS_TOKEN: TOKEN });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const text = async (): Promise<string> => (await metrics.get('/metrics', { headers })).text();
  const linesOf = async (name: string): Promise<readonly string[]> =>
    (await text()).split('\n').filter((line) => line.startsWith(name));

  it('are shown to whoever shows the token, at one path, and are only read', async () => {
    const asked = [
      metrics.get('/metrics', { headers }),
      metrics.get('/metrics?name[]=up', { headers }),
      metrics.get(),
      metrics.get('/metrics', { headers: { authorization: `Bearer ${TOKEN}x` } }),
      metrics.get('/', { headers }),
      metrics.get('/metrics', { headers, method: 'POST' }),
    ];
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 401, 401, 404, 405]);
  });

  it('leave out the label of a detail that nobody asked for', async () => {
    count('gw_cost_usd_total', { model: 'gpt-5.5', pool: 'a' }, 0.5);
    count('gw_cost_usd_total', { model: 'gpt-5.5', pool: 'b' }, 0.25);
    expect(await linesOf('gw_cost_usd_total')).toEqual(['gw_cost_usd_total{model="gpt-5.5"} 0.75']);
  });

  it('call what is not on the list of a label by one name', async () => {
    count('gw_route_exclusions_total', { reason: 'saturated' });
    count('gw_route_exclusions_total', { reason: 'a sentence' });
    count('gw_route_exclusions_total', { reason: 'another' });
    expect(await linesOf('gw_route_exclusions_total')).toEqual([
      'gw_route_exclusions_total{reason="saturated"} 1',
      'gw_route_exclusions_total{reason="other"} 2',
    ]);
  });

  it('make no more series of a free label than it has room for', async () => {
    for (let n = 0; n < 250; n += 1) count('gw_tokens_total', { kind: 'input', model: `m${n}`, pool: 'a' }, 1);
    const lines = await linesOf('gw_tokens_total');
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe('gw_tokens_total{kind="input",model="other"} 150');
  });

  it('have the buckets of the catalogue', async () => {
    observe('gw_ttft_seconds', { route_class: 'stream', transport: 'http_sse', outcome: 'succeeded' }, 0.3);
    const lines = await linesOf('gw_ttft_seconds_bucket');
    expect(lines.map((line) => /le="([^"]+)"} (\d)/.exec(line)?.slice(1))).toContainEqual(['0.25', '0']);
    expect(lines.map((line) => /le="([^"]+)"} (\d)/.exec(line)?.slice(1))).toContainEqual(['0.5', '1']);
  });

  it('merge readings that differ only in a label that is left out, as their gauge says', async () => {
    const ends = [
      watch(() => ({
        gw_account_quota_used_ratio: [
          { labels: { account: 'a', window: '5h' }, value: 0.9 },
          { labels: { account: 'b', window: '5h' }, value: 0.2 },
        ],
        gw_account_cap: [{ labels: { account: 'a' }, value: 4 }],
      })),
      watch(() => ({ gw_account_cap: [{ labels: { account: 'b' }, value: 3 }] })),
    ];
    expect(await linesOf('gw_account_quota_used')).toEqual(['gw_account_quota_used_ratio{window="5h"} 0.9']);
    expect(await linesOf('gw_account_cap')).toEqual(['gw_account_cap 7']);
    for (const end of ends) end();
    expect(await linesOf('gw_account_cap')).toEqual([]);
  });

  it('go without what cannot be read', async () => {
    const end = watch(() => Promise.reject(new Error('the database is away')));
    expect((await linesOf('process_resident_memory_bytes')).length).toBe(1);
    end();
  });

  it('tell of the process', async () => {
    const lines = await text();
    expect(lines).toContain(`gw_build_info{version="0.0.0",role="all",node="${process.version}"} 1`);
    expect(lines).toMatch(/^gw_event_loop_delay_seconds\{quantile="0.99"\} \d/m);
    expect(lines).toMatch(/^process_cpu_seconds_total \d/m);
    expect(lines).not.toMatch(/otel_scope|target_info/);
  });
});

describe('metrics with details', () => {
  const metrics = useMetrics({ METRICS_DETAIL: ['pool', 'account'] });

  it('tell Pools and accounts apart', async () => {
    count('gw_cost_usd_total', { model: 'gpt-5.5', pool: 'team "a"' }, 0.5);
    const end = watch(() => ({ gw_account_cap: [{ labels: { account: 'alice' }, value: 4 }] }));
    expect(await metrics.samples()).toEqual(
      expect.arrayContaining([
        { name: 'gw_cost_usd_total', labels: { model: 'gpt-5.5', pool: 'team \\"a\\"' }, value: 0.5 },
        { name: 'gw_account_cap', labels: { account: 'alice' }, value: 4 },
      ]),
    );
    end();
  });
});

it('cost nothing while nobody looks', () => {
  expect(count('gw_orphans_settled_total', {})).toBeUndefined();
});
