import type { PoolSettings } from '../../src/auth/index.js';
import type { Fields } from '../../src/core/index.js';
import { jsonOf } from '../support/calls.js';
import { useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import {
  answer,
  compactionPart,
  json,
  message,
  quota429,
  reasoning,
  reasoningPart,
  say,
  ScriptedUpstream,
  type Reply,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const HOUR_SECONDS = 3_600;

/** How a conversation of one protocol goes: its first turn, and the one after. */
interface Talk {
  readonly dialect: string;
  readonly path: string;
  readonly first: object;
  next(first: Fields): object;
}

const chat = (content: string) => ({ model: 'gpt-5.5', messages: [{ role: 'user', content }] });
const claude = (...messages: readonly object[]) => ({
  model: 'claude-sonnet-4-6',
  max_tokens: 200,
  thinking: { type: 'adaptive' },
  messages: [{ role: 'user', content: 'Hi' }, ...messages],
});

const TALKS: readonly Talk[] = [
  {
    dialect: 'Responses',
    path: '/v1/responses',
    first: { model: 'gpt-5.5', input: 'Hi' },
    next: ({ id }) => ({ model: 'gpt-5.5', input: 'Go on.', previous_response_id: id }),
  },
  {
    dialect: 'Chat Completions',
    path: '/v1/chat/completions',
    first: chat('Hi'),
    next: (first) => ({ ...chat('Go on.'), previous_response_id: first['response_id'] }),
  },
  {
    dialect: 'Messages',
    path: '/v1/messages',
    first: claude(),
    next: ({ content }) => claude({ role: 'assistant', content }, { role: 'user', content: 'Go on.' }),
  },
];

describe.each(TALKS)('a conversation in $dialect', ({ path, first, next }) => {
  const last = () => upstream.requests('responses').at(-1);
  const typesOf = (request: { json(): unknown } | undefined): unknown[] =>
    ((request?.json() as Fields)['input'] as Fields[]).map(({ type }) => type);

  const begun = async (reply: Reply) => {
    const settings: PoolSettings = { storedResponses: true, anthropicModels: [['claude-*', 'gpt-5.5']] };
    const team = await newPool(gateway, upstream, [{}, {}], settings);
    upstream.replyWith(reply);
    const { status, body } = await jsonOf(await team.post(first, { path }));
    expect(status).toBe(200);
    return { team, maker: makerIn(team), body };
  };
  const makerIn = ({ accounts }: TestPool) => {
    const account = accounts.find(({ id }) => id === last()?.accountId);
    if (account === undefined) throw new Error('None of the Pool served.');
    return account;
  };

  it('goes on with another account when its own is out of quota, without the reasoning sealed for that (T27)', async () => {
    const { team, maker, body } = await begun(reasoning('Hm.', 'So.'));
    maker.replyWith(quota429(HOUR_SECONDS));
    for (const time of ['found', 'known']) {
      const before = upstream.requests('responses').length;
      const { status } = await jsonOf(await team.post(next(body), { path }));
      expect([time, status]).toEqual([time, 200]);
      expect(last()?.accountId).not.toBe(maker.id);
      const elsewhere = upstream
        .requests('responses')
        .slice(before)
        .filter(({ accountId }) => accountId !== maker.id);
      expect(elsewhere.map(typesOf)).toEqual([['message', 'message', 'message']]);
    }
  });

  it('stays with its account, reasoning and all, as long as that serves', async () => {
    const { team, maker, body } = await begun(reasoning('Hm.', 'So.'));
    maker.primary.usedPercent = 90;
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await team.post(next(body), { path })).status).toBe(200);
      expect(last()?.accountId).toBe(maker.id);
      expect(typesOf(last())).toEqual(['message', 'reasoning', 'message', 'message']);
    }
  });

  it('goes on without its reasoning when not even its account can read it', async () => {
    const { team, body } = await begun(reasoning('Hm.', 'So.'));
    const error = { message: 'The encrypted content could not be verified.', code: 'invalid_encrypted_content' };
    upstream.replyWith(json(400, { error }), say('Fine.'));
    expect((await team.post(next(body), { path })).status).toBe(200);
    expect(typesOf(last())).toEqual(['message', 'message', 'message']);
  });
});

describe('a folded conversation', () => {
  it('goes on with nobody but its account', async () => {
    const team = await newPool(gateway, upstream, [{}, {}], { storedResponses: true });
    const post = (body: object) => team.post({ model: 'gpt-5.5', ...body }, { path: '/v1/responses' });
    upstream.replyWith(answer([reasoningPart('Hm.'), message(['So.']), compactionPart('sealed')]));
    const { body } = await jsonOf(await post({ input: 'Hi' }));
    const makerId = upstream.received.at(-1)?.accountId;
    team.accounts.find(({ id }) => id === makerId)?.replyWith(quota429(HOUR_SECONDS));
    const before = upstream.requests('responses').length;
    for (let turn = 0; turn < 2; turn += 1) {
      const refused = await jsonOf(await post({ input: 'Go on.', previous_response_id: body['id'] }));
      expect(refused).toMatchObject({ status: 429, body: { error: { type: 'usage_limit_reached' } } });
    }
    expect(
      upstream
        .requests('responses')
        .slice(before)
        .map(({ accountId }) => accountId),
    ).toEqual([makerId]);
  });
});
