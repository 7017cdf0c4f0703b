import { GatewayError, type Principal, type RoutedCall } from '../core/index.js';
import type { AccountAnswer, AccountPoolService, AccountSnapshot, AccountSocket } from '../upstream/index.js';
import type { AnswerPart } from './answer.js';
import { fullInputWanted } from './errors.js';
import type { ExchangeService, Opener } from './exchange.service.js';

/**
 * The turns of one client websocket, one after another, on one upstream websocket.
 *
 * The upstream's socket is opened at the first turn and kept for the next ones: a turn that goes on from the last
 * response can run nowhere else. When an upstream serves no websockets, a turn runs over HTTP.
 */
export class ExchangeSession implements Opener {
  private held: AccountSocket | undefined;

  constructor(
    private readonly exchange: ExchangeService,
    private readonly accounts: Pick<AccountPoolService, 'open' | 'connect'>,
  ) {}

  /**
   * Serve a turn as `ExchangeService.run` serves a call.
   *
   * @param continues whether it goes on from the last response of this session instead of bringing the full input
   * @throws GatewayError `websocket_connection_limit_reached` when what it goes on from is gone
   */
  run(call: RoutedCall, caller: Principal, continues: boolean, signal: AbortSignal): AsyncIterable<AnswerPart> {
    const held = this.held?.usable === true ? this.held : undefined;
    if (continues && held === undefined) throw fullInputWanted();
    const turn = held === undefined ? call : { ...call, account: { id: held.accountId, required: continues } };
    return this.exchange.run(turn, caller, signal, this);
  }

  /**
   * Send a frame that has no answer along with the session's turns.
   *
   * @throws GatewayError `upstream_websocket_forward_failed` when there is no upstream socket
   */
  async forward(frame: Buffer): Promise<void> {
    if (this.held?.usable !== true) {
      throw new GatewayError('upstream_websocket_forward_failed', 'There is no upstream websocket to forward this to.');
    }
    await this.held.send(frame);
  }

  async open(
    account: AccountSnapshot,
    call: RoutedCall,
    signal: AbortSignal,
    begun: () => void,
  ): Promise<AccountAnswer> {
    const { held } = this;
    if (held?.usable === true && held.accountId === account.id) {
      try {
        return await held.turn(call, signal, begun);
      } catch (thrown) {
        if (!isLost(thrown) || signal.aborted) throw thrown;
        if (call.account?.required === true) throw fullInputWanted();
        // It died unnoticed while it rested. Nothing was answered: one new socket is worth a try.
      }
    }
    this.close();
    try {
      this.held = await this.accounts.connect(account, call, signal, begun);
    } catch (thrown) {
      if (!(thrown instanceof GatewayError) || thrown.code !== 'upstream_websocket_unavailable') throw thrown;
      return this.accounts.open(account, call, signal, begun);
    }
    return this.held.turn(call, signal, begun);
  }

  /** The client is gone, or the next turn starts anew. */
  close(): void {
    this.held?.close();
    this.held = undefined;
  }
}

const isLost = (thrown: unknown): boolean => thrown instanceof GatewayError && thrown.code === 'stream_interrupted';
