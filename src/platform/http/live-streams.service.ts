import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { GatewayError } from '../../core/index.js';
import { CONFIG, type Config } from '../config/index.js';

/** Room for the last frames of streams that were cut: Fastify's close waits for sockets that are busy when it starts. */
const LAST_WORDS_MS = 1_000;

/** The replies now in flight. Each has a signal that aborts when its client leaves, or when the process must go. */
@Injectable()
export class LiveStreams implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly open = new Map<AbortController, Promise<void>>();
  private leaving = false;
  private deadline: Promise<unknown> | undefined;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'DRAIN_MS'>) {}

  /** True from the first word of a shutdown: readiness says so, and no connection is kept for a next request. */
  get draining(): boolean {
    return this.leaving;
  }

  get count(): number {
    return this.open.size;
  }

  /** The request's own `close` will not do: on a POST whose body was read it has long fired. */
  track({ raw }: Pick<FastifyReply, 'raw'>): AbortSignal {
    const controller = new AbortController();
    const leave = () => controller.abort(new GatewayError('client_disconnected', 'The client left.'));
    if (raw.destroyed || raw.closed) {
      leave();
      return controller.signal;
    }
    const closed = new Promise<void>((done) => {
      raw.once('close', () => {
        this.open.delete(controller);
        if (!raw.writableFinished) leave();
        done();
      });
    });
    this.open.set(controller, closed);
    return controller.signal;
  }

  /** Readiness goes first: whoever is told early, stops sending early. Called again by the shutdown itself. */
  drain(): void {
    this.leaving = true;
  }

  /** The first hook of a shutdown, for every module: the clock starts here, whatever other modules wait for meanwhile. */
  onModuleDestroy(): void {
    this.drain();
    this.deadline = sleep(this.config.DRAIN_MS, undefined, { ref: false });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.race([this.allClosed(), this.deadline]);
    for (const controller of this.open.keys()) {
      controller.abort(new GatewayError('draining', 'The gateway is restarting; try again.', { retryAfterMs: 1_000 }));
    }
    await Promise.race([this.allClosed(), sleep(LAST_WORDS_MS, undefined, { ref: false })]);
  }

  /** Streams that begin meanwhile are waited for as well. */
  private async allClosed(): Promise<void> {
    while (this.open.size > 0) await Promise.all(this.open.values());
  }
}
