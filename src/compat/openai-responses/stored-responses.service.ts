import { Injectable } from '@nestjs/common';
import { asFieldsList, asText, GatewayError, type AccountId, type Fields, type Principal } from '../../core/index.js';
import { StoredChains, StoredHolders, StoredItems, type OpenedItem } from '../../stored/index.js';
import { earlierInput, inputOf, responseOf } from './stored-context.js';
import type { Reference, Referred } from './stored-references.js';

interface KeptResponse {
  /** The whole response as the client gets it. */
  readonly response: Fields;
  /** What this turn itself brought, without what went before it. */
  readonly input: readonly unknown[];
  readonly previousId?: string;
  /** The account that answered. */
  readonly accountId: AccountId;
}

interface EarlierTurns {
  /** Oldest first, in the form in which it can be sent again. */
  readonly input: readonly unknown[];
  /** The account that answered last: it alone can read the reasoning in it. */
  readonly accountId?: AccountId;
}

const RESPONSE_ID = 'response_id';
const PREVIOUS = 'previous_response_id';

/** Responses that clients may come back to, and go on from, where their Pool keeps them. */
@Injectable()
export class StoredResponses {
  constructor(
    private readonly items: StoredItems,
    private readonly chains: StoredChains,
    private readonly holders: StoredHolders,
  ) {}

  /** @throws GatewayError naming `previous_response_id`: unknown, or not to be had in this Pool at all */
  async expand(previousId: string, { pool }: Principal): Promise<EarlierTurns> {
    if (!pool.stored) {
      throw new GatewayError('unsupported_parameter', `${PREVIOUS} cannot be used: responses are not stored here.`, {
        param: PREVIOUS,
      });
    }
    const turns = await this.chains.goOnFrom(keyOf(previousId, pool), PREVIOUS, Date.now());
    const last = turns?.at(-1);
    if (turns === undefined || last === undefined) throw missing(previousId, PREVIOUS, 'Previous response');
    return { input: earlierInput(turns), accountId: last.accountId };
  }

  /** What an input refers to, by id. @throws GatewayError that says where the first unknown reference stands */
  async referred(references: readonly Reference[], { pool }: Principal): Promise<ReadonlyMap<string, Referred>> {
    const of = keyOf('', pool);
    const ids = references.map(({ id }) => id);
    const holders = await this.holders.find(of, ids, 'input', Date.now());
    return new Map(
      references.map(({ id, path }) => {
        const holder = holders.get(id);
        const item = holder && outputOf(responseOf(holder)).find((each) => each['id'] === id);
        if (!holder || !item) throw missing(id, path, 'Item');
        return [id, { accountId: holder.accountId, item }];
      }),
    );
  }

  /** Nothing where the Pool keeps nothing. Never rejects. */
  async keep({ response, input, previousId, accountId }: KeptResponse, { pool, keyId }: Principal): Promise<void> {
    const id = asText(response['id']);
    if (!pool.stored || id === undefined) return;
    const model = asText(response['model']) ?? '';
    const parent = previousId === undefined ? {} : { parentId: previousId };
    const itemIds = outputOf(response).flatMap((item) => asText(item['id']) ?? []);
    const item = { ...keyOf(id, pool), keyId, accountId, model, content: { response, input }, itemIds, ...parent };
    await this.items.keep(item, pool.stored, Date.now());
  }

  /** @throws GatewayError naming `response_id` when it is not there */
  async find(id: string, { pool }: Principal): Promise<Fields> {
    const item = await this.items.find(keyOf(id, pool), Date.now());
    return responseOf(present(item, id));
  }

  /** @throws GatewayError as `find` */
  async forget(id: string, { pool }: Principal): Promise<void> {
    if (!(await this.items.forget(keyOf(id, pool), Date.now()))) throw missing(id, RESPONSE_ID);
  }

  /** All that a response was made from, what it goes on from included. @throws GatewayError as `find` */
  async inputOf(id: string, { pool }: Principal): Promise<readonly unknown[]> {
    const turns = await this.chains.read(keyOf(id, pool), RESPONSE_ID, Date.now());
    const last = present(turns?.at(-1), id);
    return [...earlierInput(turns?.slice(0, -1) ?? []), ...inputOf(last)];
  }
}

const keyOf = (id: string, { id: poolId }: Principal['pool']) => ({ poolId, kind: 'response', id }) as const;

const outputOf = ({ output }: Fields): readonly Fields[] => asFieldsList(output);

function present(item: OpenedItem | undefined, id: string): OpenedItem {
  if (item === undefined) throw missing(id, RESPONSE_ID);
  return item;
}

const MAX_QUOTED = 256;

const missing = (id: string, param: string, what = 'Response'): GatewayError =>
  new GatewayError('stored_item_not_found', `${what} with id '${id.slice(0, MAX_QUOTED)}' not found.`, { param });
