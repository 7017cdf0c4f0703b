import { randomUUID } from 'node:crypto';
import { KeyAdminService, type PoolSettings } from '../../src/auth/index.js';
import type { Fields } from '../../src/core/index.js';
import { eventsIn, jsonOf } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import { useRedis } from '../support/redis.js';
import {
  compaction,
  json,
  quota429,
  reasoning,
  ScriptedUpstream,
  type Reply,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream, redis: useRedis(), replicas: 2 });

const HOUR_SECONDS = 3_600;
const user = (text: string): Fields => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
const session = (name: string = randomUUID()): Record<string, string> => ({ 'session-id': name });

/** A Codex client: it keeps the whole conversation itself, and sends all of it with every turn. */
class Talk {
  readonly input: Fields[] = [];

  constructor(
    private readonly team: TestPool,
    private readonly headers: Record<string, string> = session(),
  ) {}

  /** @param reply absent: no upstream is to be asked, or whoever is has an answer */
  async turn(reply?: Reply, replica = 0): Promise<Response> {
    this.input.push(user('Go on.'));
    if (reply !== undefined) upstream.replyWith(reply);
    const answer = await this.team.post(ask({ input: this.input }), { headers: this.headers, replica });
    if (answer.status !== 200) return answer;
    const events = eventsIn(await answer.clone().text());
    expect(events.at(-1)?.type).toBe('response.completed');
    const items = events.flatMap(({ type, item }) => (type === 'response.output_item.done' ? [item as Fields] : []));
    this.input.push(...items);
    return answer;
  }

  /** Who serves a turn that goes well. */
  async served(reply: Reply = hello(), replica = 0): Promise<string | undefined> {
    expect((await this.turn(reply, replica)).status).toBe(200);
    return upstream.received.at(-1)?.accountId;
  }
}

const accountOf = ({ accounts }: TestPool, id: string | undefined) => {
  const account = accounts.find((one) => one.id === id);
  if (account === undefined) throw new Error('None of the Pool served.');
  return account;
};
const sealedIn = (): readonly unknown[] => {
  const { input } = upstream.requests('responses').at(-1)?.json() as { input: Fields[] };
  return input.flatMap(({ encrypted_content: sealed }) => sealed ?? []);
};
const thinking = () => reasoning('Hm.', 'So.');
const two = (settings: PoolSettings = {}) => newPool(gateway, upstream, [{}, {}], settings);

describe('a session whose account runs out between two turns', () => {
  it('goes on with another, without the reasoning of the first, and with that of the second from then on', async () => {
    const team = await two();
    const talk = new Talk(team);
    const first = await talk.served(thinking());
    const [old] = talk.input.flatMap(({ encrypted_content: sealed }) => sealed ?? []);
    expect([await talk.served(), sealedIn()]).toEqual([first, [old]]);

    accountOf(team, first).replyWith(quota429(HOUR_SECONDS));
    const second = await talk.served(thinking());
    expect(second).not.toBe(first);
    expect(sealedIn()).toEqual([]);

    const [, own] = talk.input.flatMap(({ encrypted_content: sealed }) => sealed ?? []);
    for (const replica of [0, 1, 0]) expect([await talk.served(hello(), replica), sealedIn()]).toEqual([second, [own]]);
  });
});

describe('a conversation without a name', () => {
  it('goes on where its reasoning was made, though another has more room', async () => {
    const team = await two();
    const talk = new Talk(team, {});
    const first = await talk.served(thinking());
    accountOf(team, first).primary.usedPercent = 90;
    for (const replica of [1, 0]) {
      await eventually(async () =>
        expect([await talk.served(hello(), replica), sealedIn().length]).toEqual([first, 1]),
      );
    }
    expect(await new Talk(team, {}).served()).not.toBe(first);
  });
});

describe('a session that begins in two replicas at once', () => {
  it('ends with one account', async () => {
    const team = await newPool(gateway, upstream, [{}, {}, {}]);
    const headers = session();
    upstream.replyWith(hello(), hello(), hello(), hello());
    const answers = [0, 1, 0, 1].map((replica) => team.post(ask(), { headers, replica }));
    for (const answer of await Promise.all(answers)) await answer.text();
    const homes = [];
    for (const replica of [0, 1, 0, 1]) homes.push(await new Talk(team, headers).served(hello(), replica));
    expect(new Set(homes).size).toBe(1);
  });
});

describe('a folded conversation', () => {
  it('tells its client to begin again with everything once the login of its account is over', async () => {
    const team = await two();
    const talk = new Talk(team, {});
    talk.input.push(user('Hi.'));
    upstream.replyWith(compaction('sealed'));
    const trigger = { type: 'compaction_trigger' };
    await (await team.post(ask({ input: [...talk.input, trigger] }))).text();
    const first = upstream.received.at(-1)?.accountId;
    talk.input.push({ type: 'compaction', encrypted_content: 'sealed' });
    expect(await talk.served()).toBe(first);

    accountOf(team, first).killLogin();
    await (await talk.turn()).text();
    const before = upstream.requests('responses').length;
    const refused = await eventually(async () => {
      const answer = await team.post(ask({ input: talk.input }));
      expect(answer.headers.get('x-codex-recovery-kind')).toBe('restart_with_full_context');
      return answer;
    });
    expect(await jsonOf(refused)).toMatchObject({
      status: 503,
      body: {
        error: {
          code: 'pinned_continuation_reauth_required',
          type: 'invalid_request_error',
          param: null,
          retryable: false,
          requires_new_upstream_session: true,
          recovery: { anchor_removal: { body: ['previous_response_id'] } },
        },
      },
    });
    expect(
      upstream
        .requests('responses')
        .slice(before)
        .filter(({ accountId }) => accountId !== first),
    ).toEqual([]);
    expect((await new Talk(team, {}).turn(hello())).status).toBe(200);
  });
});

describe('a session whose reasoning nobody can read any more', () => {
  it('goes on without it, and with what is made from then on', async () => {
    const team = await two();
    const talk = new Talk(team);
    const first = await talk.served(thinking());
    const error = { message: 'The encrypted content could not be verified.', code: 'invalid_encrypted_content' };
    accountOf(team, first).replyWith(json(400, { error }));
    expect([await talk.served(thinking()), sealedIn()]).toEqual([first, []]);
    const [, own] = talk.input.flatMap(({ encrypted_content: sealed }) => sealed ?? []);
    for (const replica of [1, 0]) expect([await talk.served(hello(), replica), sealedIn()]).toEqual([first, [own]]);
  });
});

describe('a Pool that lets no session move', () => {
  it('refuses a session whose account needs a new login, with what its client can do', async () => {
    const team = await two({ sessionMoves: false });
    const talk = new Talk(team);
    const first = await talk.served(thinking());
    accountOf(team, first).killLogin();
    await (await talk.turn()).text();
    const before = upstream.requests('responses').length;
    const refused = await jsonOf(await talk.turn());
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'pinned_continuation_reauth_required' } } });
    expect(upstream.requests('responses').slice(before)).toEqual([]);
  });
});

describe('two keys that call their sessions alike', () => {
  it('share none', async () => {
    const team = await two();
    const { token } = await gateway.get(KeyAdminService).createKey(team.pool.id, 'other');
    const headers = session();
    const first = await new Talk(team, headers).served();
    accountOf(team, first).primary.usedPercent = 90;
    expect(await new Talk(team, headers).served()).toBe(first);
    expect(await new Talk(team, { ...headers, authorization: `Bearer ${token}` }).served()).not.toBe(first);
    expect(await new Talk(team, headers).served()).toBe(first);
  });
});
