import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isLoopback, LocalCallers } from '../auth/index.js';
import { GatewayError, type PoolPolicy } from '../core/index.js';
import {
  CODEX_SETTINGS_FILE,
  codexFolder,
  codexSettings,
  CONFIG,
  contextOf,
  type CodexSettings,
  type Config,
} from '../platform/config/index.js';
import { AccountService, CatalogService } from '../upstream/index.js';

/** What local mode tells of itself, without a key, to this machine alone. No token and no path is in it. */
interface LocalState {
  readonly status: 'ok';
  /** Whether a login is there that the upstream has not refused. */
  readonly auth_available: boolean;
  readonly model: string;
  /** The file's name. */
  readonly codex_config_path: string;
  /** In tokens. */
  readonly context_window: number;
  /** In tokens. */
  readonly auto_compact_token_limit: number;
}

/** `GET /health`, in local mode only. Source: seed-features M7, C22. */
@Controller('health')
export class LocalHealthController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly callers: LocalCallers,
    private readonly accounts: AccountService,
    private readonly catalog: CatalogService,
  ) {}

  @Get()
  async state(@Req() { raw }: FastifyRequest): Promise<LocalState> {
    if (!isLoopback((raw.socket.remoteAddress ?? '').replace(/^::ffff:/, ''))) {
      throw new GatewayError('not_found', 'There is nothing at this path.');
    }
    const { pool } = await this.callers.owner(Date.now());
    const settings = await codexSettings(codexFolder(this.config.CODEX_HOME));
    const accounts = await this.accounts.list(pool.id);
    return {
      status: 'ok',
      auth_available: accounts.some(({ status }) => status === 'active'),
      model: pool.defaultModel ?? '',
      codex_config_path: CODEX_SETTINGS_FILE,
      ...(await this.limits(pool, settings)),
    };
  }

  private async limits({ id, defaultModel = '' }: PoolPolicy, settings: CodexSettings) {
    const { entries } = await this.catalog.models(id);
    const listed = entries.find(({ slug }) => slug.toLowerCase() === defaultModel.toLowerCase());
    const { contextWindow, compactAt } = contextOf(settings, listed?.entry);
    return { context_window: contextWindow, auto_compact_token_limit: compactAt };
  }
}
