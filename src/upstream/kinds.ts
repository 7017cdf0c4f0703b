import type { UpstreamKind } from '../core/index.js';
import { CodexKind } from './codex/codex-kind.service.js';
import { CodexModule } from './codex/codex.module.js';
import { OpenAiKind } from './openai/openai-kind.service.js';
import { OpenAiModule } from './openai/openai.module.js';

/** Every upstream kind there is. A new one: a folder, a line here, and its name in the check of `upstream_account`. */
export const KINDS = [
  { kind: CodexKind, module: CodexModule },
  { kind: OpenAiKind, module: OpenAiModule },
] as const;

/** The kinds by name. */
export class UpstreamKinds {
  private readonly byName: ReadonlyMap<string, UpstreamKind>;

  constructor(kinds: readonly UpstreamKind[]) {
    this.byName = new Map(kinds.map((kind) => [kind.name, kind]));
  }

  get all(): readonly UpstreamKind[] {
    return [...this.byName.values()];
  }

  /** Those whose accounts are held by an API key. @param name only this one */
  keyed(name?: string): readonly UpstreamKind[] {
    return this.all.filter((kind) => kind.credentials === 'api_key' && (name === undefined || kind.name === name));
  }

  /** @throws Error for a name that the database's check does not let in either */
  of(name: string): UpstreamKind {
    const kind = this.byName.get(name);
    if (kind === undefined) throw new Error(`There is no upstream kind '${name}'.`);
    return kind;
  }
}
