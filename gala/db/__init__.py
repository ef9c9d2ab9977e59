"""The database: tables, sessions, migrations, and the job queue that lives in Postgres."""
