import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateUploadedFile1795219500000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE uploaded_file (
        file_id    text        NOT NULL CONSTRAINT uploaded_file_pk PRIMARY KEY,
        account_id uuid        NOT NULL CONSTRAINT uploaded_file_account_fk
                               REFERENCES upstream_account (id) ON DELETE CASCADE,
        pool_id    uuid        NOT NULL,
        key_id     uuid        NOT NULL,
        size_bytes bigint      NOT NULL CONSTRAINT uploaded_file_size_ck CHECK (size_bytes > 0),
        status     text        NOT NULL CONSTRAINT uploaded_file_status_ck CHECK (status IN ('pending_upload', 'uploaded')),
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
    await db.query('CREATE INDEX uploaded_file_account_idx ON uploaded_file (account_id)');
    await db.query('CREATE INDEX uploaded_file_expires_idx ON uploaded_file (expires_at)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE uploaded_file');
  }
}
