import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateStoredItem1795219800000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE stored_item (
        pool_id       uuid        NOT NULL,
        kind          text        NOT NULL CONSTRAINT stored_item_kind_ck CHECK (kind IN ('response', 'completion')),
        id            text        NOT NULL,
        seq           bigserial   NOT NULL,
        key_id        uuid        NOT NULL,
        account_id    uuid        NOT NULL,
        parent_id     text        NULL,
        item_ids      text[]      NOT NULL DEFAULT '{}',
        model         text        NOT NULL,
        content       bytea       NOT NULL,
        metadata      bytea       NULL,
        hidden        boolean     NOT NULL DEFAULT false,
        awaited_until timestamptz NULL,
        created_at    timestamptz NOT NULL,
        expires_at    timestamptz NOT NULL,
        CONSTRAINT stored_item_pk PRIMARY KEY (pool_id, kind, id)
      )`);
    await db.query('CREATE INDEX stored_item_visible_idx ON stored_item (pool_id, kind, seq) WHERE NOT hidden');
    await db.query('CREATE INDEX stored_item_hidden_idx ON stored_item (seq) WHERE hidden');
    await db.query(
      'CREATE INDEX stored_item_parent_idx ON stored_item (pool_id, kind, parent_id) WHERE parent_id IS NOT NULL',
    );
    await db.query('CREATE INDEX stored_item_item_ids_idx ON stored_item USING gin (item_ids) WHERE NOT hidden');
    await db.query('CREATE INDEX stored_item_expires_idx ON stored_item (expires_at) WHERE NOT hidden');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE stored_item');
  }
}
