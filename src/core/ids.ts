declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type PoolId = Branded<'PoolId'>;
export type KeyId = Branded<'KeyId'>;
export type AccountId = Branded<'AccountId'>;
/** Of an operator, or of a client of the MCP endpoint. */
export type TokenId = Branded<'TokenId'>;
/** UUID of one routed call: the key of its request row, its attempts and its one ledger entry. */
export type CallId = Branded<'CallId'>;
