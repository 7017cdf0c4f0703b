#!/usr/bin/env node
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger } from 'nestjs-pino';
import { DataSource } from 'typeorm';
import { migrations } from '../migrations/index.js';
import { AppModule } from './app.module.js';
import { migrate, migrateDatabase } from './migrate.js';
import { commandLine, FirstStartService, type Services, type StartReport } from './operator/index.js';
import { loadConfig, type Config } from './platform/config/index.js';
import { schemaState, withAdvisoryLock } from './platform/database/index.js';
import { openDatabase } from './platform/embedded-postgres/index.js';
import { run } from './run.js';
import { answersAt, greeting, localGreeting } from './greeting.js';
import { ask, interrupted } from './terminal.js';

const out = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function services(): Promise<Services> {
  const config = commandConfig();
  const database = await openDatabase(config, { attach: true });
  try {
    if (database.embedded) await migrateDatabase(config, database.url, () => undefined);
    const root = AppModule.forCommands(config, database.url);
    const app = await NestFactory.createApplicationContext(root, { bufferLogs: true, abortOnError: false });
    app.useLogger(app.get(Logger));
    if (!(await isMigrated(app))) {
      await app.close();
      throw new Error(NOT_MIGRATED);
    }
    return {
      get: (type) => app.get(type, { strict: false }),
      close: async () => {
        await app.close();
        await database.stop();
      },
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

const NOT_MIGRATED = 'The database is not up to date: run codex-pooler migrate.';

async function isMigrated(app: INestApplicationContext): Promise<boolean> {
  return (await schemaState(app.get(DataSource, { strict: false }), migrations)).current;
}

/** Commands talk to a person: only what is broken is worth a log line. */
const commandConfig = (): Config => Object.freeze({ ...loadConfig(), LOG_LEVEL: 'error' as const });

const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string };

const program = commandLine(
  {
    serve: (role, { importAuth, variables }) => {
      const config = loadConfig(undefined, variables);
      // Anybody on the machine can read a command line, also that of a running process.
      if (variables['API_KEY'] !== undefined) process.title = 'codex-pooler';
      if (role === 'worker')
        return run({ role, config, onServing: ({ url }) => out(`codex-pooler worker: ${url}/readyz`) });
      let report: StartReport | undefined;
      return run({
        role,
        config,
        prepare: async (app, databaseUrl) => {
          const start = app.get(FirstStartService, { strict: false });
          const wishes = { importAuth, firstPool: role === 'all' && config.MODE === 'server' };
          if (!(await isMigrated(app))) {
            // It waits for `migrate`, unready, unless there is something to store before that.
            if (importAuth || config.SEED_FILE !== undefined) throw new Error(NOT_MIGRATED);
            return;
          }
          // Replicas that start together must not make the same key twice.
          report = await withAdvisoryLock(databaseUrl, 'codex-pooler start', () => start.prepare(wishes));
        },
        onServing: ({ url, local }) => {
          const lines = report ? greeting(url, report) : [answersAt(url), NOT_MIGRATED];
          for (const line of local ? localGreeting(url, local, report?.minted) : lines) out(line);
        },
      });
    },
    migrate: async () => {
      const lines: string[] = [];
      await migrate(loadConfig(), (line) => lines.push(line));
      return lines;
    },
    services,
    config: loadConfig,
    out,
    ask,
    interrupted,
  },
  version,
);

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`codex-pooler: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exit(1);
});
