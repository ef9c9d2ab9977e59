"""The database: tables, sessions, migrations, and queries that API and worker share."""
