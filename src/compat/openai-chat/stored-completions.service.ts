import { Injectable } from '@nestjs/common';
import { asText, GatewayError, type AccountId, type Fields, type Principal } from '../../core/index.js';
import { StoredItems, StoredPages, type OpenedItem } from '../../stored/index.js';
import type { CompletionQuery } from './stored-query.js';

interface KeptCompletion {
  /** The whole completion as the client gets it. */
  readonly completion: Fields;
  readonly messages: readonly unknown[];
  readonly metadata?: Fields;
  /** The account that answered. */
  readonly accountId: AccountId;
}

interface CompletionPage {
  readonly data: readonly Fields[];
  readonly hasMore: boolean;
}

/** Completions that clients asked to have kept, where their Pool keeps them. */
@Injectable()
export class StoredCompletions {
  constructor(
    private readonly items: StoredItems,
    private readonly pages: StoredPages,
  ) {}

  /** Nothing where the Pool keeps nothing. Never rejects. What was asked is not kept: nobody can ask for it. */
  async keep({ completion, metadata, accountId }: KeptCompletion, { pool, keyId }: Principal): Promise<void> {
    const id = asText(completion['id']);
    if (!pool.stored || id === undefined) return;
    const model = asText(completion['model']) ?? '';
    const noted = metadata === undefined ? {} : { metadata };
    const item = { ...keyOf(id, pool), keyId, accountId, model, content: completion, ...noted };
    await this.items.keep(item, pool.stored, Date.now());
  }

  async list(query: CompletionQuery, { pool }: Principal): Promise<CompletionPage> {
    const { items, hasMore } = await this.pages.page({ ...query, poolId: pool.id, kind: 'completion' }, Date.now());
    return { data: items.map(completionOf), hasMore };
  }

  /** @throws GatewayError naming `completion_id` when it is not there */
  async find(id: string, { pool }: Principal): Promise<Fields> {
    return completionOf(present(await this.items.find(keyOf(id, pool), Date.now()), id));
  }

  /** Replace its metadata. @throws GatewayError as `find` */
  async describe(id: string, metadata: Fields, { pool }: Principal): Promise<Fields> {
    return completionOf(present(await this.items.describe(keyOf(id, pool), metadata, Date.now()), id));
  }

  /** @throws GatewayError as `find` */
  async forget(id: string, { pool }: Principal): Promise<void> {
    if (!(await this.items.forget(keyOf(id, pool), Date.now()))) throw missing(id);
  }
}

const keyOf = (id: string, { id: poolId }: Principal['pool']) => ({ poolId, kind: 'completion', id }) as const;

const completionOf = ({ content, metadata }: OpenedItem): Fields => ({ ...content, metadata });

function present(item: OpenedItem | undefined, id: string): OpenedItem {
  if (item === undefined) throw missing(id);
  return item;
}

const MAX_QUOTED = 256;

const missing = (id: string): GatewayError =>
  new GatewayError('stored_item_not_found', `Chat completion with id '${id.slice(0, MAX_QUOTED)}' not found.`, {
    param: 'completion_id',
  });
