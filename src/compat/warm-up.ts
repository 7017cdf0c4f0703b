import { GatewayError, type Fields, type RoutedCall } from '../core/index.js';
import { reopen } from './reopen.js';

/** Tells an id of ours from those of an upstream. */
const PREFIX = 'resp_warmup_';

interface Held {
  readonly id: string;
  readonly input: readonly unknown[];
  /** What the warm-up itself went on from. */
  readonly previous: unknown;
}

/**
 * The warm-up of one websocket: a CLI sends what never changes ahead of its first turn, and then only what is new. It is
 * answered here, and nothing of it reaches an upstream before that turn does. Source: codex-cli-wire §5.
 */
export class WarmUp {
  private held: Held | undefined;

  /** @returns the events of its answer: no output, and no usage, for nothing was used */
  answer({ model }: Pick<RoutedCall, 'model'>, body: Fields, uuid: string): readonly Fields[] {
    const id = `${PREFIX}${uuid}`;
    const { input, previous_response_id: previous } = body;
    this.held = { id, input: Array.isArray(input) ? input : [], previous };
    const response = { id, object: 'response', model, error: null, output: [] };
    return [
      { type: 'response.created', response: { ...response, status: 'in_progress' } },
      { type: 'response.completed', response: { ...response, status: 'completed' } },
    ];
  }

  /**
   * A body that goes on from the warm-up, as if it had been sent whole; any other body as it is.
   *
   * @throws GatewayError `websocket_connection_limit_reached` when it goes on from a warm-up that is not kept any more
   */
  whole(body: Fields): Fields {
    const { previous_response_id: previous, ...rest } = body;
    if (!isWarmUp(previous)) return body;
    const { held } = this;
    if (held?.id !== previous) throw reopen();
    if (!Array.isArray(body['input'])) {
      throw new GatewayError('invalid_request', 'input must be an array', { param: 'input' });
    }
    return {
      ...rest,
      ...(held.previous === undefined ? {} : { previous_response_id: held.previous }),
      input: [...held.input, ...(body['input'] as unknown[])],
    };
  }

  /** A turn that brought its own anchor was answered: from now on the client goes on from that. */
  forget(): void {
    this.held = undefined;
  }
}

export const isWarmUp = (id: unknown): id is string => typeof id === 'string' && id.startsWith(PREFIX);
