import type { MigrationInterface, QueryRunner } from 'typeorm';
import { useDatabase } from '../../../test/support/database.js';
import { runMigrations } from './run-migrations.js';
import { schemaState } from './schema-state.js';

// Many statements: a busy machine takes its time.
jest.setTimeout(60_000);

class CreateFirst1700000000001 implements MigrationInterface {
  up = (runner: QueryRunner) => runner.query('CREATE TABLE first (id int PRIMARY KEY)');
  down = (runner: QueryRunner) => runner.query('DROP TABLE first');
}

class CreateSecond1700000000002 implements MigrationInterface {
  up = (runner: QueryRunner) => runner.query('CREATE TABLE second (id int PRIMARY KEY)');
  down = (runner: QueryRunner) => runner.query('DROP TABLE second');
}

class BreakHalfway1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query('CREATE TABLE half (id int PRIMARY KEY)');
    await runner.query('SELECT 1 / 0');
  }
  down = () => Promise.resolve();
}

describe('migrations', () => {
  const database = useDatabase([], { empty: true });
  const both = [CreateFirst1700000000001, CreateSecond1700000000002];
  const state = (migrations: typeof both) => schemaState(database.dataSource(), migrations);

  it('are all missing on an empty database', async () => {
    expect(await state(both)).toEqual({ current: false, missing: both.map((each) => each.name), unknown: 0 });
  });

  it('run once, oldest first, also when several processes begin together', async () => {
    const runs = await Promise.all([runMigrations(database.url(), both), runMigrations(database.url(), both)]);
    expect(runs.flat()).toEqual(both.map((each) => each.name));
    expect(await state(both)).toEqual({ current: true, missing: [], unknown: 0 });
  });

  it('leave old code current on a newer database', async () => {
    expect(await state([CreateFirst1700000000001])).toEqual({ current: true, missing: [], unknown: 1 });
  });

  it('take back the one that fails and stay pending with it', async () => {
    const withBroken = [...both, BreakHalfway1700000000003];
    await expect(runMigrations(database.url(), withBroken)).rejects.toThrow('division by zero');
    expect(await database.dataSource().query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
    expect(await schemaState(database.dataSource(), withBroken)).toMatchObject({
      current: false,
      missing: ['BreakHalfway1700000000003'],
    });
  });
});
