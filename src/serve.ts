import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';
import type { DestinationStream } from 'pino';
import { AppModule, type Role } from './app.module.js';
import {
  addressStep,
  CredentialThrottle,
  IngressCounts,
  IngressRules,
  ingressSteps,
  LocalCallers,
  PoolKeyService,
} from './auth/index.js';
import { servedNativeRoutes, servedV1Routes } from './compat/index.js';
import { OperationRegistry } from './control/index.js';
import { apiDialectAt, dialectAt } from './dialect-at.js';
import { localShownBy, localSteps, refuseOpenDoor } from './local-mode.js';
import { McpAdmission, mcpStep } from './mcp/index.js';
import { migrateDatabase } from './migrate.js';
import { LocalStartService, methodsStep, type LocalReport } from './operator/index.js';
import type { Config } from './platform/config/index.js';
import { claimSoleProcess } from './platform/database/index.js';
import { openDatabase } from './platform/embedded-postgres/index.js';
import {
  createHttpAdapter,
  drainStep,
  GatewayErrorFilter,
  LiveStreams,
  registerIngress,
  UpgradeAdapter,
} from './platform/http/index.js';

/** A process that answers. */
export interface Served {
  readonly app: NestFastifyApplication;
  /** Where it listens, without a trailing slash. */
  readonly url: string;
  readonly databaseUrl: string;
  /** What local mode found and made; absent in server mode. */
  readonly local?: LocalReport;
  /** Drain, settle, disconnect, stop what was started here. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly role: Role;
  /** Where log lines go; stdout when absent. */
  readonly log?: DestinationStream;
  /** What has to be so before the first request is answered; its failure is the start's. */
  readonly prepare?: (app: NestFastifyApplication, databaseUrl: string) => Promise<void>;
  /** Called once when the process has to go by itself: its database is gone for good or belongs to somebody else. */
  readonly onLost?: (why: string) => void;
}

/**
 * Start a gateway, a worker, or both in one process.
 *
 * One process for all roles also brings the schema up to date; split roles leave that to `migrate` and stay unready
 * until it was run.
 *
 * @throws Error in plain words when it may not or cannot start
 */
export async function serve(config: Config, options: ServeOptions): Promise<Served> {
  const { role, log, prepare, onLost = () => undefined } = options;
  refuseUnshared(config, role);
  refuseOpenDoor(config, role);
  const database = await openDatabase(config, { onExit: () => onLost('the embedded PostgreSQL ended') });
  const closers: (() => Promise<void>)[] = [() => database.stop()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    if (config.REDIS_URL === undefined) closers.push(await claimSoleProcess(database.url, onLost));
    if (role === 'all') await migrateDatabase(config, database.url, () => undefined);
    const app = await createApp(config, role, AppModule.forRoot(config, { databaseUrl: database.url, role, log }));
    closers.push(() => leave(config, role, app));
    await app.init();
    const local = config.MODE === 'local' ? await app.get(LocalStartService, ANYWHERE).prepare() : undefined;
    await prepare?.(app, database.url);
    await app.listen({ host: config.HOST, port: role === 'worker' ? config.WORKER_PORT : config.PORT });
    return { app, url: await listeningAt(app), databaseUrl: database.url, ...(local ? { local } : {}), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Nothing balances the load of a worker, nor that of a process that did not get as far as to listen. */
async function leave(config: Config, role: Role, app: NestFastifyApplication): Promise<void> {
  const isAsked = role !== 'worker' && app.getHttpServer().listening;
  await app.get(LiveStreams, ANYWHERE).leave(isAsked ? config.DRAIN_DELAY_MS : 0);
  await app.close();
}

/** Split roles are several processes, often on several machines: what they share cannot be made up by one of them. */
function refuseUnshared(config: Config, role: Role): void {
  if (role === 'all') return;
  const missing = (['DATABASE_URL', 'REDIS_URL', 'SECRET_KEYS'] as const).filter((name) => config[name] === undefined);
  if (missing.length > 0) throw new Error(`--role ${role} needs ${missing.join(', ')}: other processes share them.`);
}

async function createApp(config: Config, role: Role, root: DynamicModule): Promise<NestFastifyApplication> {
  const adapter = createHttpAdapter(config, undefined, apiDialectAt);
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  app.useGlobalFilters(new GatewayErrorFilter(dialectAt));
  const live = app.get(LiveStreams, ANYWHERE);
  const steps =
    role === 'worker'
      ? []
      : [
          drainStep(live),
          addressStep(app.get(IngressRules, ANYWHERE), app.get(IngressCounts, ANYWHERE)),
          ...localSteps(config, servedV1Routes),
          methodsStep(app.get(OperationRegistry, ANYWHERE).operations),
          mcpStep(app.get(McpAdmission, ANYWHERE)),
          ...ingressSteps({
            keys: app.get(config.MODE === 'local' ? LocalCallers : PoolKeyService, ANYWHERE),
            servedNativeRoutes,
            servedV1Routes,
            relaysUnknownV1: config.RELAY_UNKNOWN_V1,
            ...localShownBy(config),
            throttle: app.get(CredentialThrottle, ANYWHERE),
            now: Date.now,
          }),
        ];
  registerIngress(adapter.getInstance(), steps, () => live.draining);
  app.useWebSocketAdapter(
    new UpgradeAdapter(app.getHttpServer(), {
      steps,
      refusing: () => live.refusing,
      dialectFor: dialectAt,
      maxFrameBytes: config.JSON_LIMIT_BYTES,
    }),
  );
  return app;
}

const ANYWHERE = { strict: false };

/** The address as a client would type it: a wildcard becomes loopback. */
async function listeningAt(app: NestFastifyApplication): Promise<string> {
  const url = new URL(await app.getUrl());
  if (['[::]', '[::1]', '0.0.0.0'].includes(url.hostname)) url.hostname = '127.0.0.1';
  return url.origin;
}
