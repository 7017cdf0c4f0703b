import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From which addresses the gateway may be called, where operators set it while it runs: one row, or none. */
export class CreateIngressSettings1795222200000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE ingress_settings (
        singleton           boolean     NOT NULL DEFAULT true CONSTRAINT ingress_settings_pk PRIMARY KEY
                                        CONSTRAINT ingress_settings_singleton_ck CHECK (singleton),
        allow_list          text[],
        operator_allow_list text[],
        trusted_proxies     text[],
        source              text
                            CONSTRAINT ingress_settings_source_ck CHECK (source IN ('peer', 'x_forwarded_for', 'x_real_ip')),
        depth               smallint    CONSTRAINT ingress_settings_depth_ck CHECK (depth BETWEEN 0 AND 16),
        version             integer     NOT NULL DEFAULT 1,
        updated_at          timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE ingress_settings');
  }
}
