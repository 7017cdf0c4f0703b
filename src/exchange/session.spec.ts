import { aCall, emptyAnswer } from '../../test/support/upstream-services.js';
import { GatewayError, type AccountId, type Principal, type RoutedCall } from '../core/index.js';
import type { AccountAnswer, AccountSnapshot, AccountSocket } from '../upstream/index.js';
import type { ExchangeService } from './exchange.service.js';
import { ExchangeSession } from './session.js';

const account = (id: string) => ({ id: id as AccountId }) as AccountSnapshot;
const [ALICE, BOB] = [account('alice'), account('bob')];
const CALLER = {} as Principal;
const SIGNAL = new AbortController().signal;
const BEGUN = () => undefined;
const answer = (): AccountAnswer => ({ ...emptyAnswer(), failureOf: () => undefined });
const lost = () => Promise.reject(new GatewayError('stream_interrupted', 'Lost.'));

class FakeSocket implements AccountSocket {
  usable = true;
  turns = 0;
  closed = false;
  readonly sent: string[] = [];
  onTurn: () => Promise<AccountAnswer> = async () => answer();

  constructor(readonly accountId: AccountId) {}

  turn(): Promise<AccountAnswer> {
    this.turns += 1;
    return this.onTurn();
  }

  send(frame: Buffer): Promise<void> {
    this.sent.push(frame.toString());
    return Promise.resolve();
  }

  close(): void {
    this.usable = false;
    this.closed = true;
  }
}

function aSession() {
  const sockets: FakeSocket[] = [];
  const ran: RoutedCall[] = [];
  let http = 0;
  const upstream = {
    connect: (to: AccountSnapshot): Promise<AccountSocket> => {
      const socket = new FakeSocket(to.id);
      sockets.push(socket);
      return Promise.resolve(socket);
    },
    open: (): Promise<AccountAnswer> => {
      http += 1;
      return Promise.resolve(answer());
    },
  };
  const exchange = { run: (call: RoutedCall) => void ran.push(call) } as unknown as ExchangeService;
  const session = new ExchangeSession(exchange, upstream);
  return { session, sockets, ran, upstream, http: () => http };
}

const codeOf = (run: () => unknown): unknown => {
  try {
    run();
  } catch (thrown) {
    return GatewayError.from(thrown).code;
  }
  return undefined;
};

const CONTINUING = aCall({ transport: 'websocket', account: { id: ALICE.id, required: true } });

describe('ExchangeSession', () => {
  it('opens one upstream socket for the first turn and sends the next ones through it', async () => {
    const { session, sockets } = aSession();
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    expect(sockets.map(({ turns }) => turns)).toEqual([2]);
  });

  it('asks for the account that holds its socket: first of all, or alone when a turn goes on from the last', async () => {
    const { session, ran } = aSession();
    session.run(aCall(), CALLER, false, SIGNAL);
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    session.run(aCall(), CALLER, false, SIGNAL);
    session.run(aCall(), CALLER, true, SIGNAL);
    expect(ran.map((call) => call.account)).toEqual([
      undefined,
      { id: ALICE.id, required: false },
      { id: ALICE.id, required: true },
    ]);
  });

  it('has the client send everything again when what a turn goes on from is gone (trap 52)', async () => {
    const { session, sockets, ran } = aSession();
    expect(codeOf(() => session.run(aCall(), CALLER, true, SIGNAL))).toBe('websocket_connection_limit_reached');
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    for (const socket of sockets) socket.usable = false;
    expect(codeOf(() => session.run(aCall(), CALLER, true, SIGNAL))).toBe('websocket_connection_limit_reached');
    expect(ran).toEqual([]);
  });

  it('opens another socket once when a rested one turns out to be dead (trap 51)', async () => {
    const { session, sockets } = aSession();
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    for (const socket of sockets) socket.onTurn = lost;
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    expect(sockets.map(({ turns, closed }) => [turns, closed])).toEqual([
      [2, true],
      [1, false],
    ]);
  });

  it('does not do so for a turn that goes on from the last one', async () => {
    const { session, sockets } = aSession();
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    for (const socket of sockets) socket.onTurn = lost;
    const failure = session.open(ALICE, CONTINUING, SIGNAL, BEGUN);
    await expect(failure).rejects.toMatchObject({ code: 'websocket_connection_limit_reached' });
    expect(sockets).toHaveLength(1);
  });

  it('does not do so for a client that has left', async () => {
    const { session, sockets } = aSession();
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    for (const socket of sockets) socket.onTurn = lost;
    const failure = session.open(ALICE, aCall(), AbortSignal.abort(), BEGUN);
    await expect(failure).rejects.toMatchObject({ code: 'stream_interrupted' });
    expect(sockets).toHaveLength(1);
  });

  it('gives one socket up for that of another account', async () => {
    const { session, sockets } = aSession();
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    await session.open(BOB, aCall(), SIGNAL, BEGUN);
    expect(sockets.map(({ accountId, closed }) => [accountId, closed])).toEqual([
      [ALICE.id, true],
      [BOB.id, false],
    ]);
  });

  it('serves a turn over HTTP when no websocket can be had, and asks again for the next', async () => {
    const { session, upstream, http } = aSession();
    let asked = 0;
    upstream.connect = () => {
      asked += 1;
      return Promise.reject(new GatewayError('upstream_websocket_unavailable', 'None.'));
    };
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    expect([asked, http()]).toEqual([2, 2]);
  });

  it('hands on every other failure to connect', async () => {
    const { session, upstream, http } = aSession();
    upstream.connect = () => Promise.reject(new GatewayError('upstream_rate_limited', 'Slow down.'));
    await expect(session.open(ALICE, aCall(), SIGNAL, BEGUN)).rejects.toMatchObject({ code: 'upstream_rate_limited' });
    expect(http()).toBe(0);
  });

  it('forwards a frame through the socket it has, and opens none for it', async () => {
    const { session, sockets } = aSession();
    const frame = Buffer.from('{"type":"response.processed"}');
    await expect(session.forward(frame)).rejects.toMatchObject({ code: 'upstream_websocket_forward_failed' });
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    await session.forward(frame);
    expect(sockets.map(({ sent }) => sent)).toEqual([[frame.toString()]]);
  });

  it('closes its socket with the client (trap 50)', async () => {
    const { session, sockets } = aSession();
    await session.open(ALICE, aCall(), SIGNAL, BEGUN);
    session.close();
    expect(sockets.map(({ closed }) => closed)).toEqual([true]);
    expect(codeOf(() => session.run(aCall(), CALLER, true, SIGNAL))).toBe('websocket_connection_limit_reached');
  });
});
