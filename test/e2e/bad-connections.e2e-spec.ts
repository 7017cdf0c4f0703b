import { eventually } from '../support/eventually.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { bearer, codeOf, connectTo, head, sent } from '../support/raw-calls.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { zstdRepeated } from '../support/zstd-frame.js';

const MIB = 1024 * 1024;

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream, env: { BODY_IDLE_MS: '2000', DECOMPRESSION_MS: '300' } });

// Nothing in this file may reach the upstream or the ledger, but for the one good call that follows each refusal.
let goodCalls = 0;
afterEach(async () => {
  upstream.replyWith(hello());
  const answer = await gateway.post(ask());
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
  goodCalls += 1;
  expect(upstream.count('responses')).toBe(goodCalls);
  expect(await gateway.ledger()).toHaveLength(goodCalls);
});

describe('a connection', () => {
  it('with a header of 1 MB is answered 431 and closed', async () => {
    const connection = await connectTo(gateway);
    connection.send(head(`${bearer(gateway)}x-long: ${'x'.repeat(MIB)}\r\n\r\n`));
    const answer = await connection.untilClosed();
    expect(codeOf(answer)).toEqual([431, 'request_header_too_large']);
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('that does not speak HTTP is answered 400 and closed', async () => {
    const connection = await connectTo(gateway);
    connection.send('\x16\x03\x01\x02\x00 hello?\r\n\r\n');
    const answer = await connection.untilClosed();
    expect(codeOf(answer)).toEqual([400, 'invalid_request']);
  });

  it('that ends half way through a body leaves nothing behind', async () => {
    const connection = await connectTo(gateway);
    connection.send(head(`${bearer(gateway)}content-length: 1000\r\n\r\n{"model":"gpt-5.5",`));
    await eventually(() => expect(connection.socket.bytesWritten).toBeGreaterThan(100));
    connection.close();
  });

  it.each<[string, string, Buffer | string, number, string]>([
    ['', 'content-length: 1000\r\n', '{"model":', 408, 'request_timeout'],
    ['of chunks', 'transfer-encoding: chunked\r\n', '5\r\n{"mod\r\n', 408, 'request_timeout'],
    [
      'that is compressed',
      'content-encoding: zstd\r\ncontent-length: 1000\r\n',
      zstdRepeated('x', 100).subarray(0, 5),
      408,
      'request_decompression_timeout',
    ],
  ])('with a body %s that stalls is answered 408', async (_, headers, start, status, code) => {
    const answer = await sent(gateway, head(`${bearer(gateway)}${headers}\r\n`), start);
    expect([...codeOf(answer), answer.headers['connection']]).toEqual([status, code, 'close']);
  });

  it('that sends 64 MiB and more in chunks is answered 413 as soon as it does', async () => {
    const connection = await connectTo(gateway);
    connection.send(head(`${bearer(gateway)}transfer-encoding: chunked\r\n\r\n`));
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, 0x20), Buffer.from('\r\n')]);
    for (let n = 0; n < 65; n += 1) connection.send(chunk);
    const answer = await connection.until('}}');
    connection.close();
    expect(codeOf(answer)).toEqual([413, 'decompressed_request_too_large']);
  });
});
