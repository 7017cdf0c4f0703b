import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAccountLane1795220400000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE account_lane (
        account_id    uuid    NOT NULL,
        model         text    NOT NULL,
        route_class   text    NOT NULL,
        failures      integer NOT NULL CONSTRAINT account_lane_failures_ck CHECK (failures >= 0),
        opened_at     timestamptz NULL,
        open_until    timestamptz NULL,
        reason        text    NULL,
        probe_id      uuid    NULL,
        probing_until timestamptz NULL,
        version       bigint  NOT NULL,
        CONSTRAINT account_lane_pk PRIMARY KEY (account_id, model, route_class),
        CONSTRAINT account_lane_account_fk FOREIGN KEY (account_id) REFERENCES upstream_account (id) ON DELETE CASCADE,
        CONSTRAINT account_lane_open_ck CHECK ((opened_at IS NULL) = (open_until IS NULL)),
        CONSTRAINT account_lane_probe_ck CHECK ((probe_id IS NULL) = (probing_until IS NULL)),
        CONSTRAINT account_lane_closed_ck CHECK (open_until IS NOT NULL OR probe_id IS NULL))`);
    await db.query('ALTER TABLE upstream_account ADD COLUMN cooling_since timestamptz NULL');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE upstream_account DROP COLUMN cooling_since');
    await db.query('DROP TABLE account_lane');
  }
}
