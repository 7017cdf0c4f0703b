import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { routeClassOf } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { watch } from '../../platform/metrics/index.js';
import type { Place } from '../../platform/shared-state/index.js';
import { admissionReadings, measureWait } from './admission-metrics.js';
import { Admitted } from './admitted.js';
import { gatewayBusy } from './gateway-busy.js';
import { LeaseHolder, type Lease } from './lease-holder.service.js';
import { classKey, placesOf, type IncomingCall, type IncomingCaller } from './places.js';
import { WANT_MS, WaitingLine } from './waiting-line.service.js';

/** How much is taken of what calls share. */
export interface Occupied {
  /** `key`, `pool` or `class`: the call's class of routes. */
  readonly place: string;
  readonly used: number;
  readonly limit?: number;
}

/** Who may come in now, over all replicas: by key, by Pool and by class of routes. */
@Injectable()
export class AdmissionService implements OnModuleInit, OnModuleDestroy {
  private unwatch: (() => void) | undefined;

  constructor(
    private readonly holder: LeaseHolder,
    private readonly line: WaitingLine,
    @Inject(CONFIG) private readonly config: Pick<Config, 'ROUTE_CLASS_LIMITS' | 'QUEUE_WAIT_MS'>,
  ) {}

  onModuleInit(): void {
    this.unwatch = watch(() => admissionReadings((each) => this.holder.own(classKey(each)), this.line.length));
  }

  onModuleDestroy(): void {
    this.unwatch?.();
  }

  /**
   * Let a call in, at once or when it is its turn.
   *
   * @returns what has to be released when the call is over, however it ends
   * @throws GatewayError `server_is_overloaded` when there is no place in time; the signal's reason
   */
  enter(call: IncomingCall, caller: IncomingCaller, signal: AbortSignal): Promise<Admitted> {
    const entering = this.letIn(call, caller, signal);
    measureWait(routeClassOf(call), this.config.QUEUE_WAIT_MS, entering);
    return entering;
  }

  private async letIn(call: IncomingCall, caller: IncomingCaller, signal: AbortSignal): Promise<Admitted> {
    signal.throwIfAborted();
    const waitsUntilMs = Date.now() + this.config.QUEUE_WAIT_MS;
    const places = placesOf(call, caller, this.config.ROUTE_CLASS_LIMITS);
    const lane = `${caller.keyId} ${routeClassOf(call)}`;
    const token = randomUUID();
    const first = this.line.hasLane(lane) ? undefined : await this.holder.take(places, token);
    const admitted = (lease: Lease): Admitted => new Admitted(caller.keyId, waitsUntilMs, lease);
    if (first === undefined) return admitted(await this.inLine(places, token, lane, caller, signal));
    if (signal.aborted) first.release();
    signal.throwIfAborted();
    return admitted(first);
  }

  /** How many calls have a place now of those that such a call needs, over all replicas. */
  async occupied(call: IncomingCall, caller: IncomingCaller): Promise<Occupied[]> {
    const places = placesOf(call, caller, this.config.ROUTE_CLASS_LIMITS);
    const counts = await this.holder.counts(places.map(({ key }) => key));
    return places.map(({ key, limit }, at) => ({
      place: key.split(':')[0] ?? key,
      used: counts[at] ?? 0,
      ...(limit === undefined ? {} : { limit }),
    }));
  }

  private async inLine(
    places: readonly Place[],
    token: string,
    lane: string,
    { keyId }: IncomingCaller,
    signal: AbortSignal,
  ): Promise<Lease> {
    let lease: Lease | undefined;
    const waiter = {
      who: keyId,
      lane,
      share: () => this.holder.share(places),
      lastTurn: () => this.holder.lastTurn(places),
      attempt: async () => {
        lease = await this.holder.take(places, token, WANT_MS);
        return lease !== undefined;
      },
      giveUp: () => {
        if (lease === undefined) this.holder.forget(places, token);
        else lease.release();
      },
    };
    await this.line.wait(waiter, signal, this.config.QUEUE_WAIT_MS);
    if (lease === undefined) throw gatewayBusy();
    return lease;
  }
}
