import { Injectable } from '@nestjs/common';
import { OperatorTokenAdmin, PoolService, type OperatorTokenKind } from '../auth/index.js';
import type { PoolId } from '../core/index.js';
import type { Applied } from './applied.js';
import type { SeedFile, SeedToken } from './seed-file.js';
import { SeedFileUnmet, seedVariable } from './seed-variable.js';

const WORDS: Readonly<Record<OperatorTokenKind, string>> = { operator: 'operator token', mcp: 'MCP token' };

/** Makes the operators' tokens that the declarative file speaks of. */
@Injectable()
export class TokenDeclarations {
  constructor(
    private readonly tokens: OperatorTokenAdmin,
    private readonly pools: PoolService,
  ) {}

  /** @throws SeedFileUnmet, or what a rejected token says */
  async apply({ mcpTokens = [], operatorTokens = [] }: SeedFile): Promise<Applied[]> {
    const done: Applied[] = [];
    for (const wanted of mcpTokens) done.push(await this.applyToken('mcp', wanted));
    for (const wanted of operatorTokens) done.push(await this.applyToken('operator', wanted));
    return done;
  }

  private async applyToken(kind: OperatorTokenKind, wanted: SeedToken): Promise<Applied> {
    const { label, secretEnv, scopes, pools, expires } = wanted;
    const secret = secretEnv === undefined ? undefined : seedVariable(secretEnv);
    const { token } = await this.tokens.ensure({
      kind,
      label,
      createdBy: 'declarative file',
      ...(secret === undefined ? {} : { secret }),
      ...(scopes === undefined ? {} : { scopes }),
      ...(pools === undefined ? {} : { poolIds: pools && (await this.idsOf(pools)) }),
      ...(expires === undefined ? {} : { expiresAt: expires }),
    });
    const isMinted = secret === undefined && token !== undefined;
    return { what: `${WORDS[kind]} ${label}`, ...(isMinted ? { token } : {}) };
  }

  private async idsOf(slugs: readonly string[]): Promise<PoolId[]> {
    const all = new Map((await this.pools.listPools()).map(({ slug, id }) => [slug, id]));
    return slugs.map((slug) => {
      const id = all.get(slug);
      if (id === undefined) throw new SeedFileUnmet(`There is no Pool "${slug}".`);
      return id;
    });
  }
}
