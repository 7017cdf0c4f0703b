import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger } from 'nestjs-pino';
import type { DestinationStream } from 'pino';
import { DataSource } from 'typeorm';
import { migrations } from '../migrations/index.js';
import { AppModule } from './app.module.js';
import { migrate, migrateDatabase } from './migrate.js';
import { LocalOperations, type CommandContext, type Services } from './operator/index.js';
import type { Config } from './platform/config/index.js';
import { schemaState } from './platform/database/index.js';
import { openDatabase } from './platform/embedded-postgres/index.js';
import { ask, say, type Terminal } from './terminal.js';

export const NOT_MIGRATED = 'The database is not up to date: run codex-pooler migrate.';

/**
 * What commands work with, whoever runs them; how they serve and hear of Ctrl-C is the process's.
 *
 * @param config read anew for each command
 * @param log where log lines go; stdout when absent
 */
export const commandContext = (
  config: () => Config,
  terminal: Terminal,
  log?: DestinationStream,
): Omit<CommandContext, 'serve' | 'interrupted'> => ({
  migrate: async () => {
    const lines: string[] = [];
    await migrate(config(), (line) => lines.push(line));
    return lines;
  },
  services: () => services(commandConfig(config()), log),
  operations: async () => new LocalOperations(await services(commandConfig(config()), log)),
  config,
  out: (text) => say(text, terminal),
  note: (text) => terminal.stderr?.write(`${text}\n`),
  ask: (question, signal) => ask(question, signal, terminal),
});

export async function isMigrated(app: INestApplicationContext): Promise<boolean> {
  return (await schemaState(app.get(DataSource, { strict: false }), migrations)).current;
}

async function services(config: Config, log: DestinationStream | undefined): Promise<Services> {
  const database = await openDatabase(config, { attach: true });
  try {
    if (database.embedded) await migrateDatabase(config, database.url, () => undefined);
    const root = AppModule.forCommands(config, database.url, log);
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

/** Commands talk to a person: only what is broken is worth a log line. */
const commandConfig = (config: Config): Config => Object.freeze({ ...config, LOG_LEVEL: 'error' as const });
