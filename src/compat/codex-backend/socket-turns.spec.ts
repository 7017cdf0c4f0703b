import {
  type CallId,
  collect,
  from,
  GatewayError,
  jsonEvent,
  type PoolId,
  type Principal,
  type RoutedCall,
} from '../../core/index.js';
import { SocketTurns, type TurnServices } from './socket-turns.js';

const CALLER = { keyId: 'k', keyLabel: 'l', pool: { id: 'p' as PoolId } } as Principal;
const COMPLETED = '{"type":"response.completed","response":{"id":"resp_1"}}';

interface Ran {
  readonly call: RoutedCall;
  readonly continues: boolean;
  readonly signal: AbortSignal;
  readonly body: string;
}

function turnsOf(over: Partial<TurnServices> = {}) {
  const ran: Ran[] = [];
  const forwarded: string[] = [];
  let refused = 0;
  let ids = 0;
  const services: TurnServices = {
    requestId: 'req-of-the-upgrade-request',
    route: '/backend-api/codex/responses',
    headers: { originator: 'codex_exec', cookie: 'c' },
    session: {
      run: (call, _, continues, signal) => {
        ran.push({ call, continues, signal, body: call.body.bytes.toString() });
        return from([{ kind: 'batch' as const, ...jsonEvent(Buffer.from(COMPLETED)) }]);
      },
      forward: async (frame) => void forwarded.push(frame.toString()),
    },
    check: async () => undefined,
    readmit: async () => CALLER,
    refuse: () => void (refused += 1),
    report: { modelsEtag: async () => undefined, parts: (parts) => parts },
    newUuid: () => `uuid-${++ids}`,
    newCallId: (atMs) => `call-${++ids}-at-${atMs}` as CallId,
    nowMs: () => 7,
    ...over,
  };
  const turns = new SocketTurns(services);
  const signal = new AbortController().signal;
  const serve = (frame: object | string) =>
    collect(turns.serve(Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame)), signal));
  return { turns, serve, ran, forwarded, refusals: () => refused };
}

const create = (over: object = {}) => ({ type: 'response.create', model: 'gpt-5.5', input: ['new'], ...over });
const idIn = (frames: string[]): unknown =>
  (JSON.parse(frames.at(-1) ?? '') as { response: { id: unknown } }).response.id;

describe('the turns of a socket', () => {
  it('are routed calls of their own, with what the upgrade said of its client', async () => {
    const { serve, ran } = turnsOf();
    await serve(create());
    await serve(create());
    expect(ran.map(({ call }) => call)).toMatchObject([
      {
        id: 'call-1-at-7',
        requestId: 'req-of-the-upgrade-request',
        transport: 'websocket',
        stream: true,
        receivedAtMs: 7,
      },
      { id: 'call-2-at-7', headers: { originator: 'codex_exec' }, operation: 'responses' },
    ]);
    expect(ran[0]?.call.headers).not.toHaveProperty('cookie');
  });

  it('send the bytes of the frame, `previous_response_id` included', async () => {
    const { serve, ran } = turnsOf();
    const frame = '{"type":"response.create", "model":"gpt-5.5","input":[1.0],"previous_response_id":"resp_1"}';
    await serve(frame);
    expect(ran).toMatchObject([{ body: frame, continues: true }]);
  });

  it('get the type that is missing, and lose the names that are ours', async () => {
    const { serve, ran } = turnsOf();
    await serve({ model: 'gpt-5.5', turn_id: 't', input: [], request_id: 'r' });
    expect(ran).toMatchObject([{ body: '{"type":"response.create","model":"gpt-5.5","input":[]}', continues: false }]);
  });

  it.each([
    ['the upgrade', { 'session-id': 'from-header' }, { client_metadata: { session_id: 'm' } }, 'from-header'],
    ['client_metadata', {}, { client_metadata: { session_id: 'm', thread_id: 't' }, prompt_cache_key: 'p' }, 'm'],
    ['the thread', {}, { client_metadata: { session_id: ' ', thread_id: 't' } }, 't'],
    ['prompt_cache_key', {}, { client_metadata: { session_id: 1 }, prompt_cache_key: 'p' }, 'p'],
  ])('belong to the session that %s names', async (_, headers, fields, session) => {
    const { serve, ran } = turnsOf({ headers });
    await serve(create(fields));
    expect(ran[0]?.call.session).toBe(session);
  });

  it('ask again before each one whether the caller may be served; nobody is told when not (trap 54)', async () => {
    let allowed = true;
    const readmit = async () => {
      if (!allowed) throw new GatewayError('api_key_revoked', 'Revoked.');
      return CALLER;
    };
    const { serve, ran, refusals } = turnsOf({ readmit });
    await serve(create());
    allowed = false;
    expect([await serve(create()), ran.length, refusals()]).toEqual([[], 1, 1]);
  });

  it('fail, and the socket stays, when nobody can say whether the caller may be served', async () => {
    const readmit = () => Promise.reject(new GatewayError('settings_unavailable', 'Away.'));
    const { turns, serve, refusals } = turnsOf({ readmit });
    await expect(serve(create())).rejects.toMatchObject({ code: 'settings_unavailable' });
    await turns.recheck();
    expect(refusals()).toBe(0);
  });

  it('look again when something changed while nothing is served', async () => {
    const readmit = () => Promise.reject(new GatewayError('api_key_paused', 'Paused.'));
    const { turns, refusals } = turnsOf({ readmit });
    await turns.recheck();
    expect(refusals()).toBe(1);
  });

  it('are asked for once by each name, and a frame that was refused does not take its name', async () => {
    const { serve, ran } = turnsOf();
    await expect(serve(create({ turn_id: 't', input: 'no list' }))).rejects.toMatchObject({ code: 'invalid_request' });
    await serve(create({ turn_id: 't' }));
    await expect(serve(create({ turn_id: 't' }))).rejects.toMatchObject({
      code: 'duplicate_turn',
      detail: { param: 'request_id' },
    });
    expect(ran).toHaveLength(1);
  });

  it('forward response.processed, unless it is about a warm-up', async () => {
    const { serve, forwarded } = turnsOf();
    const frame = '{"type":"response.processed", "response_id":"resp_1"}';
    expect(await serve(frame)).toEqual([]);
    expect(await serve({ type: 'response.processed', response_id: 'resp_warmup_1' })).toEqual([]);
    expect(forwarded).toEqual([frame]);
  });

  it('abort with their socket, and let go of its signal when they are over', async () => {
    const { turns, ran } = turnsOf();
    const socket = new AbortController();
    await collect(turns.serve(Buffer.from(JSON.stringify(create())), socket.signal));
    const running = turns.serve(Buffer.from(JSON.stringify(create())), socket.signal);
    await running.next();
    socket.abort(new GatewayError('draining', 'Go.'));
    expect(ran.map(({ signal }) => signal.aborted)).toEqual([false, true]);
    await running.return(undefined);
  });
});

