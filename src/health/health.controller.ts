import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { HealthCheckService, TypeOrmHealthIndicator } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { LiveStreams } from '../platform/http/index.js';
import { SchemaHealth } from './schema-health.service.js';

const PROBE_MS = 1_000;

/** Probes, without credentials: they say whether, never why. */
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly schema: SchemaHealth,
    private readonly live: LiveStreams,
  ) {}

  /** The process runs; nothing else is asked. */
  @Get('healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Whether to send requests here: no shutdown began, PostgreSQL answers, and its schema is not behind this build. */
  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: 'ready' | 'unavailable' }> {
    const isReady = !this.live.draining && (await this.storesAnswer());
    if (!isReady) void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: isReady ? 'ready' : 'unavailable' };
  }

  private async storesAnswer(): Promise<boolean> {
    const ping = () => this.database.pingCheck('database', { timeout: PROBE_MS });
    try {
      await this.health.check([ping]);
      await this.health.check([() => this.schema.check()]);
      return true;
    } catch {
      return false;
    }
  }
}
