import { openDatabase } from './open-database.js';

describe('the database of a configuration', () => {
  it('is the one that DATABASE_URL names, untouched by stop', async () => {
    const url = 'postgres://somebody@db.internal/pooler';
    const database = await openDatabase({ DATABASE_URL: url, DATA_DIR: '/nonexistent/data', PG_BIN_DIR: undefined });
    expect(database).toMatchObject({ url, embedded: false });
    await expect(database.stop()).resolves.toBeUndefined();
  });

  it('is an embedded server from PG_BIN_DIR when there is no DATABASE_URL', async () => {
    const config = { DATABASE_URL: undefined, DATA_DIR: process.cwd(), PG_BIN_DIR: '/nonexistent/bin' };
    await expect(openDatabase(config)).rejects.toThrow('PG_BIN_DIR (/nonexistent/bin) has no usable PostgreSQL.');
  });
});
