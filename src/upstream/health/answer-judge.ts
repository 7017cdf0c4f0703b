import { GatewayError, isVisible, terminalOf, type EventBatch, type ResponseEvent } from '../../core/index.js';
import type { Permit } from './permit.js';

/** How an answer's reader and the answer parted: it was read to its end, given back before that, or it broke off. */
export type Parting = { readonly how: 'read' | 'given_back' } | { readonly how: 'broken'; readonly thrown: unknown };

interface Told {
  readonly event: ResponseEvent;
  readonly failure: GatewayError | undefined;
}

/** Watches one answer go by, and says what it means for its account's health: as soon as that is certain, and once. */
export class AnswerJudge {
  private told: Told | undefined;
  private visible = false;
  private over = false;

  /**
   * @param streams whether an end without a terminal event is no end
   * @param meaning what a failed terminal event says of the account; undefined when it belongs to the client
   * @param failed  tells the permit of a failure
   */
  constructor(
    private readonly permit: Pick<Permit, 'heard' | 'answered' | 'succeeded' | 'neutral'>,
    private readonly streams: boolean,
    private readonly meaning: (event: ResponseEvent) => GatewayError | undefined,
    private readonly failed: (failure: GatewayError) => void,
  ) {}

  see({ events }: EventBatch): void {
    this.permit.heard();
    for (const event of events) {
      if (this.over) return;
      this.judge(event);
    }
  }

  /** What a failed event means. The same event is judged once, however often it is asked about. */
  failureOf(event: ResponseEvent): GatewayError | undefined {
    if (this.told?.event !== event) {
      this.told = { event, failure: this.meaning(event) };
      this.over = true;
      if (this.told.failure) this.failed(this.told.failure);
      else this.permit.neutral();
    }
    return this.told.failure;
  }

  ended(parting: Parting): void {
    if (this.over) return;
    this.over = true;
    if (parting.how === 'broken') this.failed(GatewayError.from(parting.thrown));
    else if (parting.how === 'read' && !this.streams) this.permit.succeeded();
    else this.permit.neutral();
  }

  private judge(event: ResponseEvent): void {
    if (!this.visible && !isVisible(event)) return;
    const terminal = terminalOf(event);
    if (terminal?.outcome === 'failed') {
      this.failureOf(event);
      return;
    }
    if (!this.visible) this.permit.answered();
    this.visible = true;
    if (terminal === undefined) return;
    this.over = true;
    this.permit.succeeded();
  }
}
