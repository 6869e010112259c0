# The product alone: no demonstration, no tests. One image serves as web, worker, beat and migration.
# tests/deployment runs these steps as plain commands in a fresh folder.
FROM python:3.12.11-slim-bookworm
WORKDIR /srv/trousseau
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 TROUSSEAU_HOME=/var/lib/trousseau
COPY requirements/base.lock requirements/base.lock
RUN pip install --require-hashes -r requirements/base.lock
COPY pyproject.toml LICENSE README.md ./
COPY requirements/base.in requirements/base.in
COPY config/ config/
COPY tenants/ tenants/
COPY broker/ broker/
COPY workers/ workers/
# Compiled here, because the running container can write nothing beside its sources.
RUN pip install --no-deps --no-build-isolation --editable . \
    && python -m compileall -q config tenants broker workers
# A number, so that a cluster can see that it is not root; the folder is for what may be lost with the container.
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/trousseau --create-home trousseau
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["python", "-m", "broker", "--host", "0.0.0.0", "--port", "8000", "--workers", "2"]
