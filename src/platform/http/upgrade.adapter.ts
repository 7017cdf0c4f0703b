import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Logger, type WebSocketAdapter } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { GatewayError, type Dialect, type Principal, type RenderedError } from '../../core/index.js';
import { safeError } from '../telemetry/index.js';
import { peerAddressOf } from './client-address.js';
import { ClientSocket } from './client-socket.js';
import { decodedPath } from './decoded-path.js';
import { restarting } from './draining.js';
import { ERROR_SOURCE } from './gateway-error.filter.js';
import { refusalOf, type IngressRequest, type IngressStep } from './ingress.js';
import { serveAsPlain } from './plain-request.js';
import { requestIdOf } from './request-id.js';
import { refuseUpgrade } from './upgrade-refusal.js';
import { WebsocketDoor, type DoorOptions, type Upgraded } from './websocket-door.js';

interface UpgradeOptions {
  /** As `registerIngress` gets them: an upgrade passes the same checks as any other request, before its 101. */
  readonly steps: readonly IngressStep[];
  /** While true, nobody gets in. */
  readonly refusing: () => boolean;
  readonly dialectFor: (path: string) => Dialect;
  /** Of one frame, and of a message made of several. */
  readonly maxFrameBytes: number;
}

/** How long the checks before the 101 may take; a client waits 15 s for a websocket. Source: codex-cli-wire §4.1. */
const HANDSHAKE_MS = 10_000;

/** A step's refusal that goes out as it is. */
class Refused extends GatewayError {
  constructor(readonly refusal: RenderedError) {
    super('not_found', 'There is nothing at this path.');
  }
}

const slow = () => new GatewayError('settings_unavailable', 'Keys cannot be checked right now; try again.');
const malformed = () => new GatewayError('invalid_request', 'The websocket handshake is not valid.');

/**
 * Websockets on the application's own HTTP server. Nest's own adapter accepts first and asks later; here every refusal is
 * a real HTTP answer, and a request for anything else than a websocket of ours is served as if it had not asked.
 */
export class UpgradeAdapter implements WebSocketAdapter<WebsocketDoor, WebSocket, DoorOptions> {
  private readonly log = new Logger('UpgradeAdapter');
  private readonly doors = new Map<string, WebsocketDoor>();
  private readonly opening = new Set<Duplex>();
  private readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    void this.answer(request, socket as Socket, head);
  };

  constructor(
    private readonly http: Server,
    private readonly options: UpgradeOptions,
  ) {
    http.on('upgrade', this.onUpgrade);
  }

  create(_port: number, options: DoorOptions): WebsocketDoor {
    const door = new WebsocketDoor(this.options.maxFrameBytes);
    for (const path of [options.path, ...(options.aliases ?? [])]) this.doors.set(path, door);
    return door;
  }

  bindClientConnect(door: WebsocketDoor, opened: (socket: ClientSocket, upgrade: Upgraded) => void): void {
    door.opened = opened;
  }

  /** Sessions read their own frames. */
  bindMessageHandlers(): void {
    return undefined;
  }

  /** By now every session had its time; what is left is cut. */
  close(door: WebsocketDoor): void {
    door.close();
  }

  dispose(): void {
    this.http.off('upgrade', this.onUpgrade);
    for (const socket of this.opening) socket.destroy();
  }

  private async answer(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const wanted = this.doorFor(request);
    if (!wanted) return serveAsPlain(this.http, request, socket, head);
    const { door, path } = wanted;
    const requestId = requestIdOf(request.headers['x-request-id'], randomUUID());
    const settle = this.begin(socket);
    const late = setTimeout(() => this.refuse(socket, path, requestId, slow()), HANDSHAKE_MS).unref();
    try {
      const { upgraded, headers } = await this.admit(door, path, request, requestId);
      if (!this.opening.has(socket)) return;
      const ws = door.accept(request, socket, head, headers);
      if (!ws) throw malformed();
      settle();
      door.opened(new ClientSocket(ws), upgraded);
    } catch (thrown) {
      this.refuse(socket, path, requestId, thrown);
    } finally {
      clearTimeout(late);
    }
  }

  /** @returns what to call when the socket is a websocket: whoever has it then cares for it, and nothing of ours stays */
  private begin(socket: Socket): () => void {
    const broken = (): void => void socket.destroy();
    const closed = (): void => void this.opening.delete(socket);
    socket.on('error', broken).once('close', closed);
    this.opening.add(socket);
    return () => {
      closed();
      socket.off('error', broken).off('close', closed);
    };
  }

  /** @returns undefined when the request asks for no websocket, or not where one is: the HTTP routes know what to say */
  private doorFor({ method, url, headers }: IncomingMessage) {
    if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket') return undefined;
    try {
      const path = decodedPath(url ?? '/');
      const door = this.doors.get(path);
      return door && { door, path };
    } catch {
      return undefined;
    }
  }

  private async admit(door: WebsocketDoor, path: string, request: IncomingMessage, requestId: string) {
    const { headers } = request;
    const peer = peerAddressOf(request);
    const asked = { method: 'GET', path, headers, ...(peer === undefined ? {} : { peer, address: peer }) };
    const admitted = await this.pass({ ...asked });
    const upgraded: Upgraded = {
      requestId,
      path,
      headers,
      caller: admitted,
      readmit: () => this.pass({ ...asked }),
    };
    const own = await door.admit(upgraded);
    if (this.options.refusing()) throw restarting();
    return { upgraded, headers: { 'x-request-id': requestId, ...own } };
  }

  private async pass(request: IngressRequest): Promise<Principal> {
    const refusal = await refusalOf(request, this.options.steps);
    if (refusal) throw new Refused(refusal);
    if (!request.caller) throw new GatewayError('internal', 'Internal server error');
    return request.caller;
  }

  private refuse(socket: Socket, path: string, requestId: string, thrown: unknown): void {
    if (!this.opening.delete(socket)) return;
    const own = { 'x-request-id': requestId, [ERROR_SOURCE]: 'gateway' };
    if (thrown instanceof Refused) return refuseUpgrade(socket, thrown.refusal, own);
    const error = GatewayError.from(thrown);
    if (error.code === 'internal') {
      this.log.error({ msg: 'a handshake failed', requestId, error: safeError(error.cause ?? error) });
    }
    refuseUpgrade(socket, this.options.dialectFor(path).renderError(error, Date.now()), own);
  }
}
