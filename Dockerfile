# The service as an image: `docker build -t avizor .`; docker-compose.yml runs it.
# BASE is any image with python3 >= 3.11 and its venv module, such as python:3.13-slim.
ARG BASE=python:3.13-slim

# hadolint ignore=DL3006
FROM ${BASE} AS build
WORKDIR /build
RUN python3 -m venv /build/tools && python3 -m venv --without-pip /opt/avizor
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
# First what rarely changes, so that a new version of the service builds in seconds.
COPY requirements/build.lock requirements/run.lock ./requirements/
RUN /build/tools/bin/python -m pip install --require-hashes -r requirements/build.lock \
 && /build/tools/bin/python -m pip --python /opt/avizor/bin/python install --require-hashes -r requirements/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY service ./service
RUN /build/tools/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && /build/tools/bin/python -m pip --python /opt/avizor/bin/python install --no-deps dist/*.whl

# hadolint ignore=DL3006
FROM ${BASE}
# 10001 is nobody's number on the host; /data belongs to it, and nothing else does.
RUN groupadd --gid 10001 avizor \
 && useradd --uid 10001 --gid avizor --no-create-home --home-dir /data --shell /usr/sbin/nologin avizor \
 && install --directory --owner avizor --group avizor --mode 0750 /data
COPY --from=build /opt/avizor /opt/avizor
WORKDIR /srv/avizor
COPY watchlists ./watchlists
ENV PATH=/opt/avizor/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AVIZOR_DATA_DIR=/data \
    AVIZOR_HOST=0.0.0.0 \
    AVIZOR_TRUSTED_NETWORK=true \
    AVIZOR_PORT=8080
USER 10001:10001
VOLUME /data
EXPOSE 8080
# Straight to the port inside: no proxy setting can send this question elsewhere.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python3", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['AVIZOR_PORT']), timeout=4); c.request('GET', '/health'); sys.exit(c.getresponse().status != 200)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["avizor"]
CMD ["run"]