describe('the warm-up of a socket', () => {
  const warmUp = create({ generate: false, input: ['base'] });

  it('is checked like a turn and runs nothing', async () => {
    const { serve, ran } = turnsOf();
    expect(idIn(await serve(warmUp))).toBe('resp_warmup_uuid-2');
    expect(ran).toEqual([]);
    const refusing = turnsOf({ check: () => Promise.reject(new GatewayError('invalid_model', 'None.')) });
    await expect(refusing.serve(warmUp)).rejects.toMatchObject({ code: 'invalid_model' });
  });

  it('is put in front of the turn that goes on from it, also when that is asked for again', async () => {
    const { serve, ran } = turnsOf({
      session: {
        run: (call) => {
          ran.push({ call, continues: false, signal: AbortSignal.abort(), body: call.body.bytes.toString() });
          throw new GatewayError('server_is_overloaded', 'Busy.');
        },
        forward: async () => undefined,
      },
    });
    const previous_response_id = idIn(await serve(warmUp));
    const turn = serve(create({ previous_response_id }));
    await expect(turn).rejects.toMatchObject({ code: 'server_is_overloaded' });
    await expect(serve(create({ previous_response_id }))).rejects.toMatchObject({ code: 'server_is_overloaded' });
    const body = '{"type":"response.create","model":"gpt-5.5","input":["base","new"]}';
    expect(ran.map((each) => each.body)).toEqual([body, body]);
  });

  it('goes on from where it was asked for', async () => {
    const { serve, ran } = turnsOf();
    const first = idIn(await serve({ ...warmUp, previous_response_id: 'resp_1' }));
    const second = idIn(await serve(create({ generate: false, input: ['more'], previous_response_id: first })));
    await serve(create({ previous_response_id: second }));
    expect(JSON.parse(ran[0]?.body ?? '')).toMatchObject({
      previous_response_id: 'resp_1',
      input: ['base', 'more', 'new'],
    });
    expect(ran[0]?.continues).toBe(true);
  });

  it('is not kept beyond the turn that went on from it', async () => {
    const { serve } = turnsOf();
    const previous_response_id = idIn(await serve(warmUp));
    await serve(create({ previous_response_id }));
    await expect(serve(create({ previous_response_id }))).rejects.toMatchObject({
      code: 'websocket_connection_limit_reached',
    });
  });
});
