import { frames, hang, hold, say } from '../../../test/support/scripted-upstream/index.js';
import { aTurn, framesOf, stalled, typesOf, until, useSockets } from '../../../test/support/upstream-sockets.js';

const never = new AbortController().signal;
const COMPLETED = '{"type":"response.completed","response":{"id":"r"}}';
const MIB = 1024 * 1024;

describe('a websocket that rests', () => {
  const fixture = useSockets();

  it('does not take a late frame for the answer to the next turn', async () => {
    const { upstream, pair } = await fixture();
    upstream.replyWith(frames('{"type":"response.created","response":{"id":"a"}}', COMPLETED), say('Two'));
    const { socket, peer } = await pair();
    await framesOf(await socket.turn(aTurn(), never));
    await peer.send('{"type":"response.done","response":{"id":"r"}}');
    await peer.send('{"type":"response.output_text.delta","delta":"late"}');
    await peer.ping();
    const types = typesOf(await framesOf(await socket.turn(aTurn(), never)));
    expect([types[0], types.at(-1)]).toEqual(['response.created', 'response.completed']);
    expect(types).not.toContain('response.done');
  });

  it('passes a quota report on with the next turn', async () => {
    const { upstream, pair } = await fixture();
    upstream.replyWith(frames(COMPLETED), frames(COMPLETED));
    const { socket, peer } = await pair();
    await framesOf(await socket.turn(aTurn(), never));
    const resetAt = Math.floor(Date.now() / 1000) + 60;
    await peer.send({
      type: 'codex.rate_limits',
      rate_limits: { primary: { used_percent: 90, window_minutes: 300, reset_at: resetAt } },
    });
    await peer.ping();
    const answer = await socket.turn(aTurn(), never);
    expect(answer.quota.receivedAtMs).toBeLessThanOrEqual(Date.now());
    expect(answer.quota.windows).toMatchObject([{ limitId: 'codex', usedPercent: 90 }]);
    expect(await framesOf(answer)).toEqual([COMPLETED]);
  });

  it.each(['destroy', 'reset', 1000, 1001, 1012] as const)(
    'is not usable after its upstream closed it: %s',
    async (how) => {
      const { pair } = await fixture();
      const { socket, peer } = await pair();
      expect(socket.usable).toBe(true);
      peer.cut(how);
      await until(() => !socket.usable);
      await expect(socket.turn(aTurn(), never)).rejects.toMatchObject({ code: 'stream_interrupted' });
    },
  );

  it('is not usable after a binary frame', async () => {
    const { pair } = await fixture();
    const { socket, peer } = await pair();
    await peer.send(Buffer.from([1]));
    await peer.closed;
    expect(socket.usable).toBe(false);
  });

  it('sends a frame that has no answer, also while a turn runs', async () => {
    const { upstream, pair } = await fixture();
    upstream.replyWith(hang());
    const { socket, peer } = await pair();
    await socket.send(Buffer.from('{"type":"response.processed","response_id":"a"}'));
    const turn = socket.turn(aTurn(), never).catch(() => undefined);
    await socket.send(Buffer.from('{"type":"response.processed","response_id":"b"}'));
    await upstream.next();
    await until(() => peer.frames.length === 3);
    expect(peer.frames.filter((frame) => frame.includes('processed'))).toHaveLength(2);
    socket.close();
    await turn;
  });

  it('cannot send a frame when it is gone', async () => {
    const { pair } = await fixture();
    const { socket, peer } = await pair();
    socket.close();
    socket.close();
    await peer.closed;
    await expect(socket.send(Buffer.from('{}'))).rejects.toMatchObject({ code: 'upstream_websocket_forward_failed' });
  });
});

describe('a websocket whose reader is slow', () => {
  const fixture = useSockets();

  it('reads no more than a little ahead, and loses nothing', async () => {
    const { upstream, pair } = await fixture();
    const held = hold();
    upstream.replyWith(held);
    const { socket } = await pair();
    const answering = socket.turn(aTurn(), never);
    let sent = 0;
    const delta = 'x'.repeat(MIB);
    const sending = (async () => {
      for (; sent < 48; sent += 1) await held.emit({ type: 'response.output_text.delta', delta });
      await held.raw(`data: ${COMPLETED}\n\n`);
    })();
    const { batches } = await answering;
    await stalled(() => sent);
    expect(sent).toBeLessThan(36);
    let frames = 0;
    for await (const { raw } of batches) frames += raw.length > MIB ? 1 : 0;
    await sending;
    expect(frames).toBe(48);
    expect(socket.usable).toBe(true);
  });
});
