# The product alone: no demonstration, no tests. One image serves as web, worker, beat and migration.
FROM python:3.12-slim-bookworm
WORKDIR /srv/trousseau
ENV PYTHONUNBUFFERED=1 TROUSSEAU_HOME=/var/lib/trousseau
COPY requirements/base.lock requirements/base.lock
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/base.lock
COPY pyproject.toml LICENSE README.md ./
COPY requirements/base.in requirements/base.in
COPY config/ config/
COPY tenants/ tenants/
COPY broker/ broker/
COPY workers/ workers/
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --editable . \
    && useradd --system --home-dir /var/lib/trousseau --create-home trousseau
USER trousseau
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--factory", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "broker.wsgi:application"]
