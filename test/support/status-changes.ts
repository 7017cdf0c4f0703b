import type { DataSource } from 'typeorm';

export interface StatusChange {
  readonly label: string;
  readonly from: string;
  readonly to: string;
}

const WATCH = `
  CREATE TABLE status_change (number serial, label text, "from" text, "to" text);
  CREATE FUNCTION note_status_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO status_change (label, "from", "to") VALUES (NEW.label, OLD.status, NEW.status);
    RETURN NEW;
  END $$;
  CREATE TRIGGER note_status_change AFTER UPDATE OF status ON upstream_account
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION note_status_change();`;

/** Every change of an account's status, as the database saw it, by the accounts' labels. */
export function useStatusChanges(database: () => DataSource): {
  of(labels: readonly string[]): Promise<StatusChange[]>;
} {
  beforeAll(async () => {
    await database().query(WATCH);
  });
  return {
    of: (labels) =>
      database().query<StatusChange[]>(
        'SELECT label, "from", "to" FROM status_change WHERE label = ANY($1) ORDER BY array_position($1, label), number',
        [labels],
      ),
  };
}
