import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddFileNameAndPurpose1795219900000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE uploaded_file
        ADD COLUMN sealed_name bytea NULL,
        ADD COLUMN purpose     text  NULL,
        ADD CONSTRAINT uploaded_file_purpose_ck
          CHECK (purpose IN ('assistants', 'batch', 'fine-tune', 'user_data', 'vision')),
        DROP CONSTRAINT uploaded_file_status_ck,
        ADD CONSTRAINT uploaded_file_status_ck CHECK (status IN ('pending_upload', 'uploaded', 'abandoned'))`);
    await db.query('CREATE INDEX uploaded_file_key_created_idx ON uploaded_file (key_id, created_at)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX uploaded_file_key_created_idx');
    await db.query(`DELETE FROM uploaded_file WHERE status = 'abandoned'`);
    await db.query(`
      ALTER TABLE uploaded_file
        DROP COLUMN sealed_name,
        DROP COLUMN purpose,
        DROP CONSTRAINT uploaded_file_status_ck,
        ADD CONSTRAINT uploaded_file_status_ck CHECK (status IN ('pending_upload', 'uploaded'))`);
  }
}
