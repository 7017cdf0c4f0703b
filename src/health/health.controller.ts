import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { HealthCheckService, TypeOrmHealthIndicator } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { LiveStreams } from '../platform/http/index.js';
import { RedisHealth } from './redis-health.service.js';
import { SchemaHealth } from './schema-health.service.js';

const PROBE_MS = 1_000;

interface Readiness {
  readonly status: 'ready' | 'unavailable';
  /** Why no requests should come; absent when they may. */
  readonly failed?: readonly ('draining' | 'database' | 'schema')[];
  /** What is away although requests are served; absent when nothing is. */
  readonly degraded?: readonly 'redis'[];
}

/** Probes, without credentials: they name the part that is away, never why. */
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly schema: SchemaHealth,
    private readonly redis: RedisHealth,
    private readonly live: LiveStreams,
  ) {}

  /** The process runs, and has started, or nobody would listen; nothing else is asked. */
  @Get(['livez', 'healthz', 'startupz'])
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Whether to send requests here: no shutdown began, PostgreSQL answers, and its schema is not behind this build. */
  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const [failed, degraded] = await Promise.all([this.failed(), this.degraded()]);
    if (failed === undefined) return { status: 'ready', ...degraded };
    void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'unavailable', failed: [failed], ...degraded };
  }

  private async failed() {
    if (this.live.draining) return 'draining';
    const ping = () => this.database.pingCheck('database', { timeout: PROBE_MS });
    if (!(await this.passes(ping))) return 'database';
    return (await this.passes(() => this.schema.check())) ? undefined : 'schema';
  }

  private async degraded(): Promise<Pick<Readiness, 'degraded'>> {
    return (await this.redis.answers()) ? {} : { degraded: ['redis'] };
  }

  private async passes(check: Parameters<HealthCheckService['check']>[0][number]): Promise<boolean> {
    try {
      await this.health.check([check]);
      return true;
    } catch {
      return false;
    }
  }
}
