import { setImmediate as nextTurn } from 'node:timers/promises';
import { useDatabase } from '../../../test/support/database.js';
import { LoginFamilies } from '../../../test/support/login-families.js';
import { Replica } from '../../../test/support/replica.js';

const FULL = process.env['DRILLS'] === 'full';
const EXPIRIES = FULL ? 1_000 : 60;
const REPLICAS = 8;

describe(`${REPLICAS} replicas`, () => {
  const database = useDatabase();
  const logins = new LoginFamilies();
  let replicas: readonly Replica[] = [];

  beforeAll(async () => {
    const start = () => Replica.start(database.url(), (token) => logins.refresh(token));
    replicas = await Promise.all(Array.from({ length: REPLICAS }, start));
  });
  afterAll(() => Promise.all(replicas.map((replica) => replica.stop())));

  it(`refresh once for each of ${EXPIRIES} ends of a token, and never use a refresh token twice`, async () => {
    const [first] = replicas;
    const id = await first?.link(logins.login('alice').authJson, 'alice');
    if (id === undefined) throw new Error('no replica');
    for (let epoch = 1; epoch <= EXPIRIES; epoch += 1) {
      const given = await Promise.all(
        replicas.map(async ({ credentials }, index) => {
          for (let turns = (index * epoch) % 4; turns > 0; turns -= 1) await nextTurn();
          return credentials.refreshed(id, epoch);
        }),
      );
      expect(logins.refreshes).toBe(epoch);
      expect(new Set(given.map(({ accessToken }) => accessToken)).size).toBe(1);
      expect(new Set(given.map(({ credentialEpoch }) => credentialEpoch))).toEqual(new Set([epoch + 1]));
    }
    expect(logins).toMatchObject({ reuses: 0, mostAtOnce: 1 });
  }, 600_000);
});
