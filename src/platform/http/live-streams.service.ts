import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { GatewayError } from '../../core/index.js';
import { CONFIG, type Config } from '../config/index.js';
import { watch } from '../metrics/index.js';
import { safeError } from '../telemetry/index.js';
import type { ClientSocket } from './client-socket.js';
import { restarting } from './draining.js';

/** Room for the last frames of streams that were cut: Fastify's close waits for sockets that are busy when it starts. */
const LAST_WORDS_MS = 1_000;
/** Of websockets, one by one: their clients must not come back all at once. */
const MAX_JITTER_MS = 2_000;
/** After the drain, for a client to take the last frame of its turn and answer the close. */
const LAST_FRAME_MS = 800;
const GOING_AWAY = 1001;
/** Of a turn that was cut: the service restarts, and its client may come back at once. */
const SERVICE_RESTART = 1012;

/** What a session is told through its socket. */
type LiveSocket = Pick<ClientSocket, 'gone' | 'closed' | 'stop' | 'close' | 'cut'>;

/**
 * The replies and websockets now in flight. Each has a signal that aborts when its client leaves, or when the process
 * must go.
 */
@Injectable()
export class LiveStreams implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly log = new Logger('LiveStreams');
  private readonly open = new Map<AbortController, Promise<void>>();
  private readonly sockets = new Map<LiveSocket, AbortController>();
  private readonly unwatch = watch(() => ({
    gw_stream_open: [
      { labels: { transport: 'http' }, value: this.open.size - this.sockets.size },
      { labels: { transport: 'websocket' }, value: this.sockets.size },
    ],
    gw_ws_sessions: [{ labels: {}, value: this.sockets.size }],
  }));
  private leaving = false;
  private drains = false;
  private deadline: Promise<unknown> | undefined;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'DRAIN_MS'>) {}

  /** True from the first word of a shutdown: readiness says so, and no connection is kept for a next request. */
  get draining(): boolean {
    return this.leaving;
  }

  /** True once nothing new may begin. */
  get refusing(): boolean {
    return this.drains;
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

  /** How long one websocket waits before it goes when the drain begins, up to `mostMs`. */
  jitterMs = (mostMs: number): number => Math.random() * mostMs;

  /**
   * Serve a websocket to its end, then close it. When the process must go it is stopped between two turns; one that is
   * still at it after the drain is aborted.
   *
   * @param session gets the signal that aborts when the client is gone or the drain is over
   */
  async serve(socket: LiveSocket, session: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    void socket.gone.then(() => controller.abort(new GatewayError('client_disconnected', 'The client left.')));
    const over = session(controller.signal).then(
      () => socket.close(),
      (error: unknown) => this.broke(socket, error),
    );
    this.sockets.set(socket, controller);
    this.open.set(
      controller,
      Promise.all([over, socket.closed]).then(() => {
        this.open.delete(controller);
        this.sockets.delete(socket);
      }),
    );
    if (this.drains) this.dismiss(socket);
    await over;
  }

  /**
   * Readiness goes first, and the clock of the drain starts. What still comes is served, because whoever balances the
   * load has not heard of it yet.
   *
   * @returns after `delayMs`
   */
  async leave(delayMs: number): Promise<void> {
    this.depart();
    if (delayMs > 0) await sleep(delayMs, undefined, { ref: false });
  }

  /** Nothing new begins from now on. Called again by the shutdown itself. */
  drain(): void {
    this.depart();
    if (this.drains) return;
    this.drains = true;
    for (const socket of this.sockets.keys()) this.dismiss(socket);
  }

  /** The first hook of a shutdown, for every module: whatever other modules wait for, nothing new comes meanwhile. */
  onModuleDestroy(): void {
    this.drain();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.race([this.allClosed(), this.deadline]);
    for (const socket of this.sockets.keys()) socket.cut(SERVICE_RESTART, LAST_FRAME_MS);
    for (const controller of this.open.keys()) controller.abort(restarting());
    await Promise.race([this.allClosed(), sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    this.unwatch();
  }

  private depart(): void {
    this.leaving = true;
    this.deadline ??= sleep(this.config.DRAIN_MS, undefined, { ref: false });
  }

  private dismiss(socket: LiveSocket): void {
    const mostMs = Math.min(MAX_JITTER_MS, this.config.DRAIN_MS / 2);
    void sleep(this.jitterMs(mostMs), undefined, { ref: false }).then(() => socket.stop(GOING_AWAY));
  }

  private broke(socket: LiveSocket, error: unknown): void {
    if (GatewayError.from(error).code !== 'client_disconnected') {
      this.log.error({ msg: 'a websocket session broke', error: safeError(error) });
    }
    socket.close(true);
  }

  /** Streams that begin meanwhile are waited for as well. */
  private async allClosed(): Promise<void> {
    while (this.open.size > 0) await Promise.all(this.open.values());
  }
}
