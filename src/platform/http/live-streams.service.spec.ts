import { once } from 'node:events';
import { Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { httpApp, type HttpApp } from '../../../test/support/http-app.js';
import { RawConnection } from '../../../test/support/raw-http.js';
import { GatewayError } from '../../core/index.js';
import { eventStream, LiveStreams } from './index.js';

/** The latest stream: it says `begun`, then waits to be finished or aborted. */
class Stage {
  finish: () => void = () => undefined;
  /** Resolves with the reason's code when the signal aborts. */
  aborted: Promise<string> = Promise.resolve('');
  reply: FastifyReply | undefined;

  async *play(signal: AbortSignal): AsyncGenerator<string> {
    this.aborted = new Promise((done) => {
      signal.addEventListener('abort', () => done(GatewayError.from(signal.reason).code));
    });
    const finished = new Promise<void>((done) => (this.finish = done));
    yield 'begun\n';
    await Promise.race([finished, this.aborted]);
    signal.throwIfAborted();
    yield 'done\n';
  }
}

const stage = new Stage();

@Controller('stream')
class StreamController {
  constructor(private readonly live: LiveStreams) {}

  @Get()
  get(@Res({ passthrough: true }) reply: FastifyReply) {
    stage.reply = reply;
    const frames = stage.play(this.live.track(reply));
    return eventStream(frames, (error) => `last ${GatewayError.from(error).code}\n`);
  }

  @Post()
  @HttpCode(200)
  post(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.get(reply);
  }
}

const GET = 'GET /stream HTTP/1.1\r\nhost: x\r\n\r\n';
const POST = 'POST /stream HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

async function started(drainMs: number) {
  const gateway: HttpApp = await httpApp({ controllers: [StreamController], env: { DRAIN_MS: String(drainMs) } });
  const live = gateway.app.get(LiveStreams);
  const streaming = async (request = GET) => {
    const connection = (await RawConnection.open(gateway.port)).send(request);
    await connection.until('begun');
    return connection;
  };
  return { ...gateway, live, streaming };
}

describe('LiveStreams', () => {
  it.each([
    ['GET', GET],
    ['POST whose body was read', POST],
  ])('aborts a %s when its client leaves, and forgets it', async (_, request) => {
    const { app, live, streaming } = await started(20_000);
    const connection = await streaming(request);
    expect(live.count).toBe(1);
    connection.close();
    expect([await stage.aborted, live.count]).toEqual(['client_disconnected', 0]);
    await app.close();
  });

  it('does not abort a stream that ends by itself', async () => {
    const { app, live, streaming } = await started(20_000);
    const connection = await streaming();
    const closed = once(stage.reply?.raw ?? process, 'close');
    stage.finish();
    await closed;
    const outcome = await Promise.race([stage.aborted, Promise.resolve('not aborted')]);
    expect([outcome, live.count]).toEqual(['not aborted', 0]);
    connection.close();
    await app.close();
  });

  it('aborts at once for a client that has left before', async () => {
    const { app, live, streaming } = await started(20_000);
    const connection = await streaming();
    const { reply } = stage;
    connection.close();
    await stage.aborted;
    expect([reply && live.track(reply).aborted, live.count]).toEqual([true, 0]);
    await app.close();
  });

  it('waits for open streams when the process must go', async () => {
    const { app, live, streaming } = await started(20_000);
    const connection = await streaming();
    const drain = live.drain.bind(live);
    const draining = new Promise<void>((done) => {
      live.drain = () => {
        drain();
        done();
      };
    });
    const closing = app.close();
    await draining;
    expect([live.draining, live.count]).toEqual([true, 1]);
    stage.finish();
    await closing;
    expect((await connection.untilClosed()).body).toContain('done');
  });

  it('cuts what is still open after DRAIN_MS, with a last frame', async () => {
    const { app, live, streaming } = await started(50);
    const connection = await streaming();
    await app.close();
    expect((await connection.untilClosed()).body).toContain('last draining');
    expect([await stage.aborted, live.count]).toEqual(['draining', 0]);
  });

  it('keeps no connection for a next request while it drains', async () => {
    const { app, live, url } = await started(20_000);
    const answers = [await fetch(`${url}/nothing`)];
    live.drain();
    answers.push(await fetch(`${url}/nothing`));
    expect(answers.map(({ headers }) => headers.get('connection'))).toEqual(['keep-alive', 'close']);
    await app.close();
  });
});
