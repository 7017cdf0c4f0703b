import { asFields, asFieldsList, asText, type AccountId, type Fields, type PoolId } from '../../core/index.js';

/** The part of a secret box that this needs. */
export interface Sealer {
  seal(plain: string, aad: { readonly purpose: string; readonly row: string }): Buffer;
  open(sealed: Buffer, aad: { readonly purpose: string; readonly row: string }): string;
}

/** A reasoning item that a client gave back, and the account that can go on from it. */
export interface Reasoned {
  readonly item: Fields;
  readonly accountId: AccountId;
}

const PURPOSE = 'anthropic-messages.thinking';

/**
 * The signature of a thinking block: the upstream's own reasoning item, for the Pool that got it and nobody else. Whoever
 * sends the block back gives the model its reasoning back.
 */
export class SealedThinking {
  constructor(
    private readonly box: Sealer,
    private readonly poolId: PoolId,
  ) {}

  /** @param item a finished reasoning item; `{}` for reasoning of which none came */
  seal(item: Fields, accountId: AccountId): string {
    const { encrypted_content, summary } = item;
    return this.box.seal(JSON.stringify({ accountId, encrypted_content, summary }), this.place).toString('base64');
  }

  /** @returns undefined for what is not ours, was changed, or holds nothing that the upstream could use */
  open(signature: unknown): Reasoned | undefined {
    const text = asText(signature);
    if (text === undefined) return undefined;
    try {
      const held = asFields(JSON.parse(this.box.open(Buffer.from(text, 'base64'), this.place)));
      const content = asText(held?.['encrypted_content']);
      if (content === undefined) return undefined;
      const item = { type: 'reasoning', encrypted_content: content, summary: asFieldsList(held?.['summary']) };
      return { item, accountId: String(held?.['accountId']) as AccountId };
    } catch {
      return undefined; // a signature of Anthropic's, or of another installation
    }
  }

  private get place(): { readonly purpose: string; readonly row: string } {
    return { purpose: PURPOSE, row: this.poolId };
  }
}
