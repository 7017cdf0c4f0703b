import {
  anchorDigest,
  CallBody,
  type AccountId,
  type Anchor,
  type CallId,
  type Operation,
  type Principal,
  type ResponseEvent,
  type RoutedCall,
} from '../../src/core/index.js';
import type { Known, Holder, Home } from '../../src/routing/continuity/known.js';
import { sessionKey } from '../../src/routing/continuity/session-digest.js';
import type { Notes } from '../../src/routing/continuity/thread.js';
import { aTurn } from '../support/routed-turns.js';
import type { Dice } from './dice.js';
import { MODELS } from './upstream.js';

/** Something in a client's input that only its maker can read. */
export interface Sealed {
  readonly kind: 'reasoning' | 'conversation';
  readonly digest: string;
  readonly maker: AccountId;
}

/** What a call goes on from, and who really made it. */
export interface Facts {
  readonly files?: AccountId;
  readonly response?: AccountId;
  /** Oldest first, as in the input. */
  readonly sealed: readonly Sealed[];
  /** The only account that ever answered the session, if there is one. */
  readonly server?: AccountId;
  /** The account that it names itself. */
  readonly prefers?: AccountId;
}

const BYTES = Buffer.from('{}');

/** A body of which only the sealed items matter. */
export class Body extends CallBody {
  constructor(
    readonly items: readonly Sealed[],
    private readonly original?: Body,
  ) {
    super(BYTES);
  }

  get isWhole(): boolean {
    return this.original === undefined;
  }

  override unsealed(since: readonly string[] = []): CallBody {
    const first = this.items.findIndex(({ digest }) => since.includes(digest));
    const own = first < 0 ? this.items.length : first;
    const kept = this.items.filter(({ kind }, at) => at >= own || kind !== 'reasoning');
    return kept.length === this.items.length ? this : new Body(kept, this);
  }
}

/** What all replicas keep of sessions and anchors. */
export class Continuity implements Notes {
  private readonly homes = new Map<string, Omit<Home, 'sure'>>();
  /** Session → where its home is kept; there is one caller. */
  private readonly keys = new Map<string, string>();
  private readonly makers = new Map<string, Holder>();

  async settle(key: string, home: Omit<Home, 'sure'>): Promise<Omit<Home, 'sure'>> {
    const winner = this.homes.get(key) ?? home;
    this.homes.set(key, winner);
    return winner;
  }

  async move(key: string, home: Omit<Home, 'sure'>): Promise<void> {
    this.homes.set(key, home);
  }

  async mint(digest: string, _: Principal, { id }: Pick<Holder, 'id'>): Promise<void> {
    this.makers.set(digest, { id, sure: true });
  }

  private keyOf({ session }: RoutedCall, caller: Principal): string | undefined {
    if (session === undefined) return undefined;
    let key = this.keys.get(session);
    if (key === undefined) {
      key = sessionKey({ session }, caller) ?? '';
      this.keys.set(session, key);
    }
    return key;
  }

  known(call: RoutedCall, caller: Principal): Known {
    const minted = new Map<string, Holder>();
    for (const { digest } of call.anchors ?? []) {
      const maker = this.makers.get(digest);
      if (maker !== undefined) minted.set(digest, maker);
    }
    const key = this.keyOf(call, caller);
    const home = key === undefined ? undefined : this.homes.get(key);
    return { minted, ...(home === undefined ? {} : { home: { ...home, sure: true } }) };
  }
}

interface Turn {
  readonly response: Omit<Sealed, 'kind'> | undefined;
  readonly files: AccountId | undefined;
  readonly transport: RoutedCall['transport'];
}

const PLAIN: Turn = { response: undefined, files: undefined, transport: 'http' };
const NEWEST = 8;
const TURNS: ReadonlySet<Operation> = new Set(['responses', 'compaction']);

/** One conversation of a client: what it has been given, and what it asks next. */
export class Client {
  private items: readonly Sealed[] = [];
  private response: Omit<Sealed, 'kind'> | undefined;
  private file: AccountId | undefined;
  private readonly servers = new Set<AccountId>();
  private made = 0;

  constructor(private readonly name: string) {}

