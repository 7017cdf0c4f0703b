import { GatewayError, type EventBatch } from '../../core/index.js';
import {
  connectionLimit,
  createdThenFailed,
  cutAfter,
  events,
  failBeforeHeaders,
  failedFirstEvent,
  frames,
  hang,
  hold,
  incomplete,
  json,
  quota429,
  say,
  unauthorized,
  type Reply,
} from '../../../test/support/scripted-upstream/index.js';
import { aTurn, framesOf, typesOf, useSockets } from '../../../test/support/upstream-sockets.js';

const never = new AbortController().signal;
const COMPLETED = '{"type":"response.completed","response":{"id":"r"}}';

const iteratorOf = (batches: AsyncIterable<EventBatch>): AsyncIterator<EventBatch> => batches[Symbol.asyncIterator]();

describe('a turn on a websocket', () => {
  const fixture = useSockets();

  it('goes out as it is, as one text frame, and its frames come back as they were', async () => {
    const { upstream, connect } = await fixture();
    const odd = '{ "type" : "response.unheard_of", "n": 1.0, "text": "ü\\u0001" }';
    upstream.replyWith(frames(odd, COMPLETED));
    const socket = await connect();
    const call = aTurn({ n: 1 });
    const answer = await socket.turn(call, never);
    expect(await framesOf(answer)).toEqual([odd, COMPLETED]);
    expect(upstream.received[0]?.body).toEqual(call.body.bytes);
    expect(answer.status).toBe(200);
  });

  it('ends after its terminal frame, and the next one follows on the same connection', async () => {
    const { upstream, connect } = await fixture();
    upstream.replyWith(say('One'), incomplete('max_output_tokens'), say('Three', { responseId: 'resp_000001' }));
    const socket = await connect();
    const last: unknown[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      last.push(typesOf(await framesOf(await socket.turn(aTurn(), never))).at(-1));
    }
    expect(last).toEqual(['response.completed', 'response.incomplete', 'response.completed']);
    expect([socket.usable, upstream.count('upgrade')]).toEqual([true, 1]);
  });

  it('leaves the connection to the next one as soon as its terminal frame was read', async () => {
    const { upstream, connect } = await fixture();
    upstream.replyWith(frames(COMPLETED), say('Next'));
    const socket = await connect();
    const first = iteratorOf((await socket.turn(aTurn(), never)).batches);
    expect(socket.usable).toBe(false);
    await first.next();
    expect(socket.usable).toBe(true);
    const second = await socket.turn(aTurn(), never);
    expect(await first.next()).toEqual({ done: true, value: undefined });
    await first.return?.();
    expect(await framesOf(second)).not.toEqual([]);
  });

  it('is not taken while another one runs', async () => {
    const { upstream, connect } = await fixture();
    upstream.replyWith(hold());
    const socket = await connect();
    const first = socket.turn(aTurn(), never).catch(() => undefined);
    await expect(socket.turn(aTurn(), never)).rejects.toMatchObject({ code: 'stream_interrupted' });
    socket.close();
    await first;
  });

  it.each<[string, Reply]>([
    ['the connection drops', failBeforeHeaders()],
    ['the upstream says goodbye', cutAfter(0, say(''), 1001)],
    ['a binary frame comes', frames(Buffer.from(COMPLETED))],
    ['something comes that is no JSON', frames('garbage')],
    ['something comes that is no object', frames('"text"')],
  ])('is interrupted when %s before its first frame', async (_, reply) => {
    const { upstream, connect } = await fixture();
    upstream.replyWith(reply);
    const socket = await connect();
    await expect(socket.turn(aTurn(), never)).rejects.toMatchObject({ code: 'stream_interrupted' });
    expect(socket.usable).toBe(false);
    await upstream.sockets[0]?.closed;
  });

  it.each<[string, Reply]>([
    ['the connection drops', cutAfter(2, say('Never'))],
    ['it is reset', cutAfter(2, say('Never'), 'reset')],
    ['the upstream says goodbye', cutAfter(2, say('Never'), 1011)],
    ['a binary frame comes', frames('{"type":"a"}', '{"type":"b"}', Buffer.from(COMPLETED))],
    ['something comes that is no JSON', frames('{"type":"a"}', '{"type":"b"}', '}{')],
  ])('keeps what came before %s (trap 51)', async (_, reply) => {
    const { upstream, connect } = await fixture();
    upstream.replyWith(reply);
    const socket = await connect();
    const turn = iteratorOf((await socket.turn(aTurn(), never)).batches);
    expect([(await turn.next()).done, (await turn.next()).done]).toEqual([false, false]);
    await expect(turn.next()).rejects.toMatchObject({ code: 'stream_interrupted' });
    await expect(turn.next()).rejects.toMatchObject({ code: 'stream_interrupted' });
    expect(socket.usable).toBe(false);
  });

  it('has its answer when the last frame and the end of the connection come together (trap 51)', async () => {
    const { upstream, pair } = await fixture();
    upstream.replyWith(hang());
    const { socket, peer } = await pair();
    const answer = socket.turn(aTurn(), never);
    await upstream.next();
    void peer.send(COMPLETED);
    peer.cut(1011);
    expect(await framesOf(await answer)).toEqual([COMPLETED]);
    await peer.closed;
    expect(socket.usable).toBe(false);
  });

  it('that is given back before its terminal frame closes the connection (trap 50)', async () => {
    const { upstream, connect } = await fixture();
    const held = hold();
    upstream.replyWith(held);
    const socket = await connect();
    const answering = socket.turn(aTurn(), never);
    await held.text('Hel');
    const turn = iteratorOf((await answering).batches);
    await turn.next();
    const pending = turn.next();
    await turn.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    await (
      await held.opened
    ).aborted;
    expect(socket.usable).toBe(false);
  });

  it.each(['before its first frame', 'in the middle of it'])(
    'that nobody waits for any more %s closes the connection at once (trap 50)',
    async (when) => {
      const { upstream, connect } = await fixture();
      const held = hold();
      upstream.replyWith(held);
      const client = new AbortController();
      const socket = await connect();
      const answering = socket.turn(aTurn(), client.signal);
      const request = await held.opened;
      const reason = new GatewayError('client_disconnected', 'gone');
      if (when === 'before its first frame') {
        client.abort(reason);
        await expect(answering).rejects.toBe(reason);
      } else {
        await held.text('Hel');
        const turn = iteratorOf((await answering).batches);
        client.abort(reason);
        await expect(turn.next()).rejects.toBe(reason);
      }
      await request.aborted;
      expect(socket.usable).toBe(false);
    },
  );

  it('that nobody waits for is not sent', async () => {
    const { upstream, pair } = await fixture();
    const { socket, peer } = await pair();
    await expect(socket.turn(aTurn(), AbortSignal.abort())).rejects.toMatchObject({ code: 'client_disconnected' });
    await peer.closed;
    expect(upstream.received).toEqual([]);
  });

  it.each<[string, Reply]>([
    ['a failed response', createdThenFailed('invalid_prompt')],
    ['an error frame', quota429(60)],
    ['an error frame without a status', events([{ type: 'error', code: 'x' }])],
  ])('that ends with %s ends the connection too, after the client has it', async (_, reply) => {
    const { upstream, connect } = await fixture();
    upstream.replyWith(reply);
    const socket = await connect();
    expect(await framesOf(await socket.turn(aTurn(), never))).not.toEqual([]);
    expect(socket.usable).toBe(false);
    await upstream.sockets[0]?.closed;
  });

  it.each<[string, Reply, object]>([
    ['a connection that is too old', connectionLimit(), { code: 'stream_interrupted' }],
    ['refused credentials', unauthorized(), { code: 'upstream_account_rejected', detail: { upstreamStatus: 401 } }],
    ['a refused key', failedFirstEvent('invalid_api_key'), { code: 'upstream_account_rejected' }],
  ])('is no answer when all it says is %s: it may be sent again', async (_, reply, failure) => {
    const { upstream, connect } = await fixture();
    upstream.replyWith(reply);
    const socket = await connect();
    await expect(socket.turn(aTurn(), never)).rejects.toMatchObject(failure);
    expect(socket.usable).toBe(false);
    await upstream.sockets[0]?.closed;
  });

  it('is answered by the frame that refuses the request', async () => {
    const { upstream, connect } = await fixture();
    upstream.replyWith(json(400, { error: { type: 'invalid_request_error', code: 'previous_response_not_found' } }));
    const socket = await connect();
    expect(await framesOf(await socket.turn(aTurn(), never))).toEqual([
      '{"type":"error","status":400,"error":{"type":"invalid_request_error","code":"previous_response_not_found"},"headers":{"content-type":"application/json"}}',
    ]);
  });
});
