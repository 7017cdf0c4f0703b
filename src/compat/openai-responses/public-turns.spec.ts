import {
  type CallId,
  CallBody,
  collect,
  from,
  GatewayError,
  jsonEvent,
  type AccountId,
  type Fields,
  type Principal,
  type RoutedCall,
} from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import type { Translated } from '../translation/translated.js';
import { PublicTurns, type PublicTurnServices } from './public-turns.js';

const CALLER = { keyId: 'k', keyLabel: 'l', pool: { id: 'p' } } as unknown as Principal;
const COMPLETED = '{"type":"response.completed","response":{"id":"resp_1","status":"completed"}}';
const head: AnswerPart = { kind: 'head', status: 200, headers: {}, accountId: 'a' as AccountId };
const batch = (text: string): AnswerPart => ({ kind: 'batch', ...jsonEvent(Buffer.from(text)) });

interface Ran {
  readonly call: RoutedCall;
  readonly continues: boolean;
  readonly body: Fields;
}

function turnsOf(over: Partial<PublicTurnServices> = {}) {
  const ran: Ran[] = [];
  const noted: string[] = [];
  let ids = 0;
  const services: PublicTurnServices = {
    requestId: 'req-of-the-upgrade-request',
    route: '/v1/responses',
    headers: {},
    session: {
      run: (call, _, continues) => {
        ran.push({ call, continues, body: JSON.parse(call.body.bytes.toString()) as Fields });
        return from([head, batch(COMPLETED)]);
      },
      forward: async () => undefined,
    },
    calls: { call: async (translated, dialect, received) => asCall(translated, { dialect, ...received }) },
    check: async () => undefined,
    readmit: async () => CALLER,
    refuse: () => undefined,
    failed: ({ code }) => void noted.push(code),
    newUuid: () => `uuid-${++ids}`,
    newCallId: (atMs) => `call-${++ids}-at-${atMs}` as CallId,
    nowMs: () => 7_000,
    ...over,
  };
  const turns = new PublicTurns(services);
  const { signal } = new AbortController();
  const serve = async (frame: object | string): Promise<Fields[]> => {
    const bytes = Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame));
    return (await collect(turns.serve(bytes, signal))).map((text) => JSON.parse(text) as Fields);
  };
  return { serve, ran, noted };
}

const asCall = ({ wanted, session }: Translated, more: object): RoutedCall =>
  ({
    ...more,
    model: wanted.model,
    session,
    body: new CallBody(Buffer.from(JSON.stringify({ model: wanted.model, input: wanted.input, ...wanted.fields }))),
  }) as unknown as RoutedCall;

const create = (over: object = {}) => ({ type: 'response.create', model: 'gpt-5.5', input: 'Hi', ...over });

/** A whole answer whose upstream cannot be given back. */
function brokenClosing(): AsyncIterable<AnswerPart> {
  const parts = [head, batch(COMPLETED)];
  const next = async (): Promise<IteratorResult<AnswerPart>> => {
    const value = parts.shift();
    return value === undefined ? { done: true, value } : { done: false, value };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: () => Promise.reject(new Error('while closing')) }) };
}

describe('the turns of the public websocket', () => {
  it('are calls of their own, with what they go on from', async () => {
    const { serve, ran } = turnsOf();
    await serve(create());
    await serve(create({ previous_response_id: 'resp_1' }));
    expect(ran).toMatchObject([
      { call: { id: 'call-1-at-7000', dialect: 'openai-responses', receivedAtMs: 7_000 }, continues: false },
      { call: { id: 'call-2-at-7000', transport: 'websocket' }, continues: true },
    ]);
    expect(ran.map(({ body }) => [body['type'], body['generate'], body['previous_response_id']])).toEqual([
      ['response.create', true, undefined],
      ['response.create', true, 'resp_1'],
    ]);
  });

  it.each([
    ['the upgrade', { 'session-id': 'from-header' }, 'from-header'],
    ['client_metadata', {}, 'm'],
  ])('belong to the session that %s names', async (_, headers, session) => {
    const { serve, ran } = turnsOf({ headers });
    await serve(create({ client_metadata: { session_id: 'm' } }));
    expect(ran[0]?.call.session).toBe(session);
  });

  it('say nothing more once they have said their last word, whatever goes wrong then', async () => {
    const session = { run: brokenClosing, forward: async () => undefined };
    const { serve, noted } = turnsOf({ session });
    expect((await serve(create())).map(({ type }) => type)).toEqual(['response.created', 'response.completed']);
    expect(noted).toEqual([]);
  });

  it('end in one error frame when they fail before', async () => {
    const session = {
      run: () => {
        throw new GatewayError('usage_limit_reached', 'All pooled accounts are at their usage limit.');
      },
      forward: async () => undefined,
    };
    expect(await turnsOf({ session }).serve(create())).toMatchObject([
      { type: 'error', status: 429, error: { code: 'quota_exhausted', type: 'usage_limit_reached' } },
    ]);
  });

  it('end in an error frame, and not the websocket, when nobody can say who asks', async () => {
    const readmit = () => Promise.reject(new GatewayError('settings_unavailable', 'Try again.'));
    expect(await turnsOf({ readmit }).serve(create())).toMatchObject([
      { type: 'error', status: 503, error: { code: 'settings_unavailable' } },
    ]);
  });

  it('take no word about what was processed for a turn', async () => {
    const { serve, ran } = turnsOf();
    expect(await serve({ type: 'response.processed', response_id: 'resp_1' })).toEqual([]);
    expect(ran).toEqual([]);
  });
});