  ask(dice: Dice, id: string): { readonly call: RoutedCall; readonly facts: Facts } {
    const operation = operationOf(dice);
    const isTurn = TURNS.has(operation);
    const items = isTurn && dice.chance(0.8) ? this.items : [];
    const { response, files, transport } = operation === 'responses' ? this.turn(dice) : PLAIN;
    const session = isTurn || dice.chance(0.5) ? this.name : undefined;
    const [server] = this.servers.size === 1 && session !== undefined ? this.servers : [];
    const call = aTurn({
      id: id as CallId,
      operation,
      model: modelOf(operation, dice),
      transport,
      body: new Body(items),
      ...(dice.chance(0.3) ? { cacheKey: `cache ${dice.below(3)}` } : {}),
      ...(session === undefined ? {} : { session }),
      ...past(items, response, files),
    });
    return { call, facts: factsOf(items, response, files, server) };
  }

  private turn(dice: Dice): Turn {
    return {
      response: dice.chance(0.15) ? this.response : undefined,
      files: dice.chance(0.3) ? this.file : undefined,
      transport: dice.chance(0.2) ? 'websocket' : 'http',
    };
  }

  /** A call without a past that prefers an account. */
  plain(id: string, account: AccountId): { readonly call: RoutedCall; readonly facts: Facts } {
    const call = aTurn({ id: id as CallId, body: new Body([]), account: { id: account, required: false } });
    return { call, facts: { sealed: [], prefers: account } };
  }

  /** An account began to answer. */
  served(call: RoutedCall, by: AccountId): void {
    if (call.session !== undefined) this.servers.add(by);
  }

  /** @returns what the client sees of the answer */
  answered(call: RoutedCall, maker: AccountId, dice: Dice): ResponseEvent[] {
    if (call.operation === 'files_create') this.file = maker;
    if (!TURNS.has(call.operation)) return [];
    const kind = call.operation === 'compaction' ? 'conversation' : 'reasoning';
    if (kind === 'reasoning' && dice.chance(0.4)) return [];
    const content = `${this.name} ${(this.made += 1)}`;
    const digest = anchorDigest(content);
    const before = kind === 'conversation' ? [] : this.items;
    this.items = [...before, { kind, digest, maker }];
    this.response = { digest: anchorDigest(`resp ${content}`), maker };
    return [itemEvent(content), endEvent(`resp ${content}`)];
  }
}

/** What a call tells of what it goes on from. */
function past(items: readonly Sealed[], response: Turn['response'], files: Turn['files']): Partial<RoutedCall> {
  const anchors = anchorsOf(items, response);
  const sealed = kindOf(items);
  return {
    ...(anchors.length > 0 ? { anchors } : {}),
    ...(sealed === undefined ? {} : { sealed }),
    ...(files === undefined ? {} : { files: [files] }),
  };
}

const factsOf = (
  sealed: readonly Sealed[],
  response: Turn['response'],
  files: Turn['files'],
  server: AccountId | undefined,
): Facts => ({
  sealed,
  ...(files === undefined ? {} : { files }),
  ...(response === undefined ? {} : { response: response.maker }),
  ...(server === undefined ? {} : { server }),
});

function operationOf(dice: Dice): Operation {
  const throwing = dice.throw();
  if (throwing < 0.76) return 'responses';
  if (throwing < 0.84) return 'compaction';
  if (throwing < 0.92) return 'files_create';
  return dice.pick(['images_generations', 'relay', 'transcribe']);
}

function kindOf(items: readonly Sealed[]): RoutedCall['sealed'] {
  if (items.length === 0) return undefined;
  return items.some(({ kind }) => kind === 'conversation') ? 'conversation' : 'reasoning';
}

function modelOf(operation: Operation, dice: Dice): string {
  if (operation === 'responses' || operation === 'compaction') return dice.chance(0.8) ? MODELS[0] : MODELS[1];
  return operation === 'images_generations' ? 'gpt-image-2' : '';
}

function anchorsOf(items: readonly Sealed[], response: Omit<Sealed, 'kind'> | undefined): Anchor[] {
  const newest = [...items].reverse();
  const folded = newest.find(({ kind }) => kind === 'conversation');
  const some = newest.slice(0, NEWEST);
  const told = folded === undefined || some.includes(folded) ? some : [...some.slice(0, NEWEST - 1), folded];
  const first: Anchor[] = response === undefined ? [] : [{ kind: 'response', digest: response.digest }];
  return [...first, ...told.map(({ kind, digest }) => ({ kind, digest }))];
}

const itemEvent = (content: string): ResponseEvent => ({
  type: 'response.output_item.done',
  raw: Buffer.from(`data: {"item":{"type":"reasoning","encrypted_content":"${content}"}}\n\n`),
  json: () => undefined,
});

const endEvent = (id: string): ResponseEvent => ({
  type: 'response.completed',
  raw: BYTES,
  json: () => ({ response: { id } }),
});
