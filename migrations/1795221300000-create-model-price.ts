import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rates are pico-USD (10⁻¹² USD) per token: USD per 1 M tokens × 10⁶, so that six decimals of those are whole numbers. */
export class CreateModelPrice1795221300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE model_price (
        id             bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT model_price_pk PRIMARY KEY,
        model          text        NOT NULL
            CONSTRAINT model_price_model_ck CHECK (model <> '' AND model = lower(model)),
        tier           text        NOT NULL,
        band           text        NOT NULL CONSTRAINT model_price_band_ck CHECK (band IN ('default', 'long_context')),
        input          bigint      NULL,
        cached_input   bigint      NULL,
        cache_write    bigint      NULL,
        output         bigint      NULL,
        reasoning      bigint      NULL,
        effective_from timestamptz NOT NULL,
        source         text        NOT NULL,
        created_at     timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT model_price_rates_ck CHECK (
          input >= 0 AND cached_input >= 0 AND cache_write >= 0 AND output >= 0 AND reasoning >= 0),
        CONSTRAINT model_price_whole_ck CHECK (
          num_nonnulls(input, output) = 2 OR num_nonnulls(input, cached_input, cache_write, output, reasoning) = 0)
      )`);
    await db.query(`
      CREATE TABLE price_feed (
        id          bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT price_feed_pk PRIMARY KEY,
        version     text        NOT NULL CONSTRAINT price_feed_version_uq UNIQUE,
        source      text        NOT NULL,
        body        jsonb       NOT NULL,
        imported_at timestamptz NOT NULL DEFAULT now()
      )`);
    await db.query(`
      CREATE TABLE cost_correction (
        id                bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT cost_correction_pk PRIMARY KEY,
        call_id           uuid        NOT NULL,
        replay_id         uuid        NOT NULL,
        at                timestamptz NOT NULL DEFAULT now(),
        price_version     text        NULL,
        cost_status       text        NOT NULL CONSTRAINT cost_correction_status_ck
            CHECK (cost_status IN ('priced', 'estimated', 'unpriced', 'unknown', 'none')),
        cost_nano_usd     bigint      NULL,
        previous_nano_usd bigint      NULL,
        CONSTRAINT cost_correction_call_uq UNIQUE (call_id, replay_id),
        CONSTRAINT cost_correction_cost_ck CHECK (
          num_nonnulls(cost_nano_usd, price_version)
            = CASE WHEN cost_status IN ('priced', 'estimated') THEN 2 ELSE 0 END)
      )`);
    await db.query('CREATE INDEX cost_correction_newest_idx ON cost_correction (call_id, id)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE cost_correction, price_feed, model_price');
  }
}
