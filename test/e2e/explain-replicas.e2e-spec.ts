import { ExplainService } from '../../src/control/explain/explain.service.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { useRedis } from '../support/redis.js';
import { hold, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const redis = useRedis();
const gateway = useGateway({ upstream, redis, replicas: 2 });

describe('explain on one replica', () => {
  it('knows the sessions and the calls in progress of the other at the first question', async () => {
    const team = await newPool(gateway, upstream, [{}]);
    const sql = 'UPDATE upstream_account SET max_concurrent = 1 WHERE label = $1';
    await gateway.database().query(sql, [team.accounts[0]?.id]);
    const headers = { 'session-id': 'mine' };
    upstream.replyWith(hello());
    await (await team.post(ask(), { headers })).text();
    const held = hold();
    upstream.replyWith(held);
    const leaving = new AbortController();
    const call = team.post(ask(), { headers, signal: leaving.signal });
    await held.opened;

    const question = { pool: team.pool.slug, model: 'gpt-5.5', key: 'test', session: 'mine' };
    const { decision, places, reach } = await gateway.get(ExplainService, 1).now(question);

    expect(reach).toBe('cluster');
    expect(places).toMatchObject([{ place: 'class', used: 1 }]);
    expect(decision.pin).toMatchObject({ label: team.accounts[0]?.id, reason: 'session' });
    expect(decision.exclusions).toMatchObject([{ reason: 'saturated' }]);
    leaving.abort();
    await call.catch(() => undefined);
  });
});
