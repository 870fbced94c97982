# Greenroom as an image. Two things can be built from it:
#   docker build --target app -t greenroom:VERSION .       the server, with the demo agent alone
#   docker build --target claude -t greenroom:VERSION .    the same, and the Claude Code CLI in a layer of its own
# A Node of the version that package.json pins. Pin the digest too where you can: node:…@sha256:…
ARG BASE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim

# What runs: packages the server needs, and no others.
FROM ${BASE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

# The page, built with all packages.
FROM ${BASE_IMAGE} AS page
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json vite.config.ts ./
COPY src ./src
RUN node node_modules/vite/bin/vite.js build --logLevel warn

FROM ${BASE_IMAGE} AS app
# git: conversations that begin on a repository. tini: what Claude leaves behind is reaped.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates git tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 greenroom \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin greenroom \
    && install -d -o 10001 -g 10001 -m 0700 /data
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=page /app/dist ./dist
COPY package.json LICENSE ./
COPY bin ./bin
COPY src ./src
# A first start by the user who will run it: what Node compiled is kept, and found again by that user id.
RUN install -d -o 10001 -g 10001 dist/compiled \
    && CHAT_DATA_DIR=/tmp/first setpriv --reuid 10001 --regid 10001 --clear-groups bin/greenroom usage > /dev/null \
    && rm -r /tmp/first \
    && chown -R 0:0 dist/compiled && chmod -R a+rX dist/compiled
# Everything under /app is root's: the server can read it, and change none of it.
ENV NODE_ENV=production \
    CHAT_DATA_DIR=/data
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.CHAT_PORT ?? 8080}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# -s: it reaps also where a scheduler's own init is process 1.
ENTRYPOINT ["tini", "-s", "--", "/app/bin/greenroom"]
CMD ["serve"]

# The CLI is its maker's, under terms of its own: it is fetched when the image is built, and is in no other layer.
FROM app AS claude
ARG CLAUDE_CODE_VERSION=2.1.330
USER 0:0
RUN npm install --global --no-audit --no-fund "@anthropic-ai/claude-code@${CLAUDE_CODE_VERSION}" \
    && npm cache clean --force
USER 10001:10001
