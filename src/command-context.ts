import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger } from 'nestjs-pino';
import type { DestinationStream } from 'pino';
import { DataSource } from 'typeorm';
import { migrations } from '../migrations/index.js';
import { AppModule } from './app.module.js';
import { migrate, migrateDatabase } from './migrate.js';
import {
  CommandFailed,
  LocalOperations,
  remoteGateway,
  RemoteOperations,
  type CommandContext,
  type OperationsClient,
  type Services,
} from './operator/index.js';
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
    refuseRemote(config());
    const lines: string[] = [];
    await migrate(config(), (line) => lines.push(line));
    return lines;
  },
  services: async () => services(refuseRemote(config()), log),
  operations: () => operationsOf(config(), () => services(config(), log)),
  config,
  out: (text) => say(text, terminal),
  note: (text) => terminal.stderr?.write(`${text}\n`),
  ask: (question, signal) => ask(question, signal, terminal),
});

/** Who does operations: the gateway that the environment names, else this process. */
export async function operationsOf(config: Config, services: () => Promise<Services>): Promise<OperationsClient> {
  const gateway = remoteGateway(config);
  return gateway === undefined ? new LocalOperations(await services()) : new RemoteOperations(gateway);
}

/** @throws CommandFailed where commands are about another machine, and this one needs its own */
function refuseRemote(config: Config): Config {
  if (config.POOLER_URL === undefined) return config;
  throw new CommandFailed('This command works on the machine of the gateway only: run it there, without POOLER_URL.');
}

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
