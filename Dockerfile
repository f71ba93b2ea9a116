# The images of a site: `web` for everything but ranking, and `worker`, which has torch as well. Build one with
# `docker build --target web .`; docker-compose.yml builds both.

FROM node:22-slim AS pages
WORKDIR /frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/tsconfig.json frontend/vite.config.ts frontend/lit-localize.json ./
COPY frontend/locales locales
COPY frontend/public public
COPY frontend/src src
RUN npm run build

FROM python:3.11-slim AS web-packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements/web.lock /tmp/
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: -r /tmp/web.lock

FROM web-packages AS worker-packages
COPY requirements/worker.lock /tmp/
RUN /opt/venv/bin/pip install --require-hashes --prefer-binary -r /tmp/worker.lock

FROM python:3.11-slim AS site
# A fixed number, so that the owner of a volume's files is the same in every image.
RUN groupadd --system --gid 10001 mlfix \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin mlfix \
    && install -d -o mlfix -g mlfix -m 700 /data
WORKDIR /app
COPY manage.py pyproject.toml LICENSE ./
COPY mlfix_site mlfix_site
COPY review review
COPY ranking ranking
COPY frontend/__init__.py frontend/apps.py frontend/urls.py frontend/views.py frontend/
COPY frontend/templates frontend/templates
COPY --from=pages /frontend/dist frontend/dist
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MLFIX_VAR=/data MLFIX_PRODUCTION=yes
VOLUME /data
USER 10001:10001

FROM site AS worker
COPY --from=worker-packages /opt/venv /opt/venv
CMD ["python", "manage.py", "process", "ranking"]

FROM site AS web
COPY --from=web-packages /opt/venv /opt/venv
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "manage.py", "process", "web", "--host", "0.0.0.0"]
