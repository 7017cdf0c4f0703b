import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { useDatabase } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/eventually.js';
import { DatabaseModule } from './database.module.js';

describe('the connection pool', () => {
  const database = useDatabase();
  const open = async (poolSize: number) => {
    Logger.overrideLogger(false);
    const app = await NestFactory.createApplicationContext(DatabaseModule.forRoot(database.url(), { poolSize }));
    return { app, dataSource: app.get(DataSource) };
  };

  it('names itself and bounds how long a statement may run', async () => {
    const { app, dataSource } = await open(2);
    const sql = `SELECT current_setting('application_name') AS name, current_setting('statement_timeout') AS statement,
                        current_setting('idle_in_transaction_session_timeout') AS transaction`;
    expect(await dataSource.query(sql)).toEqual([{ name: 'codex-pooler', statement: '30s', transaction: '30s' }]);
    await app.close();
  });

  it('opens no more connections than it was told and closes them with the application', async () => {
    const { app, dataSource } = await open(2);
    const count = async (): Promise<number> => {
      const sql = `SELECT count(*)::int AS n FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'codex-pooler'`;
      return (await database.dataSource().query<{ n: number }[]>(sql))[0]?.n ?? -1;
    };
    await Promise.all([1, 2, 3, 4, 5].map(() => dataSource.query('SELECT pg_sleep(0.01)')));
    expect(await count()).toBe(2);
    await app.close();
    await eventually(async () => expect(await count()).toBe(0));
  });
});
