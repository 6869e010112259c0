#!/bin/sh
# Run once by the database's image when its volume is empty: the owner of the tables, and the role that serves.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
     --set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" <<'SQL'
CREATE ROLE trousseau_owner LOGIN PASSWORD :'owner';
CREATE ROLE trousseau_app LOGIN PASSWORD :'app';
CREATE DATABASE trousseau OWNER trousseau_owner;
REVOKE ALL ON DATABASE trousseau FROM PUBLIC;
GRANT CONNECT ON DATABASE trousseau TO trousseau_app;
\connect trousseau
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO trousseau_owner;
SQL
